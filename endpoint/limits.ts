/** What one endpoint process lets in at a time. Sizes in bytes, times in milliseconds. */
export type Limits = {
  /** A body as it travels. */
  readonly maxBodyBytes: number;
  /** A pack once it is unpacked; the format's own limit. */
  readonly maxPackBytes: number;
  /** Bundles that are read or stored at the same time; one more is told to come later. */
  readonly maxInFlight: number;
  /** Bytes of bodies held in memory over all requests. */
  readonly maxBufferedBytes: number;
  readonly maxConnections: number;
  /** From the connection to the end of the headers. */
  readonly headersTimeoutMs: number;
  /** From the first byte of a request to the end of its body. */
  readonly requestTimeoutMs: number;
  readonly keepAliveTimeoutMs: number;
  /** How often the two timeouts above are looked at. */
  readonly checkIntervalMs: number;
  /** How long `close` waits for requests that run. */
  readonly drainTimeoutMs: number;
};

const mebibyte = 1024 * 1024;

export const defaultLimits: Limits = {
  maxBodyBytes: 16 * mebibyte,
  maxPackBytes: 64 * mebibyte,
  maxInFlight: 64,
  maxBufferedBytes: 96 * mebibyte,
  maxConnections: 2048,
  headersTimeoutMs: 10_000,
  requestTimeoutMs: 60_000,
  keepAliveTimeoutMs: 15_000,
  checkIntervalMs: 5_000,
  drainTimeoutMs: 10_000,
};
