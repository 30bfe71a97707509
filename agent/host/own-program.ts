/**
 * What differs where the program is one executable (docs/decisions/050): the files that it brings lie
 * inside it, and a part that runs as a process of its own is the same executable, started by the part's name.
 */
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { getAsset, isSea } from 'node:sea';
import { fileURLToPath } from 'node:url';

/** Parts that only the program itself starts; they are no commands. */
export type OwnPart = 'internal:begin' | 'internal:leave' | 'internal:system';

/** True in the executable, false where Node runs the sources. */
export const isExecutable: boolean = isSea();

/** The file that runs. On Linux by way of the kernel, so that it is the running one also while an upgrade replaces it. */
export const ownFile: string = isExecutable && process.platform === 'linux' ? '/proc/self/exe' : process.execPath;

/** The text of a file of the project, by its path from the root. In the executable: one that packaging/assets.ts names. */
export function ownText(file: string): string {
  if (isExecutable) return getAsset(file, 'utf8');
  return readFileSync(join(dirname(dirname(dirname(fileURLToPath(import.meta.url)))), file), 'utf8');
}
