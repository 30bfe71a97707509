import { statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';

/**
 * Where files lie in memory and flushing costs nothing: for tests that kill processes, which lose nothing that
 * was written, flushed or not. (What a power cut loses is another test.)
 */
export function memoryFolder(): string {
  const folder = '/dev/shm';
  try {
    const { bavail, bsize } = statfsSync(folder);
    return bavail * bsize > 512 * 1024 ** 2 ? folder : tmpdir();
  } catch {
    return tmpdir();
  }
}
