/**
 * Results of proofs, kept in the state folder until a bundle with the document `edr` told them. The newest
 * of each method, product and outcome stays and is told again: when detection was last proved is a fact of every bundle.
 */
import { canonicalText } from '../../evidence/canonical-json.ts';
import { ok, type Result } from '../../evidence/result.ts';
import { parseStrictJson } from '../../evidence/strict-json.ts';
import type { DetectionProof } from '../../schemas/generated/types.ts';
import { isTemporary, removeDurably, writeDurably } from '../spool/durable.ts';
import { guarded } from '../spool/fault.ts';
import { isRecord } from '../spool/notes.ts';
import { pathIn, type State } from '../spool/state.ts';

export type KeptProof = {
  /** Its file. */
  readonly name: string;
  readonly proof: DetectionProof;
  /** With what it was made: `root` or `user`. */
  readonly privilege: 'root' | 'user';
  readonly told: boolean;
};

/** The document takes so many. */
export const maxProofs = 64;
const prefix = 'proof-';

export function keepProof(state: State, proof: DetectionProof, privilege: KeptProof['privilege']): Result<undefined> {
  return guarded(state, () => {
    const name = `${prefix}${proof.startedAt.replace(/\D/g, '')}-${proof.nonceDigest.slice(0, 16)}.json`;
    write(state, { name, proof, privilege, told: false });
    return undefined;
  });
}

/** Oldest first. A file that cannot be read is passed over: it is no proof. */
export function keptProofs(state: State): Result<KeptProof[]> {
  return guarded(state, () => listed(state));
}

/** After a bundle told these. Refuses as the disk does; they are told again then. */
export function markTold(state: State, names: readonly string[]): Result<undefined> {
  if (names.length === 0) return ok(undefined);
  return guarded(state, () => {
    const all = listed(state);
    const newest = new Map(all.map((kept) => [keyOf(kept.proof), kept.name]));
    for (const kept of all) {
      if (!names.includes(kept.name)) continue;
      if (newest.get(keyOf(kept.proof)) !== kept.name) removeDurably(state.files, pathIn(state, 'prove', kept.name));
      else if (!kept.told) write(state, { ...kept, told: true });
    }
    return undefined;
  });
}

function listed(state: State): KeptProof[] {
  const names = state.files
    .list(pathIn(state, 'prove'))
    .filter((name) => name.startsWith(prefix) && !isTemporary(name));
  return names.flatMap((name) => parse(name, state.files.read(pathIn(state, 'prove', name))) ?? []).slice(-maxProofs);
}

function keyOf({ method, product, outcome }: DetectionProof): string {
  return `${method} ${product ?? ''} ${outcome}`;
}

function write(state: State, { name, proof, privilege, told }: KeptProof): void {
  writeDurably(state.files, pathIn(state, 'prove', name), Buffer.from(canonicalText({ proof, privilege, told })));
}

/** Its shape is checked with the whole document: what does not fit there must not stop every later collection. */
function parse(name: string, bytes: Uint8Array | undefined): KeptProof | undefined {
  const read = bytes === undefined ? undefined : parseStrictJson(bytes, { maxBytes: 64 * 1024, maxDepth: 8 });
  if (read?.ok !== true || !isRecord(read.value)) return undefined;
  const { proof, privilege, told } = read.value;
  if (!isProof(proof) || (privilege !== 'root' && privilege !== 'user') || typeof told !== 'boolean') return undefined;
  return { name, proof, privilege, told };
}

/** Those of the schema: the type holds the list to them. */
const methods: Readonly<Record<DetectionProof['method'], true>> = {
  'eicar-on-access': true,
  'eicar-on-demand': true,
  'eicar-excluded-path': true,
  'amsi-sample': true,
  'auditd-canary': true,
  'event-log-canary': true,
  'cloud-test': true,
};
const outcomes: readonly unknown[] = ['detected', 'not-detected', 'not-applicable', 'inconclusive', 'refused'];
const code = /^[a-z0-9]+(?:-[a-z0-9]+)*$/;

const members: { readonly [K in keyof Required<DetectionProof>]: (value: unknown) => boolean } = {
  method: (value) => typeof value === 'string' && Object.hasOwn(methods, value),
  product: (value) => typeof value === 'string' && value.length <= 64 && code.test(value),
  nonceDigest: (value) => typeof value === 'string' && /^[0-9a-f]{64}$/.test(value),
  startedAt: (value) => typeof value === 'string' && new Date(value).toJSON() === value,
  outcome: (value) => outcomes.includes(value),
  reason: (value) => typeof value === 'string' && value.length <= 64 && code.test(value),
  stages: (value) =>
    Array.isArray(value) && value.every((stage) => ['blocked', 'quarantined', 'local-log'].includes(stage)),
  latencyMs: (value) => Number.isSafeInteger(value) && Number(value) >= 0,
  pathClass: (value) => typeof value === 'string' && value.length <= 64 && code.test(value),
  cleanedUp: (value) => typeof value === 'boolean',
};

function isProof(value: unknown): value is DetectionProof {
  if (!isRecord(value)) return false;
  const checks: Readonly<Record<string, (member: unknown) => boolean>> = members;
  const whole = ['method', 'nonceDigest', 'startedAt', 'outcome', 'cleanedUp'].every((name) => name in value);
  return whole && Object.entries(value).every(([name, member]) => checks[name]?.(member) === true);
}
