import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fork, newestPack, quarantine, readSpooled, release } from '../../../agent/spool/release.ts';
import { append, type NextLink, pending, type SpooledPack } from '../../../agent/spool/spool.ts';
import type { State } from '../../../agent/spool/state.ts';
import { sha256Hex } from '../../../evidence/digest.ts';
import { decodePack } from '../../../evidence/pack.ts';
import { type Signer, throwAwaySigner } from '../../../evidence/signing-key.ts';
import type { Incident } from '../../../schemas/generated/types.ts';
import { must, ready, refusalOf, sampleDocuments, sampleReceipt, scratchFolder, signFor } from './bundles.ts';

describe('the spool', () => {
  let home: string;
  let state: State;
  let signer: Signer;
  beforeEach(() => {
    home = scratchFolder();
    ({ state, signer } = ready(join(home, 'state'), { limits: { keepPacks: 2 } }));
  });
  afterEach(() => {
    rmSync(home, { recursive: true });
  });

  const names = (folder: string): string[] => readdirSync(join(state.folder, folder));
  function collect(at?: string): { entry: SpooledPack; link: NextLink } {
    const links: NextLink[] = [];
    const entry = must(
      append(state, (link) => {
        links.push(link);
        return signFor(signer, link, sampleDocuments(`${Math.random()}`), at);
      }),
    );
    const [link] = links;
    assert.ok(link !== undefined && links.length === 1);
    return { entry, link };
  }
  const kindsOf = (incidents: readonly Incident[]): string[] => incidents.map(({ kind }) => kind);

  it('counts from 0 and links each bundle to the one before', () => {
    const [first, second, third] = [collect(), collect(), collect()];
    assert.deepEqual(
      [first, second, third].map(({ link }) => link.chain.sequence),
      [0, 1, 2],
    );
    assert.equal(first.link.chain.previous, undefined);
    assert.equal(second.link.chain.previous, first.entry.digest);
    assert.equal(third.link.chain.previous, second.entry.digest);
    assert.match(first.link.chain.id, /^[0-9a-f]{32}$/);
    assert.equal(first.entry.name, `${first.link.chain.id.slice(0, 8)}-000000000000.pack.json`);
  });

  it('hands the clock of the bundle before to the next, also across a fork', () => {
    assert.equal(collect('2026-03-01T10:00:00Z').link.clockFloor, undefined);
    const second = collect('2026-03-01T09:00:00Z');
    assert.equal(second.link.clockFloor, '2026-03-01T10:00:00Z');
    must(fork(state, second.entry));
    assert.equal(collect().link.clockFloor, '2026-03-01T09:00:00Z');
  });

  it('spools the bytes that were signed, and shows them oldest first', () => {
    const entries = Array.from({ length: 3 }, () => collect().entry);
    const waiting = must(pending(state));
    assert.deepEqual(waiting, entries);
    assert.ok(decodePack(must(readSpooled(state, entries[0] as SpooledPack))).ok);
    assert.equal(waiting[0]?.size, readFileSync(waiting[0]?.path ?? '').length);
  });

  it('allocates nothing when the building fails', () => {
    collect();
    assert.throws(
      () =>
        append(state, () => {
          throw new Error('no evidence');
        }),
      /no evidence/,
    );
    assert.equal(collect().link.chain.sequence, 1);
  });

  it('refuses a bundle for another place, of another key, with another digest or without the incidents, and allocates nothing', () => {
    const stale = collect().link;
    must(quarantine(state, collect().entry, 'told'));
    const builders: ((link: NextLink) => ReturnType<typeof signFor>)[] = [
      () => signFor(signer, stale, sampleDocuments('x')),
      (link) => signFor(signer, { ...link, incidents: [] }, sampleDocuments('silent')),
      (link) => signFor(throwAwaySigner(), link, sampleDocuments('x')),
      (link) => ({ ...signFor(signer, link, sampleDocuments('x')), digest: '0'.repeat(64) }),
      (link) => ({ ...signFor(signer, link, sampleDocuments('x')), finishedAt: '2026-01-01T00:00:00Z' }),
      () => ({ bytes: Buffer.from('{}'), digest: '', finishedAt: '' }),
    ];
    for (const build of builders) assert.equal(refusalOf(append(state, build)).code, 'pack-invalid');
    assert.equal(collect().link.chain.sequence, 2);
    assert.equal(names('spool').length, 2);
  });

  it('lets a pack go for a receipt and keeps it with the receipt inside', () => {
    const { entry } = collect();
    const path = must(release(state, entry, sampleReceipt(7)));
    assert.deepEqual(names('spool'), []);
    const pack = decodePack(readFileSync(path));
    assert.ok(pack.ok);
    assert.equal(pack.value.receipt?.logIndex, 7);
    assert.deepEqual(must(pending(state)), []);
    assert.equal(must(release(state, entry, sampleReceipt(7))), path, 'twice is ok');
    assert.equal(collect().link.chain.sequence, 1);
  });

  it('does not let go for what is no receipt', () => {
    const { entry } = collect();
    const html = { ...sampleReceipt(1), checkpoint: 5 } as never;
    assert.equal(refusalOf(release(state, entry, html)).code, 'schema-violation');
    assert.equal(names('spool').length, 1);
  });

  it('keeps the newest receipted packs only, and never forgets where the chain was', () => {
    for (let count = 0; count < 5; count += 1) must(release(state, collect().entry, sampleReceipt(count)));
    const kept = names('packs').map((name) => Number(name.slice(9, 21)));
    assert.deepEqual(kept, [3, 4]);
    assert.equal(collect().link.chain.sequence, 5);
  });

  it('finds the place again when the note of the head lags behind by a crash', () => {
    const note = join(state.folder, 'chain.json');
    collect();
    const before = readFileSync(note);
    const { entry } = collect();
    writeFileSync(note, before);
    assert.equal(collect().link.chain.previous, entry.digest);
    // And also where the pack was sent before anyone looked.
    writeFileSync(note, before);
    for (const waiting of must(pending(state))) must(release(state, waiting, sampleReceipt(1)));
    rmSync(join(state.folder, 'packs'), { recursive: true });
    mkdirSync(join(state.folder, 'packs'), { mode: 0o700 });
    assert.equal(collect().link.chain.sequence, 3);
  });

  for (const [what, damage] of [
    ['damaged', (note: string) => truncateSync(note, 20)],
    ['gone', (note: string) => rmSync(note)],
  ] as const)
    it(`begins a new chain that says so when the note of the head is ${what}, as the last number is not sure`, () => {
      collect();
      const last = collect();
      damage(join(state.folder, 'chain.json'));
      const { link } = collect();
      assert.equal(link.chain.sequence, 0);
      assert.deepEqual(link.chain.forkOf, { id: last.link.chain.id, sequence: 1, digest: last.entry.digest });
      assert.deepEqual(kindsOf(link.incidents), ['damaged', 'fork']);
      assert.deepEqual(
        must(pending(state)).map(({ sequence }) => sequence),
        [0, 1, 0],
      );
      assert.deepEqual(collect().link.incidents, [], 'told once');
    });

  it('sets a file aside that is not what was signed, tells it once by its digest, and sends the others', () => {
    const entries = Array.from({ length: 3 }, () => collect().entry);
    const bad = entries[1]?.path ?? '';
    const bytes = readFileSync(bad);
    bytes.writeUInt8(bytes.readUInt8(200) ^ 1, 200);
    writeFileSync(bad, bytes);
    assert.deepEqual(must(pending(state)), [entries[0], entries[2]]);
    const [aside] = names('quarantine');
    assert.deepEqual(readFileSync(join(state.folder, 'quarantine', aside ?? '')), bytes);
    const { link } = collect();
    assert.equal(link.incidents.length, 1);
    assert.deepEqual(
      { ...link.incidents[0], at: '' },
      { kind: 'damaged', at: '', digest: sha256Hex(bytes), reason: 'file-damaged' },
    );
    must(pending(state));
    assert.deepEqual(collect().link.incidents, []);
  });

  it('sets strange files aside, and leaves alone what is no file', () => {
    const { entry } = collect();
    const spool = join(state.folder, 'spool');
    writeFileSync(join(spool, 'README'), 'hello');
    writeFileSync(join(spool, entry.name.replace('000.pack', '009.pack')), readFileSync(entry.path));
    mkdirSync(join(spool, 'folder'));
    assert.deepEqual(must(pending(state)), [entry]);
    assert.equal(names('quarantine').length, 2);
    assert.deepEqual(names('spool'), [entry.name, 'folder'].toSorted());
  });

  it('sets a pack of another key aside, however well it is signed', () => {
    const other = ready(join(home, 'other'));
    const foreign = must(append(other.state, (link) => signFor(other.signer, link, sampleDocuments('foreign'))));
    writeFileSync(join(state.folder, 'spool', foreign.name), readFileSync(foreign.path));
    assert.deepEqual(must(pending(state)), []);
    assert.equal(names('quarantine').length, 1);
  });

  it('quarantines what the endpoint refused for good, with its answer, and tells it in the next bundle', () => {
    const { entry } = collect();
    must(quarantine(state, entry, 'schema-violation', Buffer.from('{"title":"invalid"}')));
    must(quarantine(state, entry, 'schema-violation', Buffer.from('{"title":"invalid"}')));
    assert.deepEqual(names('spool'), []);
    assert.equal(names('quarantine').length, 2);
    const { link } = collect();
    assert.deepEqual(
      link.incidents.map(({ at: _, ...rest }) => rest),
      [{ kind: 'rejected', chain: entry.chain, sequence: 0, digest: entry.digest, reason: 'schema-violation' }],
    );
    assert.equal(link.chain.previous, entry.digest, 'the chain goes on');
    assert.deepEqual(collect().link.incidents, []);
  });

  it('does not trust the endpoint with the reason', () => {
    const { entry } = collect();
    must(quarantine(state, entry, '<script>\u001b[31m'));
    assert.equal(collect().link.incidents[0]?.reason, 'rejected');
  });

  it('tells again what a refused bundle had to tell', () => {
    must(quarantine(state, collect().entry, 'one'));
    const second = collect();
    assert.deepEqual(
      second.link.incidents.map(({ reason }) => reason),
      ['one'],
    );
    must(quarantine(state, second.entry, 'two'));
    assert.deepEqual(new Set(collect().link.incidents.map(({ reason }) => reason)), new Set(['one', 'two']));
    assert.deepEqual(collect().link.incidents, []);
  });

  it('begins a new chain after a conflict, once, and sends the old one first', () => {
    const [first, second] = [collect().entry, collect().entry];
    must(fork(state, first));
    must(fork(state, second));
    const { entry, link } = collect();
    assert.notEqual(link.chain.id, first.chain);
    assert.equal(link.chain.sequence, 0);
    assert.deepEqual(link.chain.forkOf, { id: first.chain, sequence: 0, digest: first.digest });
    assert.deepEqual(
      link.incidents.map(({ at: _, ...rest }) => rest),
      [{ kind: 'fork', chain: first.chain, sequence: 0, digest: first.digest }],
    );
    const next = collect();
    assert.deepEqual(must(pending(state)), [first, second, entry, next.entry]);
    assert.equal(next.link.chain.forkOf, undefined);
    assert.deepEqual(next.link.incidents, []);
  });

  it('is not stopped by an incident record that somebody changed', () => {
    must(quarantine(state, collect().entry, 'one'));
    const [record = ''] = names('incidents');
    writeFileSync(join(state.folder, 'incidents', record), '{"incident":{"kind":"invented","at":"yesterday"}}');
    assert.deepEqual(kindsOf(collect().link.incidents), ['damaged']);
  });

  it('takes the unfinished writes of another process that died for nothing, not for damage', () => {
    const { entry } = collect();
    for (const folder of ['.', 'spool', 'packs', 'incidents', 'quarantine'])
      writeFileSync(join(state.folder, folder, '.name.json.4711-1.tmp'), 'half');
    assert.deepEqual(must(pending(state)), [entry]);
    assert.deepEqual(collect().link.incidents, []);
    assert.deepEqual(
      readdirSync(state.folder, { recursive: true }).filter((name) => name.includes('tmp')),
      [],
    );
  });

  it('tells at most a thousand incidents in one bundle, and the others in the next', () => {
    const at = '2026-03-01T08:00:00.000Z';
    for (let count = 0; count < 1003; count += 1) {
      const incident = { kind: 'interrupted', at, reason: `r-${count}` };
      const name = `${String(count).padStart(12, '0')}-${'0'.repeat(16)}.json`;
      writeFileSync(join(state.folder, 'incidents', name), JSON.stringify({ incident }));
    }
    const first = collect().link.incidents;
    assert.equal(first.length, 1000);
    assert.equal(first[0]?.reason, 'r-0');
    assert.equal(collect().link.incidents.length, 3);
    assert.equal(collect().link.incidents.length, 0);
  });

  it('finds the newest pack, waiting or receipted', () => {
    assert.equal(must(newestPack(state)), undefined);
    collect();
    const { entry } = collect();
    assert.equal(must(newestPack(state))?.file.digest, entry.digest);
    must(release(state, entry, sampleReceipt(1)));
    assert.equal(must(newestPack(state))?.file.parts.receipt?.logIndex, 1);
  });

  it('needs its key to append, and says which is missing', () => {
    rmSync(join(state.folder, 'public.pem'));
    const refusal = refusalOf(append(state, () => assert.fail('never asked')));
    assert.equal(refusal.code, 'key-lost');
    assert.match(refusal.message, /public\.pem/);
  });
});
