/** The exit codes of refusals. */
import { exitCodes } from './exit-codes.ts';
import type { Io } from './io.ts';

/** Settings, from a file or the command line, that were read and cannot be used. */
const settingCodes: ReadonlySet<string> = new Set([
  'endpoint-url-invalid',
  'plain-http-refused',
  'ca-unreadable',
  'client-certificate-unreadable',
  'log-key-unreadable',
  'certificate-unusable',
  'trust-key-invalid',
  'trust-key-unreadable',
  'policy-unknown',
]);

/** The exit code that goes with a refusal before anything was done. */
export function exitCodeOf(code: string): number {
  return code === 'usage' || code.startsWith('config-') || settingCodes.has(code) ? exitCodes.usage : exitCodes.state;
}

/** Says why and ends. */
export function stop(io: Io, refusal: Parameters<Io['refused']>[0]): number {
  io.refused(refusal);
  return exitCodeOf(refusal.code);
}
