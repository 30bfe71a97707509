import { statementOf } from '../../../evidence/bundle.ts';
import { decodePack } from '../../../evidence/pack.ts';
import { readDocument } from '../../../evidence/read-document.ts';
import { ok, type Result } from '../../../evidence/result.ts';
import { verifyPack } from '../../../evidence/verify-pack.ts';
import type { Statement } from '../../../schemas/generated/types.ts';
import { readArguments, readFormat } from '../arguments.ts';
import { exitCodes } from '../exit-codes.ts';
import type { Io } from '../io.ts';
import { type Keys, readInput, readKeys } from '../packs.ts';
import { forJson } from '../render/escape.ts';
import { bundleLines } from '../render/presentation.ts';
import { pairLines } from '../render/report.ts';
import { styleFor, widthOf } from '../render/table.ts';

type Shown = {
  readonly statement: Statement;
  readonly documents: ReadonlyMap<string, object>;
  readonly verified: boolean;
  readonly receipt: string;
};

/** Without a key the content is shown with a loud mark that nobody vouches for it. */
export async function run(args: readonly string[], io: Io): Promise<number> {
  const read = readArguments(
    args,
    { key: 'texts', 'log-key': 'text', format: 'text' },
    { min: 1, max: 1 },
    'show PACK [--key FILE]',
  );
  const format = read.ok ? readFormat(read.value.options.format) : read;
  if (!read.ok || !format.ok) {
    if (!format.ok) io.refused(format.refusal);
    return exitCodes.usage;
  }
  const { options, positionals } = read.value;
  const keys = readKeys(
    (options.key ?? []).map(io.path),
    options['log-key'] === undefined ? undefined : io.path(options['log-key']),
  );
  if (!keys.ok) {
    io.refused(keys.refusal);
    return exitCodes.usage;
  }
  const [file = ''] = positionals;
  const bytes = readInput(io.path(file));
  const shown = bytes.ok ? open(bytes.value, keys.value) : bytes;
  if (!shown.ok) {
    io.refused({ ...shown.refusal, message: `${file}: ${shown.refusal.message}` });
    return exitCodes.failed;
  }
  const { statement, documents, verified, receipt } = shown.value;
  if (format.value === 'json') {
    io.out(`${forJson({ verified, receipt, statement, documents: Object.fromEntries(documents) })}\n`);
    return exitCodes.done;
  }
  const style = styleFor(io.stdout, io.environment);
  const width = widthOf(io.stdout);
  const { run: times, mode, chain, key, target } = statement.predicate;
  const missing = statement.subject.map(({ name }) => name).filter((name) => !documents.has(name));
  const lines = [
    verified
      ? style.good('VERIFIED')
      : style.attention('! NOT VERIFIED: nobody vouches for what follows; give --key FILE'),
    '',
    ...pairLines(
      'Bundle',
      [
        ['Collected', `${times.startedAt} to ${times.finishedAt}, by the server's own clock; ${mode}`],
        ['Server', `${target.id} (${target.basis})`],
        ['Signed by', `${key.id} (${key.protection})`],
        ['Chain', `${chain.id}, number ${chain.sequence}`],
        ['Receipt', receipt],
      ],
      width,
      style,
    ),
    '',
    ...bundleLines(documents, statement.predicate, width, style, missing),
  ];
  io.out(`${lines.join('\n')}\n`);
  return exitCodes.done;
}

function open(bytes: Uint8Array, keys: Keys): Result<Shown> {
  if (keys.any) {
    const verified = verifyPack(bytes, keys);
    if (!verified.ok) return verified;
    const { statement, read: documents, receipt } = verified.value;
    return ok({
      statement,
      documents,
      verified: true,
      receipt: receipt === 'unchecked' ? 'not checked (give --log-key)' : receipt,
    });
  }
  const pack = decodePack(bytes);
  if (!pack.ok) return pack;
  const statement = statementOf(pack.value.bundle);
  if (!statement.ok) return statement;
  const documents = new Map<string, object>();
  for (const { name, digest } of statement.value.subject) {
    const document = pack.value.documents[digest.sha256];
    if (document === undefined) continue;
    const read = readDocument(name, document);
    documents.set(name, read.ok ? read.value : document);
  }
  return ok({
    statement: statement.value,
    documents,
    verified: false,
    receipt: pack.value.receipt === undefined ? 'none' : 'not checked',
  });
}
