/** A signed checkpoint with what it says. */
export type SealedLog = {
  readonly size: number;
  readonly root: Uint8Array;
  readonly note: string;
  /** The verifier line of the key that signed it. */
  readonly logKey: string;
};
