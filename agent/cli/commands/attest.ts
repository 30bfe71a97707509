import { parse } from 'yaml';
import {
  type AttestationKind,
  attestationKinds,
  encodeAttestation,
  signAttestation,
} from '../../../evidence/attestation.ts';
import { judgeAttestation } from '../../../evidence/judge-key.ts';
import { ok, type Result, refuse } from '../../../evidence/result.ts';
import { placeInLog, type Signed } from '../../../evidence/signed-file.ts';
import { type DraftOptions, draftFrom, withDefaults } from '../../attest/draft.ts';
import { type Author, authorOf, createPersonKey, openPersonKey } from '../../attest/person-key.ts';
import { postAttestation } from '../../attest/post-attestation.ts';
import { type Arguments, readArguments, readFormat } from '../arguments.ts';
import { exitCodes } from '../exit-codes.ts';
import type { Io } from '../io.ts';
import { readInput, readLedger, readLogKey } from '../packs.ts';
import { forJson, forTerminal } from '../render/escape.ts';
import { endpointOf, openSession, stateOptions, stop } from '../session.ts';
import { writeWhole } from '../write-file.ts';
import { listOfEndpoint, readAttestations, showFiles } from './attest-list.ts';

const drafts = {
  target: 'texts',
  detection: 'texts',
  bundle: 'texts',
  document: 'texts',
  account: 'texts',
  'up-to': 'text',
  disposition: 'text',
  outcome: 'text',
  decision: 'text',
  about: 'text',
  reason: 'text',
  'compensating-measure': 'text',
  owner: 'text',
  safeguards: 'text',
  'aware-at': 'text',
  what: 'text',
  incident: 'text',
  plan: 'text',
  'as-of': 'text',
  claim: 'text',
  words: 'text',
  attestation: 'text',
  expires: 'text',
  note: 'text',
} as const;
const around = {
  key: 'text',
  'passphrase-file': 'text',
  from: 'text',
  name: 'text',
  role: 'text',
  out: 'text',
  post: 'flag',
  endpoint: 'text',
  records: 'text',
  'log-key': 'text',
  'token-file': 'text',
  kind: 'text',
  format: 'text',
  ...stateOptions,
} as const;
const kinds = { ...drafts, ...around } as const;
type Options = Arguments<typeof kinds>['options'];
const usage = `attest key|list|show|verify|${attestationKinds.join('|')} …`;

/** Statements of persons: a key for them, each kind of statement, signed into a file or handed to the endpoint; and reading them. */
export async function run(args: readonly string[], io: Io): Promise<number> {
  const read = readArguments(args, kinds, { min: 1, max: 100_000 }, usage);
  if (!read.ok) return stop(io, read.refusal);
  const { options, positionals } = read.value;
  const [action = '', ...files] = positionals;
  const format = readFormat(options.format);
  if (!format.ok) return stop(io, format.refusal);
  const isJson = format.value === 'json';
  const kind = attestationKinds.find((known) => known === action);
  if (kind !== undefined)
    return files.length === 0
      ? attest(kind, options, isJson, io)
      : stop(io, {
          code: 'usage',
          message: `one argument too many: ${files[0]}`,
          remedy: `affiant attest ${kind} --key FILE …`,
        });
  switch (action) {
    case 'key':
      return key(files, options, isJson, io);
    case 'list':
      return options['token-file'] === undefined || files.length > 0
        ? showFiles(action, files, options.format, io)
        : listOfEndpoint(options, io);
    case 'show':
      return showFiles(action, files, options.format, io);
    case 'verify':
      return verify(files, options, isJson, io);
    default:
      return stop(io, { code: 'usage', message: `there is no attestation ${action}`, remedy: `affiant ${usage}` });
  }
}

function key(files: readonly string[], options: Options, isJson: boolean, io: Io): number {
  const [file] = files;
  const role = (['reviewer', 'owner', 'officer'] as const).find((known) => known === options.role);
  if (file === undefined || files.length > 1 || options.name === undefined || role === undefined)
    return stop(io, {
      code: 'usage',
      message: 'a key needs a file, a name and a role',
      remedy: "affiant attest key FILE --name 'Jane Doe' --role reviewer|owner|officer [--passphrase-file FILE]",
    });
  const passphrase = options['passphrase-file'] === undefined ? undefined : io.path(options['passphrase-file']);
  const made = createPersonKey(io.path(file), { name: options.name, role }, passphrase);
  if (!made.ok) return stop(io, made.refusal);
  const { keyId } = made.value;
  const path = io.path(file);
  io.out(isJson ? `${forJson({ keyId, file: path, publicKeyFile: `${path}.pub` })}\n` : `${keyId}\n`);
  io.err(
    `at the endpoint: affiant key add ${forTerminal(file)}.pub --role ${role} --name ${forTerminal(JSON.stringify(options.name))}\n`,
  );
  return exitCodes.done;
}

async function attest(kind: AttestationKind, options: Options, isJson: boolean, io: Io): Promise<number> {
  if (options.key === undefined)
    return stop(io, {
      code: 'usage',
      message: 'whose key signs?',
      remedy: `affiant attest ${kind} --key FILE; affiant attest key makes one`,
    });
  const file = io.path(options.key);
  const now = new Date();
  const predicate = predicateOf(kind, file, options, io, now);
  if (!predicate.ok) return stop(io, predicate.refusal);
  const signer = openPersonKey(
    file,
    options['passphrase-file'] === undefined ? undefined : io.path(options['passphrase-file']),
  );
  if (!signer.ok) return stop(io, signer.refusal);
  const signed = signAttestation(predicate.value, signer.value);
  if (!signed.ok)
    return stop(io, {
      ...signed.refusal,
      code: 'usage',
      remedy: `affiant attest ${kind} --help; schemas/generated/reference/attestation.md`,
    });
  if (options.post !== true && options.endpoint === undefined)
    return write(options.out, signed.value, signed.value.digest, isJson, io);
  const session = await openSession(options, io);
  if (!session.ok) return stop(io, session.refusal);
  const endpoint = endpointOf(options.endpoint, session.value);
  if (!endpoint.ok) return stop(io, endpoint.refusal);
  const logKey = options['log-key'] === undefined ? ok(undefined) : readLogKey(io.path(options['log-key']));
  if (!logKey.ok) return stop(io, logKey.refusal);
  const posted = await postAttestation(signed.value, endpoint.value, logKey.value?.verifierKey);
  if (!posted.ok) {
    io.refused(posted.refusal);
    // What was signed is not lost for it.
    if (options.out !== undefined && keep(options.out, signed.value, io) === exitCodes.done && !isJson)
      io.out(`${signed.value.digest}\n`);
    return posted.refusal.code === 'no-answer' ? exitCodes.spooled : exitCodes.failed;
  }
  io.err(
    `logged as number ${posted.value.place.index} of ${forTerminal(posted.value.place.origin)}${logKey.value === undefined ? `; the log key ${posted.value.logKey} was taken as the endpoint showed it` : ''}\n`,
  );
  return write(options.out, posted.value, signed.value.digest, isJson, io, posted.value.place.index);
}

/** Without `--out` the attestation itself goes to standard output, which is JSON as it stands. */
function write(
  out: string | undefined,
  signed: Signed,
  digest: string,
  isJson: boolean,
  io: Io,
  logIndex?: number,
): number {
  if (out === undefined) {
    io.out(Buffer.from(encodeAttestation(signed)).toString('utf8'));
    return exitCodes.done;
  }
  const code = keep(out, signed, io);
  if (code !== exitCodes.done) return code;
  const told = { digest, file: io.path(out), ...(logIndex !== undefined && { logIndex }) };
  io.out(isJson ? `${forJson(told)}\n` : `${digest}\n`);
  return code;
}

function keep(out: string, signed: Signed, io: Io): number {
  const written = writeWhole(io.path(out), encodeAttestation(signed));
  return written.ok ? exitCodes.done : stop(io, written.refusal);
}

/** A YAML file first, what the options say over it, then what goes without saying. */
function predicateOf(kind: AttestationKind, keyFile: string, options: Options, io: Io, now: Date): Result<object> {
  const said = Object.fromEntries(Object.entries(options).filter(([name]) => name in drafts)) as DraftOptions;
  const draft = draftFrom(kind, said, { now, path: io.path });
  if (!draft.ok) return draft;
  const from = options.from === undefined ? ok({}) : readYaml(io.path(options.from));
  if (!from.ok) return from;
  const author = authorFrom(keyFile, options);
  return ok({ ...withDefaults(kind, { author, ...from.value, ...draft.value }, now), kind, madeAt: now.toISOString() });
}

function authorFrom(keyFile: string, { name, role }: Options): unknown {
  const known = authorOf(keyFile) as Partial<Author> | undefined;
  return { ...known, ...(name !== undefined && { name }), ...(role !== undefined && { role }) };
}

function readYaml(file: string): Result<object> {
  const bytes = readInput(file, 4 * 1024 * 1024);
  if (!bytes.ok) return refuse('usage', bytes.refusal.message);
  try {
    const value: unknown = parse(Buffer.from(bytes.value).toString('utf8'), { maxAliasCount: 0 });
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return ok(value);
    return refuse('usage', `${file} is no mapping of the members of an attestation`);
  } catch (error) {
    const [first = ''] = error instanceof Error ? error.message.split('\n') : [];
    return refuse('usage', `${file} is no YAML: ${first}`);
  }
}

/** Against records: whose key it was, and whether it might sign this, as of its place in the log. */
function verify(files: readonly string[], options: Options, isJson: boolean, io: Io): number {
  if (files.length === 0 || options.records === undefined || options['log-key'] === undefined)
    return stop(io, {
      code: 'usage',
      message: 'what is verified against what?',
      remedy: 'affiant attest verify FILE… --records FILE --log-key FILE; affiant records fetches the records',
    });
  const log = readLogKey(io.path(options['log-key']));
  if (!log.ok) return stop(io, log.refusal);
  const ledger = readLedger(io.path(options.records), log.value);
  if (!ledger.ok) return stop(io, ledger.refusal);
  const rows: object[] = [];
  const say = (text: string, row: object): void => {
    if (isJson) rows.push(row);
    else io.out(`${forTerminal(text)}\n`);
  };
  let failed = 0;
  for (const { file, result } of readAttestations(files, io)) {
    const place = result.ok ? placeInLog(result.value, log.value) : result;
    const judged = result.ok && place.ok ? judgeAttestation(result.value, place.value.index, ledger.value) : place;
    if (result.ok && place.ok && judged.ok) {
      const { kind, author } = result.value.predicate;
      const { digest } = result.value;
      const { index } = place.value;
      say(
        `VERIFIED  ${file}: ${kind} by ${author.name} (${author.role}), number ${index} of the log, attestation ${digest}`,
        { file, verified: true, kind, author, logIndex: index, digest },
      );
    } else if (!judged.ok) {
      failed += 1;
      const { code, message } = judged.refusal;
      say(`FAILED    ${file}: ${message} [${code}]`, { file, verified: false, code, message });
    }
  }
  if (isJson) io.out(`${forJson(rows)}\n`);
  return failed === 0 ? exitCodes.done : exitCodes.failed;
}
