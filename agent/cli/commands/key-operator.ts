import { join } from 'node:path';
import { enrolByOperator } from '../../../endpoint/identity/enrol.ts';
import { approve, revoke } from '../../../endpoint/identity/key-acts.ts';
import { type KnownKey, listKeys } from '../../../endpoint/identity/known-keys.ts';
import { ok, type Result, refuse } from '../../../evidence/result.ts';
import { publicKeyBase64, verificationKeyFromPem } from '../../../evidence/signing-key.ts';
import { type Arguments, readArguments, readFormat } from '../arguments.ts';
import { exitCodes } from '../exit-codes.ts';
import type { Io } from '../io.ts';
import { operatorName, readHolder, withEndpoint } from '../operator.ts';
import { readInput } from '../packs.ts';
import { checkWords } from '../record-words.ts';
import { forJson, forTerminal } from '../render/escape.ts';
import { openSession, stateOptions, stop } from '../session.ts';
import { rotateRegistrar } from '../wire-registrar.ts';

const kinds = {
  role: 'text',
  target: 'texts',
  name: 'text',
  kinds: 'text',
  label: 'text',
  standing: 'text',
  reason: 'text',
  'compromised-since': 'text',
  operator: 'text',
  format: 'text',
  ...stateOptions,
} as const;
type Options = Arguments<typeof kinds>['options'];

/** The keys that the endpoint of this state folder knows: listed, entered, approved, revoked, each act a signed record of its log. */
export async function run(args: readonly string[], io: Io): Promise<number> {
  const [action = ''] = args;
  const takesOne = action !== 'list' && action !== 'rotate-registrar';
  const usages: Readonly<Record<string, string>> = {
    list: 'key list [--standing STANDING] [--format table|json]',
    add: "key add FILE --role ROLE [--target ID…] [--name 'Jane Doe'] [--kinds KIND,…] [--label NAME]",
    approve: 'key approve KEYID [--reason TEXT] [--operator NAME]',
    revoke: 'key revoke KEYID --reason TEXT [--compromised-since INSTANT] [--operator NAME]',
    'rotate-registrar': 'key rotate-registrar [--format table|json]',
  };
  const read = readArguments(args, kinds, { min: takesOne ? 2 : 1, max: takesOne ? 2 : 1 }, usages[action] ?? '');
  if (!read.ok) return stop(io, read.refusal);
  const { options, positionals } = read.value;
  const [, subject = ''] = positionals;
  const format = readFormat(options.format);
  if (!format.ok) return stop(io, format.refusal);
  const isJson = format.value === 'json';
  const words = checkWords(options);
  if (!words.ok) return stop(io, words.refusal);
  switch (action) {
    case 'list':
      return list(options, isJson, io);
    case 'add':
      return add(io.path(subject), options, isJson, io);
    case 'rotate-registrar':
      return rotate(options, isJson, io);
    case 'approve':
      return act(subject, options, isJson, io, approveKey);
    default:
      return act(subject, options, isJson, io, revokeKey);
  }
}

async function list(options: Options, isJson: boolean, io: Io): Promise<number> {
  const query = {
    limit: 100_000,
    ...(options.standing !== undefined && { standing: options.standing }),
    ...(options.role !== undefined && { role: options.role }),
  };
  const keys = await withEndpoint(options, io, ({ store }) => store.read((sql) => listKeys(sql, query)));
  if (!keys.ok) return stop(io, keys.refusal);
  if (isJson) {
    io.out(
      `${forJson(keys.value.map(({ spki, ...key }) => ({ ...key, publicKey: Buffer.from(spki).toString('base64') })))}\n`,
    );
    return exitCodes.done;
  }
  for (const key of keys.value) io.out(`${forTerminal(lineOf(key))}\n`);
  if (keys.value.length === 0) io.err('no record speaks of any key yet: affiant token create\n');
  return exitCodes.done;
}

function lineOf(key: KnownKey): string {
  const { keyId, standing, role, targets, label, person, sinceAt, waitsFor, successor, reason } = key;
  const whose = person === undefined ? (label ?? '') : person.name;
  const more = [
    ...(waitsFor === undefined ? [] : [`waits to succeed ${waitsFor.slice(0, 16)}`]),
    ...(successor === undefined ? [] : [`succeeded by ${successor.slice(0, 16)}`]),
    ...(reason === undefined ? [] : [reason]),
  ];
  return `${keyId}  ${standing.padEnd(10)}  ${role.padEnd(8)}  ${sinceAt}  ${whose}  ${targets.join(',')}  ${more.join('; ')}`.trimEnd();
}

async function add(file: string, options: Options, isJson: boolean, io: Io): Promise<number> {
  const holder = readHolder(options);
  if (!holder.ok) return stop(io, holder.refusal);
  if (holder.value.role === 'agent' && holder.value.targets.length !== 1)
    return stop(io, {
      code: 'usage',
      message: 'an agent speaks for one server',
      remedy: 'give --target ID once; or a token, with which it says its own: affiant token create',
    });
  const pem = readInput(file, 65_536);
  if (!pem.ok) return stop(io, pem.refusal);
  const key = verificationKeyFromPem(Buffer.from(pem.value).toString('utf8'));
  if (!key.ok) return stop(io, { ...key.refusal, message: `${file}: ${key.refusal.message}` });
  const recorded = { id: key.value.keyId, publicKey: publicKeyBase64(key.value), protection: 'unknown' } as const;
  const added = await withEndpoint(options, io, ({ registrar }) =>
    enrolByOperator(registrar, { key: recorded, ...holder.value, label: options.label, at: new Date().toISOString() }),
  );
  if (!added.ok) return stop(io, added.refusal);
  const { keyId } = key.value;
  const { standing, index } = added.value.value;
  io.out(isJson ? `${forJson({ keyId, standing, index })}\n` : `${keyId}\n`);
  io.err(`the key is ${standing} from log index ${index} on\n`);
  return exitCodes.done;
}

async function rotate(options: Options, isJson: boolean, io: Io): Promise<number> {
  const session = await openSession(options, io);
  if (!session.ok) return stop(io, session.refusal);
  const { stateFolder, loaded } = session.value;
  const done = await rotateRegistrar(join(stateFolder, 'endpoint'), loaded.settings.serve);
  if (!done.ok) return stop(io, done.refusal);
  const { keyId, index } = done.value;
  io.out(isJson ? `${forJson({ keyId, index })}\n` : `${keyId}\n`);
  io.err(`signs the records behind log index ${index}; back up endpoint/registrar-key.pem\n`);
  return exitCodes.done;
}

type Act = (
  keyId: string,
  options: Options,
) => Result<(operated: Parameters<Parameters<typeof withEndpoint>[2]>[0]) => ReturnType<typeof approve>>;

async function act(keyId: string, options: Options, isJson: boolean, io: Io, choose: Act): Promise<number> {
  if (!/^[0-9a-f]{64}$/.test(keyId))
    return stop(io, {
      code: 'usage',
      message: `${keyId} is no key id`,
      remedy: 'give the 64 hexadecimal digits: affiant key list',
    });
  const chosen = choose(keyId, options);
  if (!chosen.ok) return stop(io, chosen.refusal);
  const done = await withEndpoint(options, io, chosen.value);
  if (!done.ok) {
    io.refused(done.refusal);
    return exitCodes.failed;
  }
  const { index } = done.value.value;
  if (isJson) io.out(`${forJson({ keyId, index })}\n`);
  else io.err(`recorded at log index ${index}\n`);
  return exitCodes.done;
}

function approveKey(keyId: string, { operator, reason }: Options): ReturnType<Act> {
  const at = new Date().toISOString();
  return ok(({ registrar }) =>
    approve(registrar, { keyId, operator: operatorName(operator), at, ...(reason !== undefined && { reason }) }),
  );
}

function revokeKey(keyId: string, { operator, reason, 'compromised-since': since }: Options): ReturnType<Act> {
  if (reason === undefined || reason === '')
    return refuse('usage', 'why is the key revoked?', { remedy: "give --reason 'the server was stolen'" });
  if (since !== undefined && Number.isNaN(Date.parse(since)))
    return refuse('usage', `--compromised-since ${since} is no moment`, { remedy: 'such as 2026-01-02T03:04:05Z' });
  if (since !== undefined && Date.parse(since) > Date.now())
    return refuse('usage', `--compromised-since ${since} is yet to come`, {
      remedy: 'give the moment from which on the key may have been in other hands',
    });
  const at = new Date().toISOString();
  const compromised = since === undefined ? {} : { compromisedSince: new Date(since).toISOString() };
  return ok(({ registrar }) =>
    revoke(registrar, { keyId, operator: operatorName(operator), at, reason, ...compromised }),
  );
}
