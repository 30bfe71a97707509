/** The token of an enrolment, from a file or a systemd credential: never from the command line or the environment. */
import { join } from 'node:path';
import { ok, type Result, refuse } from '../../evidence/result.ts';
import { parseStrictJson } from '../../evidence/strict-json.ts';
import { validated } from '../../evidence/validate.ts';
import type { TokenFile } from '../../schemas/generated/types.ts';
import { token as isToken } from '../../schemas/generated/validators.js';
import { readSecretFile } from '../directory/secret-file.ts';

/** The name of the credential: `LoadCredential=affiant-token:/path` (systemd.exec(5)). */
export const credentialName = 'affiant-token';

/** Where the token lies: the file that was named, else the credential that systemd put there. Refuses with `usage`. */
export function tokenPath(named: string | undefined, credentialsFolder: string | undefined): Result<string> {
  if (named !== undefined) return ok(named);
  if (credentialsFolder !== undefined && credentialsFolder !== '') return ok(join(credentialsFolder, credentialName));
  return refuse('usage', 'no token is given', {
    remedy:
      'affiant enroll --token-file FILE, with the file that `affiant token create` wrote; or a systemd credential',
  });
}

/** Refuses as `readSecretFile` does, and with `token-file-invalid`; no refusal quotes the file. */
export function readTokenFile(file: string): Result<TokenFile> {
  const text = readSecretFile(file, '--token-file');
  if (!text.ok) return text;
  const parsed = parseStrictJson(Buffer.from(text.value), { maxBytes: 65_536, maxDepth: 4 });
  const token = parsed.ok ? validated(isToken, parsed.value, 'token') : parsed;
  if (token.ok) return token;
  const where =
    token.refusal.pointer === undefined || token.refusal.pointer === '' ? '' : ` (at ${token.refusal.pointer})`;
  return refuse('token-file-invalid', `${file} holds no token of affiant${where}`, {
    remedy: 'give the file as `affiant token create` wrote it',
  });
}
