import { readFileSync, statSync } from 'node:fs';
import { ok, type Result, refuse } from '../../evidence/result.ts';

/** A bearer token from its file; refuses with `config-token`, and no message quotes it. */
export function readTokenFile(file: string): Result<string> {
  try {
    const { mode } = statSync(file);
    if (process.platform !== 'win32' && (mode & 0o077) !== 0)
      return refuse('config-token', `${file} can be read by others`, { remedy: `chmod 600 ${file}` });
    const token = readFileSync(file, 'utf8').trim();
    return /^[A-Za-z0-9._~+/-]{16,512}=*$/.test(token)
      ? ok(token)
      : refuse('config-token', `${file} holds no token`, {
          remedy: 'give the file that affiant reader create wrote',
        });
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
    return refuse('config-token', `${file} cannot be read (${code})`, {
      remedy: 'check the path and its permissions',
    });
  }
}
