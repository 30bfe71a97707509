/** What a PowerShell process printed, as an answer. Pure. */
import type { Raw, RawMiss } from '../machine.ts';

/** The marks around an answer, and the one after which nothing more comes. */
export function marksOf(mark: string): { readonly open: string; readonly close: string; readonly end: string } {
  return { open: `<${mark} `, close: ` ${mark}>`, end: `[${mark} end]` };
}

/**
 * Finds the answer among whatever else was printed (banners, warnings of profiles and modules). A
 * console narrower than the line wraps it: compressed JSON has no line ends of its own, so all are taken out.
 */
export function readAnswer(bytes: Uint8Array, mark: string): Raw<unknown> {
  const { open, close } = marksOf(mark);
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  // An eight-bit pipe is the rule; a host that writes UTF-16 is read too.
  const wide = buffer.indexOf(open, 'utf16le');
  const encoding = buffer.indexOf(open, 'latin1') < 0 && wide >= 0 ? 'utf16le' : 'latin1';
  const from = buffer.indexOf(open, encoding);
  const to = buffer.lastIndexOf(close, encoding);
  if (from < 0) return { outcome: 'failed', reason: 'no-answer' };
  if (to < 0) return { outcome: 'failed', reason: 'answer-cut' };
  const body = buffer.subarray(from + Buffer.byteLength(open, encoding), to);
  const text = decoded(body, encoding === 'utf16le' ? 'utf-16le' : 'utf-8');
  if (text === undefined) return { outcome: 'failed', reason: 'answer-not-utf8' };
  return readEnvelope(text.replace(/[\r\n]/g, ''));
}

function decoded(body: Uint8Array, encoding: string): string | undefined {
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(body);
  } catch {
    return undefined;
  }
}

function readEnvelope(text: string): Raw<unknown> {
  let envelope: unknown;
  try {
    envelope = JSON.parse(text);
  } catch {
    return { outcome: 'failed', reason: 'answer-not-json' };
  }
  if (typeof envelope !== 'object' || envelope === null) return { outcome: 'failed', reason: 'answer-not-json' };
  if ('error' in envelope) return missOfError(envelope.error);
  return 'value' in envelope
    ? { outcome: 'ok', value: envelope.value }
    : { outcome: 'failed', reason: 'answer-not-json' };
}

/**
 * The first line on standard error that says something to a person. A PowerShell that takes its parent for another one
 * wraps progress and errors in XML (CLIXML).
 */
export function firstWordOf(stderr: string): string | undefined {
  return stderr
    .split('\n')
    .map((each) => each.trim())
    .find((each) => each !== '' && !each.startsWith('#< CLIXML') && !each.startsWith('<Objs '));
}

type QueryError = {
  readonly id: string;
  readonly category: string;
  readonly type: string;
  readonly hresults: readonly string[];
  readonly natives: readonly number[];
  readonly message: string;
};

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : value === undefined || value === null ? [] : [value];
}

function errorOf(value: unknown): QueryError {
  const given: Readonly<Record<string, unknown>> = typeof value === 'object' && value !== null ? { ...value } : {};
  const text = (name: string): string => (typeof given[name] === 'string' ? given[name] : '');
  return {
    id: text('id'),
    category: text('category'),
    type: text('type'),
    hresults: list(given['hresults']).filter((code) => typeof code === 'string'),
    natives: list(given['natives']).filter((code) => typeof code === 'number'),
    message: text('message'),
  };
}

/** Codes that mean what they say whatever threw them: HRESULTs of Windows, COM and WMI (WBEM). */
const known: Readonly<Record<string, RawMiss>> = {
  '80070005': { outcome: 'denied', reason: 'access-denied' },
  '80041003': { outcome: 'denied', reason: 'access-denied' },
  '80041001': { outcome: 'failed', reason: 'hresult-0x80041001' },
  '8004100e': { outcome: 'unsupported', reason: 'no-such-namespace' },
  '80041010': { outcome: 'unsupported', reason: 'no-such-class' },
  '80040154': { outcome: 'unsupported', reason: 'no-such-component' },
  '80131509': { outcome: 'failed', reason: 'invalid-operation' },
};
/** HRESULTs of .NET that only say that something was thrown. */
const general = new Set([
  '80131500',
  '80131501',
  '80131502',
  '80004005',
  '80131515',
  '80131577',
  '80131604',
  '00000000',
]);

/**
 * An error of PowerShell as a miss, by codes and class names, which are the same in every language.
 * `detail` is its message, for a person.
 */
export function missOfError(error: unknown): RawMiss {
  const { id, category, type, hresults, natives, message } = errorOf(error);
  const detail = message === '' ? {} : { detail: message.replace(/\s+/g, ' ').trim().slice(0, 400) };
  return { ...missByCode(id, category, type, hresults, natives), ...detail };
}

function missByCode(
  id: string,
  category: string,
  type: string,
  hresults: readonly string[],
  natives: readonly number[],
): RawMiss {
  // CIM cmdlets put the code into the id: `HRESULT 0x8004100e,Microsoft.Management.…`.
  const fromId = /^HRESULT 0x([0-9a-fA-F]{8})/.exec(id)?.[1]?.toLowerCase();
  const codes = [...(fromId === undefined ? [] : [fromId]), ...hresults.map((code) => code.toLowerCase())];
  for (const code of codes) if (known[code] !== undefined) return known[code];
  if (type === 'CommandNotFoundException') return { outcome: 'unsupported', reason: 'no-such-cmdlet' };
  if (id.includes('LanguageMode') || id.includes('ConstrainedLanguage') || id.includes('CannotCreateTypeConstrained'))
    return { outcome: 'unsupported', reason: 'constrained-language' };
  if (type === 'UnauthorizedAccessException' || type === 'SecurityException' || category === 'PermissionDenied')
    return { outcome: 'denied', reason: 'access-denied' };
  if (type === 'ItemNotFoundException' || type === 'DriveNotFoundException')
    return { outcome: 'absent', reason: 'not-found' };
  const [native] = natives;
  if (native === 5) return { outcome: 'denied', reason: 'access-denied' };
  const code = codes.find((each) => !general.has(each) && /^[0-9a-f]{8}$/.test(each));
  if (native !== undefined && native !== 0) return { outcome: 'failed', reason: `win32-${native >>> 0}` };
  return { outcome: 'failed', reason: code === undefined ? 'query-error' : `hresult-0x${code}` };
}
