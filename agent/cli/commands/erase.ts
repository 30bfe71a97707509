import { userInfo } from 'node:os';
import { join } from 'node:path';
import { type ErasureScope, eraseDocuments } from '../../../endpoint/retention/erase.ts';
import { ok, type Result, refuse } from '../../../evidence/result.ts';
import { readArguments, readFormat } from '../arguments.ts';
import { exitCodes } from '../exit-codes.ts';
import type { Io } from '../io.ts';
import { checkWords } from '../record-words.ts';
import { forJson } from '../render/escape.ts';
import { openSession, stateOptions, stop } from '../session.ts';
import { openOperated } from '../wire-registrar.ts';

/** Removes the documents of a server, of a key, or all that name an account. */
export async function run(args: readonly string[], io: Io): Promise<number> {
  const usage = 'erase --target ID | --key ID | --account NAME  --reason TEXT [--operator NAME] [--format table|json]';
  const read = readArguments(
    args,
    { target: 'text', key: 'text', account: 'text', reason: 'text', operator: 'text', format: 'text', ...stateOptions },
    { min: 0, max: 0 },
    usage,
  );
  if (!read.ok) return stop(io, read.refusal);
  const { options } = read.value;
  const format = readFormat(options.format);
  if (!format.ok) return stop(io, format.refusal);
  const scope = scopeOf(options);
  if (!scope.ok) return stop(io, scope.refusal);
  if (options.reason === undefined || options.reason === '')
    return stop(io, { code: 'usage', message: 'an erasure has a reason', remedy: usage });
  const words = checkWords(options);
  if (!words.ok) return stop(io, words.refusal);
  const session = await openSession(options, io);
  if (!session.ok) return stop(io, session.refusal);
  const folder = join(session.value.stateFolder, 'endpoint');
  const operated = await openOperated(folder, session.value.loaded.settings.serve);
  if (!operated.ok) return stop(io, operated.refusal);
  const { store, registrar } = operated.value;
  try {
    const operator = options.operator ?? userInfo().username;
    const erased = await eraseDocuments(registrar, { scope: scope.value, reason: options.reason, operator });
    if (!erased.ok) return stop(io, erased.refusal);
    const { documents, records } = erased.value;
    const scrubbed = await store.scrub();
    if (!scrubbed.ok) return stop(io, scrubbed.refusal);
    const where = records.length === 0 ? '' : `, recorded at ${records.join(', ')} in the log`;
    io.out(
      format.value === 'json'
        ? `${forJson({ documents, records })}\n`
        : `${documents} documents erased${where}; statements and proofs stay\n`,
    );
    io.err('affiant: backups made before still hold them until they go by their own rule\n');
    return exitCodes.done;
  } finally {
    await operated.value.close();
  }
}

function scopeOf(options: { target?: string; key?: string; account?: string }): Result<ErasureScope> {
  const { target, key, account } = options;
  const scopes: ErasureScope[] = [
    ...(target === undefined ? [] : [{ target }]),
    ...(key === undefined ? [] : [{ keyId: key }]),
    ...(account === undefined || account === '' ? [] : [{ account }]),
  ];
  const [scope] = scopes;
  return scope !== undefined && scopes.length === 1
    ? ok(scope)
    : refuse('usage', 'an erasure is of one server, one key, or one account', {
        remedy: 'affiant erase --account jane --reason "request of 2 January"',
      });
}
