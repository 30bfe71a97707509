import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { statementOf } from '../../../evidence/bundle.ts';
import { canonicalBytes } from '../../../evidence/canonical-json.ts';
import { decodePack } from '../../../evidence/pack.ts';
import { readArguments, readFormat } from '../arguments.ts';
import { exitCodes } from '../exit-codes.ts';
import type { Io } from '../io.ts';
import { readInput } from '../packs.ts';
import { forJson, forTerminal } from '../render/escape.ts';

/** Writes into an empty or new folder; a file that stands there is never replaced. */
export async function run(args: readonly string[], io: Io): Promise<number> {
  const read = readArguments(args, { format: 'text' }, { min: 2, max: 2 }, 'unpack PACK DIR [--format table|json]');
  const format = read.ok ? readFormat(read.value.options.format) : read;
  if (!read.ok || !format.ok) {
    if (!format.ok) io.refused(format.refusal);
    return exitCodes.usage;
  }
  const [file = '', given = ''] = read.value.positionals;
  const bytes = readInput(io.path(file));
  const pack = bytes.ok ? decodePack(bytes.value) : bytes;
  if (!pack.ok) {
    io.refused({ ...pack.refusal, message: `${file}: ${pack.refusal.message}` });
    return exitCodes.failed;
  }
  const statement = statementOf(pack.value.bundle);
  if (!statement.ok) {
    io.refused({ ...statement.refusal, message: `${file}: ${statement.refusal.message}` });
    return exitCodes.failed;
  }
  const folder = io.path(given);
  const missing: string[] = [];
  const files: [string, Uint8Array][] = [
    ['bundle.sigstore.json', canonicalBytes(pack.value.bundle)],
    ['statement.json', Buffer.from(pack.value.bundle.dsseEnvelope.payload, 'base64')],
  ];
  for (const { name, digest } of statement.value.subject) {
    const document = pack.value.documents[digest.sha256];
    if (document === undefined) {
      missing.push(name);
      io.err(`affiant: the pack does not hold the document ${forTerminal(name)}\n`);
    } else files.push([`${name.replaceAll('/', '-')}.json`, canonicalBytes(document)]);
  }
  if (pack.value.receipt !== undefined) files.push(['receipt.json', canonicalBytes(pack.value.receipt)]);
  try {
    mkdirSync(folder, { recursive: true });
    if (readdirSync(folder).length > 0) {
      io.refused({ code: 'folder-not-empty', message: `${given} is not empty`, remedy: 'name a new folder' });
      return exitCodes.usage;
    }
    for (const [name, content] of files) writeFileSync(join(folder, name), content, { flag: 'wx' });
  } catch (error) {
    io.refused({
      code: 'unwritable',
      message: `${given} cannot be written (${error instanceof Error && 'code' in error ? String(error.code) : 'unknown'})`,
      remedy: 'name a folder that you may write',
    });
    return exitCodes.usage;
  }
  io.err(`affiant: unpacked, not verified: docs/verify-without-us.md says how to\n`);
  const written = files.map(([name]) => join(folder, name));
  if (format.value === 'json') io.out(`${forJson({ folder, written, missing, verified: false })}\n`);
  else for (const [name] of files) io.out(`${forTerminal(join(given, name))}\n`);
  return exitCodes.done;
}
