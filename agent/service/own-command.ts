/** How this program starts itself again. */
import { isSea } from 'node:sea';

/** Program and first arguments: the executable alone, or Node with the file that it was started with. */
export function ownCommand(): readonly string[] {
  const [node = process.execPath, script = ''] = process.argv;
  return isSea() ? [process.execPath] : [node, script];
}
