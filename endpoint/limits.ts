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
  readonly maxConnectionsPerAddress: number;
  /** Requests of one address that prove nothing: how many at once, and how many more a second. */
  readonly unverifiedBurst: number;
  readonly unverifiedPerSecond: number;
  /** What one key may send, once its signature verified; an hour's worth at once. Bytes are of unpacked packs. */
  readonly bundlesPerHour: number;
  readonly bytesPerHour: number;
  /** From the connection to the end of the headers. */
  readonly headersTimeoutMs: number;
  /** How long nothing of a body may come. */
  readonly stallTimeoutMs: number;
  /** From the first byte of a request to the end of its body. */
  readonly requestTimeoutMs: number;
  readonly keepAliveTimeoutMs: number;
  /** How long nothing may pass on a connection with a request, either way: who vanished, or never reads its answer. */
  readonly idleTimeoutMs: number;
  /** How often the two timeouts above are looked at. */
  readonly checkIntervalMs: number;
  /** How long `close` waits for requests that run. */
  readonly drainTimeoutMs: number;
};

const mebibyte = 1024 * 1024;

export const defaultLimits: Limits = {
  maxBodyBytes: 16 * mebibyte,
  maxPackBytes: 64 * mebibyte,
  maxInFlight: 256,
  maxBufferedBytes: 96 * mebibyte,
  maxConnections: 2048,
  maxConnectionsPerAddress: 512,
  unverifiedBurst: 500,
  unverifiedPerSecond: 10,
  // A month of hourly bundles at once; the spool's own cap at once.
  bundlesPerHour: 1000,
  bytesPerHour: 256 * mebibyte,
  headersTimeoutMs: 10_000,
  stallTimeoutMs: 10_000,
  requestTimeoutMs: 60_000,
  keepAliveTimeoutMs: 15_000,
  idleTimeoutMs: 120_000,
  checkIntervalMs: 5_000,
  drainTimeoutMs: 10_000,
};
