// How the engine is set for a process that lives for seconds beside the work of a server. Plain JavaScript:
// affiant.mjs reads it before types can be stripped quickly; the executable has it, too.
import { setFlagsFromString } from 'node:v8';

/** Commands that stay, or read a fleet's bundles: they take half the time again where nothing is optimised. */
const long = ['serve', 'findings', 'history', 'as-of', 'diff', 'investigate', 'report', 'plan', 'export'];

/** A young generation of 2 MiB instead of 16 keeps 7 MiB of the server's memory free. */
export function keepYoungSmall() {
  setFlagsFromString('--max-semi-space-size=2');
  setFlagsFromString('--semi-space-growth-factor=1');
}

/** Nor does code that runs for seconds repay being optimised: 8 MiB less, at the same CPU time. */
export function optimiseFor(command) {
  if (!long.includes(command ?? '')) setFlagsFromString('--max-optimized-bytecode-size=0');
}
