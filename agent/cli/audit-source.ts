/** What every command over many bundles is told: where packs lie, whom to trust, what else to know, which server and day. */
import { type Day, dayOf, isDay } from '../../audit/days.ts';
import { type EvidenceSource, readSource } from '../../audit/evidence-source.ts';
import { ok, type Result, refuse } from '../../evidence/result.ts';
import { exitCodes } from './exit-codes.ts';
import type { Io } from './io.ts';
import { withCache } from './open-cache.ts';
import { readKeys } from './packs.ts';
import { forTerminal } from './render/escape.ts';

export const auditOptions = {
  packs: 'text',
  key: 'texts',
  'log-key': 'text',
  'stamp-ca': 'text',
  inventory: 'text',
  attestations: 'text',
  policies: 'text',
  policy: 'texts',
  host: 'text',
  at: 'text',
  cache: 'text',
  format: 'text',
} as const;

export const auditUsage =
  '--packs DIR --key FILE… [--log-key FILE] [--stamp-ca FILE] [--inventory FILE] [--attestations DIR] [--policies DIR] [--policy NAME…] [--host HOST] [--cache DIR] [--format table|json]';

export type AuditArguments = {
  readonly packs?: string | undefined;
  readonly key?: readonly string[] | undefined;
  readonly 'log-key'?: string | undefined;
  readonly 'stamp-ca'?: string | undefined;
  readonly inventory?: string | undefined;
  readonly attestations?: string | undefined;
  readonly policies?: string | undefined;
  readonly policy?: readonly string[] | undefined;
  readonly host?: string | undefined;
  readonly at?: string | undefined;
  readonly cache?: string | undefined;
};

export type AuditSource = EvidenceSource & {
  /** `--at`, else the newest day that a bundle claims. */ readonly at: Day;
};

/** Offline: reads and verifies; says on standard error what did not verify, and what a reader must know. */
export function readAuditSource(options: AuditArguments, io: Io): Result<AuditSource> {
  const { packs } = options;
  if (packs === undefined)
    return refuse('usage', '--packs is needed: the folder that holds the packs', {
      remedy: `affiant COMMAND ${auditUsage}`,
    });
  if (options.key === undefined)
    return refuse('usage', 'no key is given: a signature alone says nothing', {
      remedy: 'give the public keys of the servers that you trust with --key (affiant key show)',
    });
  const at = options.at === undefined ? ok(undefined) : readDay(options.at, '--at');
  if (!at.ok) return at;
  const [logKey, stampCa] = [options['log-key'], options['stamp-ca']];
  const keys = readKeys(
    options.key.map(io.path),
    logKey === undefined ? undefined : io.path(logKey),
    stampCa === undefined ? undefined : io.path(stampCa),
  );
  if (!keys.ok) return keys;
  const source = withCache(options.cache, keys.value, io, (cache) =>
    readSource({
      cache,
      packs: io.path(packs),
      trust: keys.value,
      ...(options.inventory !== undefined && { inventory: io.path(options.inventory) }),
      ...(options.attestations !== undefined && { attestations: io.path(options.attestations) }),
      ...(options.policies !== undefined && { policies: io.path(options.policies) }),
      ...(options.policy !== undefined && { chosen: options.policy }),
    }),
  );
  if (!source.ok) return source;
  const { refused, notes, entries } = source.value;
  for (const note of notes) io.err(`affiant: ${forTerminal(note)}\n`);
  for (const { file, message, code } of refused)
    io.err(forTerminal(`REFUSED  ${file}: ${message} [${code}]`).concat('\n'));
  if (refused.length > 0) io.err(`affiant: ${refused.length} files did not verify and say nothing here\n`);
  const day = at.value ?? new Date().toISOString().slice(0, 10);
  if (entries.length === 0)
    return refuse('packs-none', 'no pack verifies: there is nothing to say', {
      remedy: 'affiant verify names what is wrong with each',
    });
  const later = entries.filter((entry) => entry.day > day);
  if (later.length > 0)
    io.err(
      `affiant: ${later.length} bundles claim days after ${day} and are not counted, such as ${forTerminal(later[0]?.file ?? '')}\n`,
    );
  return ok({ ...source.value, at: day });
}

export function readDay(text: string, name: string): Result<Day> {
  const day = dayOf(text);
  return isDay(day) && (text.length === 10 || !Number.isNaN(Date.parse(text)))
    ? ok(day)
    : refuse('usage', `${name} ${text} is not a day`, { remedy: 'write it as 2021-08-16' });
}

type Named = {
  readonly host: { readonly id: string; readonly targetIds: readonly string[]; readonly names: readonly string[] };
};

/** Those of the server that the user named, by name or by the beginning of its id; all where none is named. */
export function ofHost<T extends Named>(all: readonly T[], wanted: string | undefined): Result<readonly T[]> {
  if (wanted === undefined) return ok(all);
  const found = all.filter(
    ({ host }) =>
      host.names.some((name) => name.toLowerCase() === wanted.toLowerCase()) ||
      (wanted.length >= 6 && host.targetIds.some((id) => id.startsWith(wanted))),
  );
  if (found.length > 0) return ok(found);
  const names = all.map(({ host }) => host.names[0] ?? host.id.slice(0, 8));
  return refuse('usage', `no bundle is of a server ${wanted}`, {
    remedy: `name one of these: ${names.slice(0, 20).join(', ') || 'none'}`,
  });
}

/** 1 where something did not verify or a breach is open, 0 else. */
export function auditExit(source: EvidenceSource, broken: boolean): number {
  return source.refused.length > 0 || broken ? exitCodes.failed : exitCodes.done;
}
