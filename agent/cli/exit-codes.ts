/** What the program's exit code says. Stable: scripts rely on it. docs/cli.md lists them. */
export const exitCodes = {
  done: 0,
  /** A verification or a finding failed. */
  failed: 1,
  /** The command line or the configuration cannot be used. */
  usage: 2,
  /** Nothing is known to be wrong, but parts were not seen, not told or not judged. */
  partsUnseen: 3,
  /** The endpoint was not reached, or did not take the evidence for now; it stays in the spool. */
  spooled: 4,
  /** The state folder, the key or the recording cannot be used. */
  state: 5,
  /** A fault of the program itself. */
  fault: 70,
} as const;

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];
