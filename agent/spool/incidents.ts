/**
 * What went wrong and the next statement must tell. An incident is on the disk before the thing that
 * it tells of is done, and leaves the disk only when it stands in a signed pack.
 *
 * An incident that announces an action (a drop, a move to the quarantine) names the file in `file`
 * until the action is done: the record is a redo log, and recover.ts finishes what a crash cut short
 * before anything is signed. So no statement tells of what did not happen.
 */
import { canonicalText } from '../../evidence/canonical-json.ts';
import { sha256Hex } from '../../evidence/digest.ts';
import { parseStrictJson } from '../../evidence/strict-json.ts';
import type { Incident } from '../../schemas/generated/types.ts';
import { isTemporary, writeDurably } from './durable.ts';
import { pathIn, type State } from './state.ts';

export type PendingIncident = {
  /** Its file in `incidents/`. */
  readonly name: string;
  readonly incident: Incident;
  /** The file, relative to the state folder, that the announced action is still to be done to. */
  readonly file?: string;
};

/** The statement's schema takes so many; more wait for the one after. */
export const maxIncidents = 1000;

/** All that are not signed yet, oldest first. A record that cannot be read is given by name alone. */
export function pendingIncidents(state: State): { readonly good: PendingIncident[]; readonly bad: string[] } {
  const good: PendingIncident[] = [];
  const bad: string[] = [];
  for (const name of state.files.list(pathIn(state, 'incidents'))) {
    if (isTemporary(name)) continue;
    const record = parse(state.files.read(pathIn(state, 'incidents', name)));
    if (record === undefined) bad.push(name);
    else good.push({ name, ...record });
  }
  return { good, bad };
}

/**
 * Puts an incident on the disk; one that already waits there is not written twice (the same in all
 * but the time). `key` tells apart what would look the same.
 */
export function recordIncident(
  state: State,
  incident: Incident,
  more: { file?: string; key?: string } = {},
): PendingIncident {
  const { at: _, ...what } = incident;
  const id = sha256Hex(Buffer.from(canonicalText([what, more.key ?? '']))).slice(0, 16);
  const names = state.files.list(pathIn(state, 'incidents'));
  const standing = names.find((name) => name.endsWith(`-${id}.json`));
  const known = standing === undefined ? undefined : parse(state.files.read(pathIn(state, 'incidents', standing)));
  if (standing !== undefined && known !== undefined && known.file === more.file) return { name: standing, ...known };
  const last = Number(names.findLast((name) => /^[0-9]{12}-/.test(name))?.slice(0, 12) ?? '0');
  const name = standing ?? `${String(last + 1).padStart(12, '0')}-${id}.json`;
  const pending = {
    name,
    incident: known?.incident ?? incident,
    ...(more.file === undefined ? {} : { file: more.file }),
  };
  write(state, pending);
  return pending;
}

/** The announced action is done: from now on the incident can be told. */
export function settleIncident(state: State, { name, incident }: PendingIncident): void {
  write(state, { name, incident });
}

/** The incidents were signed, or the announced action can no longer happen. */
export function forgetIncidents(state: State, incidents: readonly PendingIncident[]): void {
  if (incidents.length === 0) return;
  for (const { name } of incidents) state.files.unlink(pathIn(state, 'incidents', name));
  state.files.syncFolder(pathIn(state, 'incidents'));
}

/** Time of notice, for `at`. */
export function instant(state: State): string {
  return state.now().toISOString();
}

function write(state: State, { name, incident, file }: PendingIncident): void {
  const record = file === undefined ? { incident } : { incident, file };
  writeDurably(state.files, pathIn(state, 'incidents', name), Buffer.from(canonicalText(record)));
}

function parse(bytes: Uint8Array | undefined): Omit<PendingIncident, 'name'> | undefined {
  if (bytes === undefined) return undefined;
  const parsed = parseStrictJson(bytes, { maxBytes: 1024 * 1024, maxDepth: 8 });
  if (!parsed.ok || typeof parsed.value !== 'object' || parsed.value === null || !('incident' in parsed.value))
    return undefined;
  const { incident } = parsed.value;
  const file = 'file' in parsed.value ? parsed.value.file : undefined;
  if (!isIncident(incident) || (file !== undefined && typeof file !== 'string')) return undefined;
  return { incident, ...(file === undefined ? {} : { file }) };
}

const hex = (length: number) => (value: unknown) =>
  typeof value === 'string' && value.length === length && /^[0-9a-f]+$/.test(value);
const count = (value: unknown): boolean => Number.isSafeInteger(value) && Number(value) >= 0;
const code = (value: unknown): boolean =>
  typeof value === 'string' && value.length <= 64 && /^[a-z0-9]+(?:-[a-z0-9]+)*$/.test(value);
const kinds: readonly unknown[] = ['interrupted', 'dropped', 'rejected', 'damaged', 'fork', 'log-diverged'];

/** Each member as the statement's schema has it. */
const members: { readonly [K in keyof Required<Incident>]: (value: unknown) => boolean } = {
  kind: (value) => kinds.includes(value),
  at: (value) => typeof value === 'string' && new Date(value).toJSON() === value,
  collector: (value) => typeof value === 'string' && /^[a-z][a-z-]{0,63}$/.test(value),
  chain: hex(32),
  sequence: count,
  digest: hex(64),
  documents: (value) => Array.isArray(value) && value.every((name) => typeof name === 'string' && name.length <= 128),
  bytes: count,
  reason: code,
};

/** A record that someone changed must not make every later statement fail its schema. */
function isIncident(value: unknown): value is Incident {
  if (typeof value !== 'object' || value === null) return false;
  const given: Readonly<Record<string, unknown>> = { ...value };
  const checks: Readonly<Record<string, (member: unknown) => boolean>> = members;
  return (
    'kind' in given && 'at' in given && Object.entries(given).every(([name, member]) => checks[name]?.(member) === true)
  );
}
