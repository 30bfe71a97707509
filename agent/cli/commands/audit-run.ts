/** One look at this server for an auditor: no installation, no state, no network, one pack. */
import { statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ok, type Result, refuse } from '../../../evidence/result.ts';
import type { HostDocument } from '../../../schemas/generated/types.ts';
import { withDefaults } from '../../config/defaults.ts';
import { type Bundled, bundleOnce } from '../../run/make-bundle.ts';
import { readArguments, readFormat } from '../arguments.ts';
import { exitCodes } from '../exit-codes.ts';
import type { Io } from '../io.ts';
import { progressOn } from '../progress.ts';
import { forJson } from '../render/escape.ts';
import { bundleLines } from '../render/presentation.ts';
import { pairLines, unseenFacts } from '../render/report.ts';
import { styleFor, widthOf } from '../render/table.ts';
import { localMachine, stop } from '../session.ts';
import { readOnly } from './collect.ts';

const kinds = { out: 'text', 'key-out': 'text', only: 'text', raw: 'flag', format: 'text', strict: 'flag' } as const;
const usage = 'audit-run --out DIR [--key-out FILE] [--only NAME,…] [--raw] [--format table|json] [--strict]';

export async function run(args: readonly string[], io: Io): Promise<number> {
  const read = readArguments(args, kinds, { min: 0, max: 0 }, usage);
  if (!read.ok) return stop(io, read.refusal);
  const { options } = read.value;
  const format = readFormat(options.format);
  if (!format.ok) return stop(io, format.refusal);
  const only = readOnly(options.only);
  if (!only.ok) return stop(io, only.refusal);
  const folder = checkedFolder(options.out === undefined ? undefined : io.path(options.out));
  if (!folder.ok) return stop(io, folder.refusal);
  const machine = await localMachine();
  if (!machine.ok) return stop(io, machine.refusal);
  const progress = progressOn(io);
  // No file of this server decides what is asked of it.
  const settings = withDefaults({});
  const bundled = await bundleOnce(
    {
      machine: machine.value,
      settings,
      only: only.value,
      raw: options.raw === true,
      watch: { began: progress.began, ended: ({ name }) => progress.ended(name) },
    },
    () => new Date(),
  );
  progress.clear();
  const pack = join(folder.value, `${nameOf(bundled)}-${bundled.digest.slice(0, 16)}.pack.json`);
  const keyFile = options['key-out'] === undefined ? undefined : io.path(options['key-out']);
  const written = write(pack, bundled.bytes);
  if (!written.ok) return stop(io, written.refusal);
  const keyWritten = keyFile === undefined ? ok(undefined) : write(keyFile, Buffer.from(bundled.signer.publicKeyPem));
  if (format.value === 'json') io.out(`${forJson(jsonOf(bundled, pack))}\n`);
  else io.out(`${tableOf(bundled, pack, keyFile, io).join('\n')}\n`);
  if (!keyWritten.ok) return stop(io, keyWritten.refusal);
  const { outcomes, documents } = bundled.collected;
  const isWhole = outcomes.every(({ outcome }) => outcome === 'complete' || outcome === 'not-asked');
  return options.strict === true && !(isWhole && unseenFacts(documents).length === 0)
    ? exitCodes.partsUnseen
    : exitCodes.done;
}

/** Said before a whole collection. */
function checkedFolder(folder: string | undefined): Result<string> {
  if (folder === undefined)
    return refuse('usage', 'an auditor says where the pack goes', { remedy: `affiant ${usage}` });
  return statSync(folder, { throwIfNoEntry: false })?.isDirectory() === true
    ? ok(folder)
    : refuse('out-unwritable', `${folder} is no folder`, {
        remedy: 'name a folder of your own medium; it is not made',
      });
}

function write(file: string, bytes: Uint8Array): Result<undefined> {
  try {
    writeFileSync(file, bytes, { flag: 'wx', mode: 0o600 });
    return ok(undefined);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
    return refuse('out-unwritable', `${file} cannot be written (${code})`, {
      remedy: 'name a place that you may write to, and no file that is there',
    });
  }
}

/** The server's name where it is fit for a file. */
function nameOf({ collected }: Bundled): string {
  const host = collected.documents.get('host') as HostDocument | undefined;
  const name: unknown = host?.hostname.status === 'observed' ? host.hostname.value : undefined;
  return typeof name === 'string' && /^[A-Za-z0-9][A-Za-z0-9.-]{0,62}$/.test(name) ? name : 'server';
}

function jsonOf({ collected, statement, digest, signer }: Bundled, pack: string): object {
  const { target, run: ran, collectors } = statement.predicate;
  return {
    target,
    run: ran,
    collectors,
    bundle: digest,
    pack,
    key: { id: signer.keyId, publicKey: signer.publicKeyPem },
    documents: Object.fromEntries([...collected.documents].toSorted(([left], [right]) => (left < right ? -1 : 1))),
  };
}

function tableOf(
  { collected, statement, signer, bytes }: Bundled,
  pack: string,
  keyFile: string | undefined,
  io: Io,
): string[] {
  const style = styleFor(io.stdout, io.environment);
  const width = widthOf(io.stdout);
  return [
    ...bundleLines(collected.documents, statement.predicate, width, style),
    '',
    ...pairLines(
      'Evidence',
      [
        ['Pack', `${pack} (${Math.ceil(bytes.length / 1024)} KB)`],
        ['Key', `${signer.keyId}, made for this run and gone with it`],
        ...(keyFile === undefined ? [] : [['Public key', keyFile] as const]),
        [
          'To verify',
          'affiant verify PACK --key FILE, elsewhere, with the public key below by another way than the pack',
        ],
      ],
      width,
      style,
    ),
    '',
    signer.publicKeyPem.trimEnd(),
  ];
}
