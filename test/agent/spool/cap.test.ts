import assert from 'node:assert/strict';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { append, pending, type SpooledPack } from '../../../agent/spool/spool.ts';
import { openState, type State } from '../../../agent/spool/state.ts';
import { decodePack } from '../../../evidence/pack.ts';
import type { Signer } from '../../../evidence/signing-key.ts';
import type { Incident } from '../../../schemas/generated/types.ts';
import { type Documents, must, ready, sampleDocuments, scratchFolder, signFor } from './bundles.ts';

function withoutTimes(incidents: readonly Incident[]): object[] {
  return incidents.map(({ at: _, ...rest }) => rest);
}

describe('the cap of the spool', () => {
  let home: string;
  let state: State;
  let signer: Signer;
  let told: Incident[];
  beforeEach(() => {
    home = scratchFolder();
    ({ state, signer } = ready(join(home, 'state')));
    told = [];
  });
  afterEach(() => {
    rmSync(home, { recursive: true });
  });

  function capped(maxBytes: number): void {
    state = must(openState(state.folder, { create: false, now: () => new Date(), limits: { maxBytes } }));
  }
  function collect(documents: Documents = sampleDocuments(`${Math.random()}`, 2000)): SpooledPack {
    return must(
      append(state, (link) => {
        told.push(...link.incidents);
        return signFor(signer, link, documents);
      }),
    );
  }
  const missing = (): (readonly string[])[] => must(pending(state)).map((entry) => entry.missing);
  const total = (): number => must(pending(state)).reduce((sum, { size }) => sum + size, 0);

  it('drops nothing below it', () => {
    collect();
    capped(collect().size * 3 + 100);
    collect();
    assert.deepEqual(missing(), [[], [], []]);
  });

  it('drops raw outputs first, oldest first, and only as many as it must', () => {
    const { size } = collect();
    collect();
    collect();
    capped(size * 4 - 3000);
    collect();
    assert.deepEqual(missing(), [['raw/1'], ['raw/1'], [], []]);
    assert.ok(total() <= size * 4 - 3000);
  });

  it('drops the newest raw output before the oldest document', () => {
    const { size } = collect();
    capped(size * 2 - 4500);
    collect();
    assert.deepEqual(missing(), [['host', 'packages', 'raw/1'], ['raw/1']]);
  });

  it('keeps every statement, even where they alone are over the cap', () => {
    capped(1);
    const entries = [collect(), collect(), collect()];
    const all = ['host', 'packages', 'raw/1'];
    assert.deepEqual(missing(), [all, all, all]);
    assert.deepEqual(
      must(pending(state)).map(({ digest }) => digest),
      entries.map(({ digest }) => digest),
    );
  });

  it('answers with what it let go of the very pack that was spooled', () => {
    collect();
    capped(100);
    const spooled = collect();
    assert.ok(spooled.missing.length > 0);
    assert.deepEqual(spooled.missing, missing().at(-1));
  });

  it('tells in the next statement what went, from which bundle and how many bytes, once', () => {
    const first = collect();
    const before = readFileSync(first.path).length;
    capped(first.size * 2 - 1000);
    collect();
    assert.deepEqual(told, [], 'not yet: that statement was signed before');
    capped(1024 * 1024);
    collect();
    collect();
    assert.deepEqual(withoutTimes(told), [
      {
        kind: 'dropped',
        chain: first.chain,
        sequence: 0,
        digest: first.digest,
        documents: ['raw/1'],
        bytes: before - readFileSync(first.path).length,
        reason: 'spool-full',
      },
    ]);
  });

  it('leaves the bundle and its signature as they were', () => {
    const first = collect();
    const before = decodePack(readFileSync(first.path));
    capped(1);
    collect();
    const after = decodePack(readFileSync(first.path));
    assert.ok(before.ok && after.ok);
    assert.deepEqual(after.value.bundle, before.value.bundle);
    assert.deepEqual(after.value.documents, {});
  });

  it('does not take a document for raw that has another name, too', () => {
    const shared = { format: 'affiant-host/1', filler: 's'.repeat(2000) };
    const { size } = collect(
      new Map([
        ['host', shared],
        ['raw/1', shared],
      ]),
    );
    capped(size + collect().size * 2 - 1000);
    collect();
    assert.deepEqual(missing(), [[], ['raw/1'], []]);
  });

  it('drops nothing from a file that is damaged: that would hide it', () => {
    const first = collect();
    const bytes = readFileSync(first.path);
    bytes.writeUInt8(bytes.readUInt8(300) ^ 1, 300);
    writeFileSync(first.path, bytes);
    capped(1);
    collect();
    assert.deepEqual(readFileSync(first.path), bytes);
  });
});
