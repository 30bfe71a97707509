import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A folder for one describe block, gone after it. Call it inside `describe`; the path is known once its tests run. */
export function temporaryFolder(): () => string {
  let folder: string | undefined;
  after(() => {
    if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
  });
  return () => {
    folder ??= mkdtempSync(join(tmpdir(), 'affiant-test-'));
    return folder;
  };
}
