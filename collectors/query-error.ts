/**
 * The error of one part of a query's answer, as a stable reason. Codes and class names count, which are the
 * same in every language; the message never does.
 */
import { isRaw, textOf, textsOf } from './raw-objects.ts';

/** HRESULTs of .NET and COM that only say that something was thrown. */
const general = new Set([
  '80131500',
  '80131501',
  '80131502',
  '80131509',
  '80004005',
  '80131515',
  '80131577',
  '80131600',
  '80131604',
  '00000000',
]);
const denied = new Set(['80070005', '80041003']);

/** `id`, `category`, `type`, `hresults` in hexadecimal, `natives`. Undefined where there is no error. */
export function queryErrorReason(error: unknown): string | undefined {
  if (error === null || error === undefined) return undefined;
  if (!isRaw(error)) return 'query-error';
  const id = textOf(error['id']) ?? '';
  const type = textOf(error['type']) ?? '';
  const category = textOf(error['category']) ?? '';
  const fromId = /^HRESULT 0x([0-9a-fA-F]{8})/.exec(id)?.[1];
  const codes = [...(fromId === undefined ? [] : [fromId]), ...(textsOf(error['hresults']) ?? [])].map((code) =>
    code.toLowerCase(),
  );
  if (codes.some((code) => denied.has(code))) return 'access-denied';
  if (/^(?:UnauthorizedAccessException|SecurityException)$/.test(type) || category === 'PermissionDenied')
    return 'access-denied';
  if (type === 'CommandNotFoundException') return 'no-such-cmdlet';
  if (/LanguageMode|ConstrainedLanguage|CannotCreateTypeConstrained/.test(id)) return 'constrained-language';
  if (id.startsWith('IdentityNotMappedException')) return 'not-mapped';
  const code = codes.find((each) => /^[0-9a-f]{8}$/.test(each) && !general.has(each));
  return code === undefined ? 'query-error' : `hresult-0x${code}`;
}
