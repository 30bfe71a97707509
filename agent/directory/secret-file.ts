/** Secrets come from files, never from the command line or the environment. */
import { readFileSync, statSync } from 'node:fs';
import { ok, type Result, refuse } from '../../evidence/result.ts';

const maxBytes = 65_536;

/**
 * The text of a file that holds one secret, without the line end behind it. Refuses with
 * `secret-file-unreadable`, `secret-file-unsafe` (others can read it, or more than its owner can
 * write it) and `secret-file-empty`. No refusal quotes the content.
 */
export function readSecretFile(file: string, setting: string): Result<string> {
  try {
    const stat = statSync(file);
    if (!stat.isFile()) return refuse('secret-file-unreadable', `${file} is no file`, { remedy: `correct ${setting}` });
    if (process.platform !== 'win32' && (stat.mode & 0o037) !== 0)
      return refuse('secret-file-unsafe', `${file} can be read or written by others`, {
        remedy: `chmod 0600 ${file}`,
      });
    if (process.platform !== 'win32' && stat.uid !== 0 && stat.uid !== process.getuid?.())
      return refuse('secret-file-unsafe', `${file} belongs to user ${stat.uid}`, { remedy: `chown root ${file}` });
    if (stat.size > maxBytes)
      return refuse('secret-file-unreadable', `${file} is larger than a secret`, { remedy: `correct ${setting}` });
    const secret = readFileSync(file, 'utf8').trim();
    if (secret === '')
      return refuse('secret-file-empty', `${file} is empty`, { remedy: 'write the secret into it, and nothing else' });
    return ok(secret);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
    return refuse('secret-file-unreadable', `${file} cannot be read (${code})`, {
      remedy: `correct ${setting}, or make the file readable for the user that runs Affiant`,
    });
  }
}
