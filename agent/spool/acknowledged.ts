/**
 * Which documents the endpoint has, so that they need not be sent again. Only a saving: what is lost
 * or wrong here costs bytes or an answer 424, never evidence. Bound to one endpoint and one key.
 */
import { ok, type Result } from '../../evidence/result.ts';
import { attempt, guarded } from './fault.ts';
import { isRecord, readNote, writeNote } from './notes.ts';
import type { State } from './state.ts';

/** Who acknowledged to whom. */
export type Acknowledger = { readonly endpoint: string; readonly keyId: string };

const file = 'post/acknowledged.json';

/** Documents of so many bundles are remembered: what did not change stands in the newest anyway. */
const maxBundles = 8;

/** The digests that this endpoint has from this key. */
export function acknowledged(state: State, by: Acknowledger): Result<ReadonlySet<string>> {
  return attempt(state.folder, () => new Set(load(state, by).flat()));
}

/** The endpoint gave a receipt for a bundle with these documents, those left out on the wire included. */
export function acknowledge(state: State, by: Acknowledger, digests: Iterable<string>): Result<undefined> {
  return guarded(state, () => {
    save(state, by, [...load(state, by), [...new Set(digests)].toSorted()].slice(-maxBundles));
    return undefined;
  });
}

/** The endpoint says that it has these no more (424). */
export function forgetAcknowledged(state: State, by: Acknowledger, digests: Iterable<string>): Result<undefined> {
  const gone = new Set(digests);
  if (gone.size === 0) return ok(undefined);
  return guarded(state, () => {
    const bundles = load(state, by).map((bundle) => bundle.filter((digest) => !gone.has(digest)));
    save(state, by, bundles);
    return undefined;
  });
}

function load(state: State, { endpoint, keyId }: Acknowledger): string[][] {
  const note = readNote(state, file);
  if (!isRecord(note) || note['endpoint'] !== endpoint || note['keyId'] !== keyId) return [];
  const bundles = note['bundles'];
  if (!Array.isArray(bundles)) return [];
  return bundles.map((bundle) =>
    Array.isArray(bundle) ? bundle.filter((digest): digest is string => typeof digest === 'string') : [],
  );
}

function save(state: State, { endpoint, keyId }: Acknowledger, bundles: string[][]): void {
  writeNote(state, file, { endpoint, keyId, bundles });
}
