/**
 * The door around a machine: the list of commands, default caps and deadlines, budgets, decoding,
 * and the source records, which no collector can write or change itself.
 */
import { decodeBytes, encodeText, isUtf8 } from '../../collectors/text.ts';
import { canonicalBytes } from '../../evidence/canonical-json.ts';
import { sha256Hex } from '../../evidence/digest.ts';
import type { SourceRecord } from '../../schemas/generated/types.ts';
import { type Asked, createAsker, type Proof } from './asker.ts';
import { argumentsOf, type CommandId, type CommandSpec, commandLocator, commands } from './commands.ts';
import type { CommandOutput, Host } from './host.ts';
import { locatorOf, printable } from './locator.ts';
import type { Limits, Machine, Raw, RawMiss, RawRun } from './machine.ts';
import { walkProcesses } from './processes.ts';
import { type QueryName, type QueryParameters, type QuerySpec, queries, querySubject } from './queries.ts';
import type { RawKeeper } from './raw-keeper.ts';
import { isSecretPath, secretIn } from './secrets.ts';

const mib = 1024 * 1024;
const limitsOf = {
  file: { maxBytes: mib, deadlineMs: 5000 },
  list: { maxBytes: 4 * mib, deadlineMs: 10_000 },
  command: { maxBytes: mib, deadlineMs: 30_000 },
  walk: { maxBytes: 4 * mib, deadlineMs: 5000 },
  registry: { maxBytes: mib, deadlineMs: 10_000 },
  query: { maxBytes: 16 * mib },
  system: { maxBytes: mib, deadlineMs: 10_000 },
} as const satisfies Record<string, Partial<Limits>>;

/** What one collector may take: time from the moment its door is made, and a signal that ends it. */
export type Budget = { readonly milliseconds?: number; readonly signal?: AbortSignal };

/** A door of one asker, and the source records of what was asked through it, one a locator, ordered by locator. */
export type ScopedDoor = { readonly host: Host; readonly records: () => SourceRecord[] };

export type HostDoor = ScopedDoor & {
  /** A door for a collector, with its own budget and records; all doors of a run share what was read. */
  readonly forCollector: (name: string, budget?: Budget) => ScopedDoor;
};

/** Opens a machine for one run. Budgets run by `monotonicMs`, which only tests replace. `raw` gets what was read, where it is given. */
export function openHost(
  machine: Machine,
  {
    monotonicMs = () => performance.now(),
    raw,
  }: { readonly monotonicMs?: () => number; readonly raw?: RawKeeper } = {},
): HostDoor {
  const asker = createAsker(machine, monotonicMs);
  const scoped = (name: string, budget: Budget = {}): ScopedDoor => {
    const scope = asker(name, budget);
    return { host: hostOver(machine, scope.ask, raw), records: scope.records };
  };
  return { ...scoped('agent'), forCollector: scoped };
}

function hostOver(machine: Machine, ask: Asked, keeper: RawKeeper | undefined): Host {
  const atPath = (path: string): RawMiss | undefined =>
    isAbsolute(machine.os, path) ? undefined : { outcome: 'failed', reason: 'invalid-path' };
  return {
    os: machine.os,
    identity: () =>
      ask({ kind: 'system', subject: 'identity', limits: limitsOf.system }, async () => ({
        raw: await machine.identity(),
      })),
    readFile: (path, { maxBytes = limitsOf.file.maxBytes, secret, volatile } = {}) => {
      const isSecret = secret === true || isSecretPath(path);
      // Also where another reader took it for harmless.
      if (isSecret) keeper?.withhold(locatorOf('file', path));
      return ask(
        {
          kind: 'file',
          subject: path,
          limits: { ...limitsOf.file, maxBytes },
          secret: isSecret,
          volatile: volatile === true,
        },
        async (limits) => {
          const raw = atPath(path) ?? (await machine.readFile(path, limits));
          if (raw.outcome !== 'ok') return { raw };
          const { bytes, truncated } = raw.value;
          if (!isSecret) keeper?.keep({ locator: locatorOf('file', path), path, bytes, truncated });
          return { raw: seen({ text: decodeBytes(bytes), truncated }), proof: proofOf(bytes, truncated) };
        },
      );
    },
    list: (path) =>
      ask({ kind: 'list', subject: path, limits: limitsOf.list }, async (limits) => {
        const raw = atPath(path) ?? (await machine.list(path, limits));
        if (raw.outcome !== 'ok') return { raw };
        // UTF-8 orders like code points.
        const names = raw.value.toSorted((left, right) => Buffer.compare(left, right)).map(decodeBytes);
        return { raw: seen(names), proof: { entries: names.length } };
      }),
    stat: (path) =>
      ask({ kind: 'stat', subject: path, limits: limitsOf.file }, async (limits) => ({
        raw: atPath(path) ?? (await machine.stat(path, limits)),
      })),
    readLink: (path) =>
      ask({ kind: 'link', subject: path, limits: limitsOf.file }, async (limits) => {
        const raw = atPath(path) ?? (await machine.readLink(path, limits));
        return raw.outcome === 'ok' ? { raw: seen(decodeBytes(raw.value)), proof: proofOf(raw.value, false) } : { raw };
      }),
    // No digest and no size: they would differ at every look.
    processes: () =>
      ask({ kind: 'walk', subject: '/proc', limits: limitsOf.walk }, async (limits) => ({
        raw: machine.os === 'linux' ? await walkProcesses(machine, limits) : notOnThisSystem,
      })),
    exec: (id, ...rest) => exec(machine, ask, id, rest, keeper),
    registry: (key) =>
      ask({ kind: 'registry', subject: key, limits: limitsOf.registry }, async (limits) =>
        withJsonProof(await machine.registry(key, limits)),
      ),
    query: (name, parameters) => query(machine, ask, name, parameters),
    system: (name) =>
      ask({ kind: 'system', subject: name, limits: limitsOf.system, by: 'child' }, async (limits) =>
        withJsonProof(await machine.system(name, limits)),
      ),
  };
}

const notOnThisSystem: RawMiss = { outcome: 'unsupported', reason: 'not-on-this-system' };

/** Relative paths, names on the network (UNC) and what no kernel takes are refused before anything is touched. */
function isAbsolute(os: Machine['os'], path: string): boolean {
  if (path.includes('\0')) return false;
  if (os === 'windows') return /^[A-Za-z]:[\\/]/.test(path) && path.length < 32_768;
  return path.startsWith('/') && encodeText(path).length < 4096;
}

function seen<T>(value: T): Raw<T> {
  return { outcome: 'ok', value };
}

function proofOf(bytes: Uint8Array, truncated: boolean): Proof {
  const proof: Proof = { bytes: bytes.length, sha256: sha256Hex(bytes) };
  return truncated ? { ...proof, truncated: true } : proof;
}

/** What came as objects has no raw bytes; its digest is that of its canonical JSON (RFC 8785). */
function withJsonProof<T>(raw: Raw<T>): { raw: Raw<T>; proof?: Proof } {
  return raw.outcome === 'ok' ? { raw, proof: proofOf(canonicalBytes(raw.value), false) } : { raw };
}

function query(
  machine: Machine,
  ask: Asked,
  name: QueryName,
  parameters: QueryParameters | undefined,
): ReturnType<Host['query']> {
  const spec: QuerySpec = queries[name];
  const { maxBytes = limitsOf.query.maxBytes, timeoutMs } = spec;
  return ask(
    {
      kind: 'query',
      subject: querySubject(name, parameters),
      limits: { maxBytes, deadlineMs: timeoutMs },
      secret: spec.secret === true,
      volatile: spec.volatile === true,
      by: 'child',
    },
    async (limits) => withJsonProof(await machine.query(name, limits, parameters)),
  );
}

function exec(
  machine: Machine,
  ask: Asked,
  id: CommandId,
  rest: readonly string[],
  keeper: RawKeeper | undefined,
): ReturnType<Host['exec']> {
  const spec: CommandSpec = commands[id];
  const args = argumentsOf(id, rest);
  const { maxBytes = limitsOf.command.maxBytes, timeoutMs = limitsOf.command.deadlineMs } = spec;
  return ask(
    {
      kind: 'command',
      subject: [id, ...args].join('\0'),
      locator: commandLocator(id, rest),
      limits: { maxBytes, deadlineMs: timeoutMs },
      secret: spec.secret === true,
      volatile: spec.volatile === true,
      by: 'child',
    },
    async (limits) => {
      const raw = await machine.run({ programs: spec.programs, args, privilege: spec.privilege }, limits);
      if (raw.outcome === 'ok' && spec.secret !== true)
        keeper?.keep({ locator: commandLocator(id, rest), bytes: raw.value.stdout, truncated: raw.value.truncated });
      if (raw.outcome !== 'ok') return { raw };
      const { privilege } = raw.value;
      const { raw: answer, proof } = judged(raw.value, spec);
      return { raw: answer, proof: privilege === undefined ? proof : { ...proof, privilege } };
    },
  );
}

/** A run is an answer only where it ended by itself with an exit code that the list expects. */
function judged(run: RawRun, spec: CommandSpec): { raw: Raw<CommandOutput>; proof: Proof } {
  const { exitCode, signal, truncated } = run;
  if (signal !== undefined) return { raw: failure(`signal-${signal.toLowerCase()}`, run, spec), proof: { signal } };
  if (exitCode === undefined) return { raw: failure('no-exit-code', run, spec), proof: {} };
  if (!(spec.exitCodes ?? [0]).includes(exitCode))
    return { raw: failure(`exit-${exitCode >>> 0}`, run, spec), proof: { exitCode } };
  const value = { stdout: decodeBytes(run.stdout), stderr: decodeBytes(run.stderr), exitCode, truncated };
  return { raw: seen(value), proof: { ...proofOf(run.stdout, truncated), exitCode } };
}

/** The first line of what it said on standard error, for a person; never where it could be a secret. */
function failure(reason: string, { stderr }: RawRun, { secret }: CommandSpec): RawMiss {
  const line = decodeBytes(stderr.subarray(0, 4096))
    .split('\n')
    .find((text) => text.trim() !== '');
  if (secret === true || line === undefined || secretIn(line) !== undefined) return { outcome: 'failed', reason };
  const detail = printable(line.trim()).slice(0, 200);
  return { outcome: 'failed', reason, detail: isUtf8(detail) ? detail : detail.slice(0, -1) };
}
