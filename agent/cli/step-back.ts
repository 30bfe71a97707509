/** A collection is a guest on the server: everything else comes first. */
import { getPriority, setPriority } from 'node:os';

/** On Windows, below normal. */
const modest = 10;

/**
 * Lowers the priority of this process, which the programs that it starts inherit; one that is lower already, as the
 * units set it, stays. On Linux the kernel derives the priority of input and output from it (ioprio_set(2)), where
 * nobody set one: `ionice -c 3 affiant collect` asks for less still.
 */
export function stepBack(): void {
  try {
    if (getPriority() < modest) setPriority(modest);
  } catch {
    // Not allowed in here (a system-call filter): whoever forbids it has set a priority.
  }
}
