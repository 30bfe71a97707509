/** Lays the files of a package out in a folder, as they will lie on the server. */
import { chmodSync, copyFileSync, mkdirSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Stage } from './stage.ts';

export function writeStage({ files, folders }: Stage, root: string, epochSeconds: number): void {
  for (const folder of folders) mkdirSync(join(root, folder), { recursive: true });
  for (const { path, data, mode } of files) {
    const file = join(root, path);
    mkdirSync(dirname(file), { recursive: true });
    if (typeof data === 'string' || data instanceof Uint8Array) writeFileSync(file, data);
    else copyFileSync(data.file, file);
    chmodSync(file, mode);
    utimesSync(file, epochSeconds, epochSeconds);
  }
}
