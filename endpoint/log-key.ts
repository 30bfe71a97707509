import { createLogKeyPem, type LogSigner, logSignerFromPem } from '../evidence/checkpoint.ts';
import { type Result, refuse } from '../evidence/result.ts';
import { loadOrCreatePem } from './key-file.ts';

/**
 * The log's signing key from the endpoint's state folder, made there at the first start. Refuses with
 * `log-key-unsafe` where others can read it, `log-key-unreadable`, and as `logSignerFromPem` does.
 */
export function loadOrCreateLogKey(folder: string, origin: string): Result<LogSigner> {
  const loaded = loadOrCreatePem(folder, 'log-key.pem', 'log-key', createLogKeyPem);
  if (!loaded.ok) return loaded;
  const signer = logSignerFromPem(loaded.value.pem, origin);
  return signer.ok ? signer : refuse(signer.refusal.code, `${loaded.value.file}: ${signer.refusal.message}`);
}
