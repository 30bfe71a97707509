/** The documents that the judge of second factors needs: out of a pack, or of a machine that is looked at now. */
import { randomBytes } from 'node:crypto';
import { admins } from '../../collectors/admins/index.ts';
import { mfa } from '../../collectors/mfa/index.ts';
import { statementOf } from '../../evidence/bundle.ts';
import { decodePack } from '../../evidence/pack.ts';
import { readDocument } from '../../evidence/read-document.ts';
import { ok, type Result, refuse } from '../../evidence/result.ts';
import { verifyPack } from '../../evidence/verify-pack.ts';
import { judgeMfa, type MfaVerdict } from '../../judge/mfa/matrix.ts';
import type { AdminsDocument, MfaDocument } from '../../schemas/generated/types.ts';
import { openRecording } from '../host/replay.ts';
import { runCollectors } from '../run/run-collectors.ts';
import { newestPack } from '../spool/release.ts';
import type { Io } from './io.ts';
import { type Keys, readInput, readKeys } from './packs.ts';
import { localMachine, openSession, openSessionState, type SessionOptions, stateOptions } from './session.ts';

export const sourceOptions = { pack: 'text', host: 'text', key: 'texts', 'log-key': 'text', ...stateOptions } as const;
export const sourceUsage = '(--pack PACK [--key FILE] | --state DIR | --host local|replay:DIR)';

export type SourceOptions = {
  readonly pack?: string | undefined;
  readonly host?: string | undefined;
  readonly key?: readonly string[] | undefined;
  readonly 'log-key'?: string | undefined;
} & SessionOptions;

export type MfaSource = {
  readonly verdict: MfaVerdict;
  /** What a person must know of where it comes from: one line, for standard error. */
  readonly note: string;
};

/** Nothing is signed or kept: this only looks. */
export async function readMfaSource(options: SourceOptions, io: Io): Promise<Result<MfaSource>> {
  const given = (['pack', 'state', 'host'] as const).filter((name) => options[name] !== undefined);
  if (given.length > 1)
    return refuse('usage', `${given.map((name) => `--${name}`).join(' and ')} exclude each other`, {
      remedy: `give one: ${sourceUsage}`,
    });
  const documents =
    options.pack !== undefined
      ? fromPack(options.pack, options, io)
      : options.state !== undefined
        ? await fromState(options, io)
        : await fromMachine(options.host ?? 'local', io);
  if (!documents.ok) return documents;
  const { factors, people, note } = documents.value;
  if (factors === undefined || people === undefined)
    return refuse('documents-missing', `there is no document ${factors === undefined ? 'mfa' : 'admins'}`, {
      remedy: 'collect both: affiant collect --only admins,mfa',
    });
  return ok({ verdict: judgeMfa(factors, people), note });
}

type Documents = {
  readonly factors: MfaDocument | undefined;
  readonly people: AdminsDocument | undefined;
  readonly note: string;
};

function documentsOf(documents: ReadonlyMap<string, object>, note: string): Documents {
  return {
    factors: documents.get('mfa') as MfaDocument | undefined,
    people: documents.get('admins') as AdminsDocument | undefined,
    note,
  };
}

function fromPack(file: string, options: SourceOptions, io: Io): Result<Documents> {
  const keys = readKeys(
    (options.key ?? []).map(io.path),
    options['log-key'] === undefined ? undefined : io.path(options['log-key']),
  );
  if (!keys.ok) return keys;
  const bytes = readInput(io.path(file));
  if (!bytes.ok) return bytes;
  return keys.value.any ? verified(bytes.value, keys.value) : unverified(bytes.value);
}

function verified(bytes: Uint8Array, keys: Keys): Result<Documents> {
  const pack = verifyPack(bytes, keys);
  return pack.ok ? ok(documentsOf(pack.value.read, 'VERIFIED')) : pack;
}

function unverified(bytes: Uint8Array): Result<Documents> {
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
  return ok(documentsOf(documents, '! NOT VERIFIED: nobody vouches for what follows; give --key FILE'));
}

/** The newest bundle that this state folder holds. */
async function fromState(options: SourceOptions, io: Io): Promise<Result<Documents>> {
  const session = await openSession(options, io);
  if (!session.ok) return session;
  const state = openSessionState(session.value, false);
  if (!state.ok) return state;
  const newest = newestPack(state.value);
  if (!newest.ok) return newest;
  if (newest.value === undefined)
    return refuse('documents-missing', 'this state folder holds no bundle', { remedy: 'affiant collect' });
  return fromPack(newest.value.path, options, io);
}

async function fromMachine(host: string, io: Io): Promise<Result<Documents>> {
  const replay = host.startsWith('replay:') ? openRecording(io.path(host.slice('replay:'.length))) : undefined;
  if (replay === undefined && host !== 'local')
    return refuse('usage', `--host ${host} is not known`, { remedy: 'use local or replay:DIR' });
  const machine = replay === undefined ? await localMachine() : replay.ok ? ok(replay.value.machine) : replay;
  if (!machine.ok) return machine;
  const collected = await runCollectors(machine.value, {
    collectors: [admins, mfa],
    only: undefined,
    disabled: [],
    budgetSeconds: {},
    blindKey: randomBytes(32),
  });
  return ok(
    documentsOf(
      collected.documents,
      replay === undefined
        ? 'as seen now; nothing was signed'
        : 'a replayed recording, not a server: it proves nothing',
    ),
  );
}
