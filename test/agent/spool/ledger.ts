/** What must be true of a state folder whatever happened to it. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { bundleDigest } from '../../../evidence/bundle.ts';
import { canonicalText } from '../../../evidence/canonical-json.ts';
import { decodePack } from '../../../evidence/pack.ts';
import type { Incident, Pack, Statement } from '../../../schemas/generated/types.ts';
import type { Notary } from './bundles.ts';

export type Ledger = {
  /** Everything that was ever signed. */
  readonly signed: Notary;
  /** Digests that append or pending ever showed to anyone. */
  readonly shown: Set<string>;
  /** Digests that append said were spooled. */
  readonly spooled: Set<string>;
  /** Digests that the test damaged on purpose. */
  readonly damaged: Set<string>;
};

export function newLedger(): Ledger {
  return { signed: new Map(), shown: new Set(), spooled: new Set(), damaged: new Set() };
}

export function copyLedger({ signed, shown, spooled, damaged }: Ledger): Ledger {
  return { signed: new Map(signed), shown: new Set(shown), spooled: new Set(spooled), damaged: new Set(damaged) };
}

type Found = { folder: string; digest: string; pack: Pack; statement: Statement };

/** Checks the folder against the ledger. The last operations must have been an append and a look at what waits. */
export function checkFolder(contents: ReadonlyMap<string, Uint8Array>, folder: string, ledger: Ledger): void {
  for (const path of contents.keys()) assert.ok(!path.endsWith('.tmp'), `${path} was left behind`);
  const found = packsIn(contents, folder);
  nothingLost(found, ledger);
  nothingTwice(found);
  chainsHold(ledger);
  gapsAreTold(found, contents, folder, ledger);
}

function packsIn(contents: ReadonlyMap<string, Uint8Array>, folder: string): Found[] {
  return ['spool', 'packs', 'quarantine'].flatMap((part) =>
    [...contents]
      .filter(([path]) => path.startsWith(`${join(folder, part)}/`) && path.endsWith('.pack.json'))
      .flatMap(([, bytes]) => {
        const pack = decodePack(bytes);
        if (!pack.ok) {
          assert.equal(part, 'quarantine', `a damaged file lies in ${part}`);
          return [];
        }
        const payload = Buffer.from(pack.value.bundle.dsseEnvelope.payload, 'base64').toString();
        const statement = JSON.parse(payload) as Statement;
        return [{ folder: part, digest: bundleDigest(pack.value.bundle), pack: pack.value, statement }];
      }),
  );
}

function nothingLost(found: readonly Found[], { shown, damaged }: Ledger): void {
  const there = new Set(found.map(({ digest }) => digest));
  for (const digest of shown) assert.ok(there.has(digest) || damaged.has(digest), `bundle ${digest} is lost`);
}

function nothingTwice(found: readonly Found[]): void {
  const digests = found.map(({ digest }) => digest);
  assert.equal(new Set(digests).size, digests.length, 'a bundle lies in two places');
  for (const { folder, pack } of found) assert.equal(pack.receipt !== undefined, folder === 'packs');
}

/** Of all that anyone ever saw: one bundle a place, no hole, each link names the one before. */
function chainsHold({ signed, shown, damaged }: Ledger): void {
  const chains = new Map<string, Map<number, string>>();
  // Damaged ones last: where the head had not been noted either, the number was given anew.
  for (const digest of [...shown].toSorted((a, b) => Number(damaged.has(a)) - Number(damaged.has(b)))) {
    const { id, sequence } = statementOf(signed, digest).predicate.chain;
    const places = chains.get(id) ?? new Map<number, string>();
    if (places.has(sequence) && damaged.has(digest)) continue;
    assert.equal(places.get(sequence), undefined, `place ${sequence} of chain ${id} was given twice`);
    chains.set(id, places.set(sequence, digest));
  }
  for (const places of chains.values())
    for (let sequence = 0; sequence < places.size; sequence += 1) {
      const digest = places.get(sequence);
      assert.ok(digest !== undefined, `place ${sequence} is a hole`);
      const { chain } = statementOf(signed, digest).predicate;
      assert.equal(chain.previous, places.get(sequence - 1));
      if (chain.forkOf !== undefined)
        assert.equal(chains.get(chain.forkOf.id)?.get(chain.forkOf.sequence), chain.forkOf.digest);
    }
}

/** Each gap is told exactly once by a statement that was not refused, or waits to be told; nothing else is told. */
function gapsAreTold(
  found: readonly Found[],
  contents: ReadonlyMap<string, Uint8Array>,
  folder: string,
  { signed, shown, damaged }: Ledger,
): void {
  const refused = new Set(found.filter((pack) => pack.folder === 'quarantine').map(({ digest }) => digest));
  const waiting = [...contents]
    .filter(([path]) => path.startsWith(`${join(folder, 'incidents')}/`))
    .map(([, bytes]) => (JSON.parse(Buffer.from(bytes).toString()) as { incident: Incident }).incident);
  const toldBy = (digests: readonly string[]): Incident[] =>
    digests.flatMap((digest) => statementOf(signed, digest).predicate.incidents ?? []);
  const told = toldBy([...shown].filter((digest) => !refused.has(digest) && !damaged.has(digest)));
  const all = [...told, ...waiting].map((incident) => what(incident));
  assert.equal(new Set(all).size, all.length, `an incident is told twice: ${all.toSorted().join('\n')}`);
  // What only a damaged statement told is gone with it, as its own incident tells.
  told.push(...toldBy([...damaged]).filter((incident) => !all.includes(what(incident))));
  const dropped = new Map<string, string[]>();
  for (const { kind, digest, documents } of [...told, ...waiting])
    if (kind === 'dropped')
      dropped.set(digest ?? '', [...(dropped.get(digest ?? '') ?? []), ...(documents ?? [])].toSorted());
  for (const { digest, pack, statement } of found) {
    const missing = statement.subject
      .filter((subject) => !(subject.digest.sha256 in pack.documents))
      .map(({ name }) => name);
    assert.deepEqual(dropped.get(digest) ?? [], missing, 'what is missing and what is told differ');
  }
  for (const digest of refused) assert.equal(count([...told, ...waiting], 'rejected', digest), 1);
  for (const { kind, digest } of [...told, ...waiting]) if (kind === 'rejected') assert.ok(refused.has(digest ?? ''));
  const damagedFiles = [...contents.keys()].filter(
    (path) => path.startsWith(`${join(folder, 'quarantine')}/`) && !path.endsWith('.problem.json'),
  );
  assert.equal(count([...told, ...waiting], 'damaged'), damagedFiles.length - refused.size);
  const forks = [...shown].filter((digest) => statementOf(signed, digest).predicate.chain.forkOf !== undefined);
  assert.equal(count([...told, ...waiting], 'fork'), forks.length);
}

function count(incidents: readonly Incident[], kind: Incident['kind'], digest?: string): number {
  return incidents.filter((incident) => incident.kind === kind && (digest === undefined || incident.digest === digest))
    .length;
}

function what({ at: _, ...incident }: Incident): string {
  return canonicalText(incident);
}

function statementOf(signed: Notary, digest: string): Statement {
  const statement = signed.get(digest);
  assert.ok(statement !== undefined, `nobody signed ${digest}`);
  return statement;
}
