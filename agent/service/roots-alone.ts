/** Whether nobody but root can change a program that we become. */
import { lstatSync, realpathSync } from 'node:fs';
import { dirname } from 'node:path';

export function isRootsAlone(program: string): boolean {
  try {
    for (let path = realpathSync(program); ; path = dirname(path)) {
      const { uid, mode } = lstatSync(path);
      if (uid !== 0 || (mode & 0o022) !== 0) return false;
      if (path === '/') return true;
    }
  } catch {
    return false;
  }
}
