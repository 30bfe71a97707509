/** One life of a spool that meets every accident, and the books checked after it. For the tests of power cuts and failing disks. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { loadOrCreateKeys } from '../../../agent/spool/keys.ts';
import { fork, quarantine, release } from '../../../agent/spool/release.ts';
import { append, pending, type SpooledPack } from '../../../agent/spool/spool.ts';
import { openState, type State } from '../../../agent/spool/state.ts';
import type { Result } from '../../../evidence/result.ts';
import { must, sampleDocuments, sampleReceipt, signFor, tickingClock } from './bundles.ts';
import { checkFolder, copyLedger, type Ledger, newLedger } from './ledger.ts';
import { type Disk, memoryDisk } from './memory-files.ts';

const folder = '/var/lib/affiant';
/** Room for two full packs and a bit: the third makes the first shrink. */
const limits = { maxBytes: 11_000, keepPacks: 100 };

export type World = { readonly disk: Disk; readonly ledger: Ledger };

export function open(disk: Disk): Result<State> {
  return openState(folder, { create: true, now: tickingClock(), files: disk, lock: (work) => work(), limits });
}

export function collect(state: State, { ledger }: World, label: string): SpooledPack | undefined {
  const keys = loadOrCreateKeys(state);
  if (!keys.ok) return undefined;
  const done = append(state, (link) =>
    signFor(keys.value.signer, link, sampleDocuments(label), undefined, ledger.signed),
  );
  if (!done.ok) return undefined;
  ledger.spooled.add(done.value.digest);
  ledger.shown.add(done.value.digest);
  return done.value;
}

export function waiting(state: State, { ledger }: World): SpooledPack[] {
  const packs = pending(state);
  if (!packs.ok) return [];
  for (const { digest } of packs.value) ledger.shown.add(digest);
  return packs.value;
}

/** Everything that the spool does, in one life. Refusals are ignored: the disk may fail at any step. */
export function live(world: World): void {
  const opened = open(world.disk);
  if (!opened.ok) return;
  const state = opened.value;
  collect(state, world, 'one');
  collect(state, world, 'two');
  const [one] = waiting(state, world);
  if (one !== undefined) release(state, one, sampleReceipt(1));
  collect(state, world, 'three');
  const four = collect(state, world, 'four');
  collect(state, world, 'five');
  // Number four carries an incident (what was dropped for it), and is refused.
  if (four !== undefined) quarantine(state, four, 'schema-violation', Buffer.from('{}'));
  const six = collect(state, world, 'six');
  if (six !== undefined) {
    world.ledger.damaged.add(six.digest);
    if (world.disk.look(six.path) !== undefined) world.disk.overwrite(six.path, Buffer.from('torn'));
  }
  const [, second] = waiting(state, world);
  if (second !== undefined) fork(state, second);
  collect(state, world, 'seven');
  for (const [index, entry] of waiting(state, world).entries()) release(state, entry, sampleReceipt(index));
}

/** What happens after the crash: the next runs of the agent, and then the books are checked. */
export function recoverAndCheck(world: World): void {
  const state = must(open(world.disk));
  waiting(state, world);
  assert.ok(collect(state, world, 'after one'));
  assert.ok(collect(state, world, 'after two'));
  waiting(state, world);
  checkFolder(world.disk.contents(), folder, world.ledger);
}

/** Every different thing that a power cut between two changes of the disk in `run` can leave, and the ledger of that moment. */
export function moments(world: World, run: (world: World) => void): World[] {
  const seen = new Map<string, World>();
  const look = (): void => {
    const { ledger } = world;
    for (const disk of world.disk.afterPowerCut()) {
      const print = fingerprint(disk, ledger);
      if (!seen.has(print)) seen.set(print, { disk, ledger: copyLedger(ledger) });
    }
  };
  world.disk.before = look;
  run(world);
  world.disk.before = (): void => undefined;
  look();
  return [...seen.values()];
}

function fingerprint(disk: Disk, { signed, shown, damaged }: Ledger): string {
  const hash = createHash('sha256').update(`${signed.size} ${shown.size} ${damaged.size}\n`);
  for (const [path, bytes] of disk.contents()) hash.update(`${path} ${bytes.length}\n`).update(bytes);
  return hash.digest('hex');
}

/** Fails operations of the disk: all from the `first` on, `times` of them. */
export function failing(disk: Disk, code: string, first: number, times: number): () => number {
  let seen = 0;
  disk.before = (operation, path): void => {
    seen += 1;
    // A full disk still removes and flushes.
    if (code === 'ENOSPC' && ['unlink', 'fsync'].includes(operation)) return;
    if (seen >= first && seen < first + times) throw Object.assign(new Error(`${code}: ${path}`), { code, path });
  };
  return () => seen;
}

/**
 * Lives through `times` failures in a row that begin at the operation `from`, then at `from + stride`
 * and so on to the last; after each the books are checked. Answers with the number of lives.
 */
export function failEverywhere(code: string, times: number, from: number, stride: number): number {
  const healthy = { disk: memoryDisk(), ledger: newLedger() };
  const count = failing(healthy.disk, code, Number.POSITIVE_INFINITY, 0);
  live(healthy);
  let lives = 0;
  for (let first = from; first <= count(); first += stride) {
    const world = { disk: memoryDisk(), ledger: newLedger() };
    failing(world.disk, code, first, times);
    live(world);
    world.disk.before = (): void => undefined;
    recoverAndCheck(world);
    lives += 1;
  }
  return lives;
}
