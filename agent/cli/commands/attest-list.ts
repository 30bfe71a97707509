/** Attestations as they lie in files, or as an endpoint has them. */
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import {
  attestationKinds,
  decodeAttestation,
  encodeAttestation,
  type OpenAttestation,
} from '../../../evidence/attestation.ts';
import { type LogVerifier, logVerifierFromKey } from '../../../evidence/checkpoint.ts';
import { ok, type Result } from '../../../evidence/result.ts';
import type { Signed } from '../../../evidence/signed-file.ts';
import { fetchAttestations, type LoggedAttestation } from '../../fetch/fetch-attestations.ts';
import { makeReaderClient } from '../../fetch/reader-client.ts';
import { readTokenFile } from '../../fetch/token-file.ts';
import { askLog } from '../../post/log-contact.ts';
import { openTransport, type Transport } from '../../post/transport.ts';
import { readFormat } from '../arguments.ts';
import { exitCodes } from '../exit-codes.ts';
import type { Io } from '../io.ts';
import { readInput, readLogKey } from '../packs.ts';
import { forJson, forTerminal } from '../render/escape.ts';
import { endpointOf, exitCodeOf, openSession, type SessionOptions, stop } from '../session.ts';
import { writeWhole } from '../write-file.ts';

export type AttestationFile = { readonly file: string; readonly result: Result<Signed & OpenAttestation> };

/** Files as they are named; of a folder, what ends in .json. */
export function readAttestations(given: readonly string[], io: Io): AttestationFile[] {
  const files = given.flatMap((name) => {
    const path = io.path(name);
    const isFolder = statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
    return isFolder
      ? readdirSync(path)
          .filter((entry) => entry.endsWith('.json'))
          .toSorted()
          .map((entry) => join(path, entry))
      : [path];
  });
  return files.map((file) => {
    const bytes = readInput(file, 8 * 1024 * 1024);
    return { file, result: bytes.ok ? decodeAttestation(bytes.value) : bytes };
  });
}

export function showFiles(action: 'list' | 'show', files: readonly string[], form: string | undefined, io: Io): number {
  const format = readFormat(form);
  if (!format.ok) return stop(io, format.refusal);
  if (files.length === 0)
    return stop(io, {
      code: 'usage',
      message: 'which files?',
      remedy: `affiant attest ${action} FILE|FOLDER…; of the endpoint: affiant attest list --token-file FILE`,
    });
  const all = readAttestations(files, io);
  if (format.value === 'json')
    io.out(
      `${forJson(all.map(({ file, result }) => (result.ok ? { file, digest: result.value.digest, verified: false, ...result.value.predicate } : { file, ...result.refusal })))}\n`,
    );
  else
    for (const { file, result } of all)
      io.out(
        result.ok
          ? textOf(action, file, result.value)
          : `${forTerminal(`FAILED  ${file}: ${result.refusal.message} [${result.refusal.code}]`)}\n`,
      );
  if (action === 'show')
    io.err('the signature fits the key in the file; whose key it is, affiant attest verify tells\n');
  return all.every(({ result }) => result.ok) ? exitCodes.done : exitCodes.failed;
}

function textOf(action: 'list' | 'show', where: string, { predicate, digest }: OpenAttestation): string {
  const { kind, author, madeAt } = predicate;
  const until = 'expiresAt' in predicate && predicate.expiresAt !== undefined ? `, until ${predicate.expiresAt}` : '';
  const head = forTerminal(
    `${digest.slice(0, 16)}  ${kind}  ${author.name} (${author.role})  ${madeAt}${until}  ${where}`,
  );
  return action === 'list' ? `${head}\n` : `${head}\n${forJson(predicate)}\n`;
}

export type ListOptions = SessionOptions & {
  readonly 'token-file'?: string | undefined;
  readonly endpoint?: string | undefined;
  readonly 'log-key'?: string | undefined;
  readonly target?: readonly string[] | undefined;
  readonly kind?: string | undefined;
  /** A folder: each attestation goes into a file of its own, for the audit. */
  readonly out?: string | undefined;
  readonly format?: string | undefined;
};

const usage =
  'affiant attest list --token-file FILE [--endpoint URL] [--target ID] [--kind KIND] [--log-key FILE] [--out DIR]';

export async function listOfEndpoint(options: ListOptions, io: Io): Promise<number> {
  const format = readFormat(options.format);
  if (!format.ok) return stop(io, format.refusal);
  const kind = attestationKinds.find((known) => known === options.kind);
  if (options.kind !== undefined && kind === undefined)
    return stop(io, { code: 'usage', message: `--kind is one of ${attestationKinds.join(', ')}`, remedy: usage });
  const [target, another] = options.target ?? [];
  if (another !== undefined || (target !== undefined && !/^[0-9a-f]{32}$/.test(target)))
    return stop(io, {
      code: 'usage',
      message: '--target is the id of one server',
      remedy: 'affiant hosts lists the ids',
    });
  const session = await openSession(options, io);
  if (!session.ok) return stop(io, session.refusal);
  const endpoint = endpointOf(options.endpoint, session.value);
  if (!endpoint.ok) return stop(io, endpoint.refusal);
  const token = readTokenFile(io.path(options['token-file'] ?? ''));
  if (!token.ok) return stop(io, token.refusal);
  const given = options['log-key'] === undefined ? ok(undefined) : readLogKey(io.path(options['log-key']));
  if (!given.ok) return stop(io, given.refusal);
  const transport = await openTransport(endpoint.value);
  if (!transport.ok) return stop(io, transport.refusal);
  try {
    const log = given.value === undefined ? await shownLog(transport.value, io) : ok(given.value);
    const clock = { now: () => new Date(), random: Math.random, sleep: (ms: number) => wait(ms) };
    const found = log.ok
      ? await fetchAttestations(makeReaderClient(transport.value, token.value, clock), { target, kind }, log.value)
      : log;
    if (!found.ok) {
      io.refused(found.refusal);
      const code = exitCodeOf(found.refusal.code);
      return found.refusal.code === 'no-answer' ? exitCodes.spooled : code;
    }
    return show(found.value, options.out, format.value, io);
  } finally {
    await transport.value.close();
  }
}

async function shownLog(transport: Transport, io: Io): Promise<Result<LogVerifier>> {
  const shown = await askLog(transport);
  if (!shown.ok) return shown;
  io.err(forTerminal(`the log key ${shown.value.verifierKey} was taken as the endpoint showed it\n`));
  return logVerifierFromKey(shown.value.verifierKey);
}

function show(found: readonly LoggedAttestation[], out: string | undefined, format: 'table' | 'json', io: Io): number {
  for (const one of out === undefined ? [] : found) {
    const written = writeWhole(join(io.path(out ?? ''), `${one.digest}.json`), encodeAttestation(one));
    if (!written.ok) return stop(io, written.refusal);
  }
  if (format === 'json')
    io.out(
      `${forJson(found.map(({ digest, place, predicate }) => ({ logIndex: place.index, digest, ...predicate })))}\n`,
    );
  else if (found.length === 0) io.out('no attestation is there for this token\n');
  else for (const one of found) io.out(textOf('list', `number ${one.place.index} of the log`, one));
  return exitCodes.done;
}
