/** What the cache keeps of whole folders: findings are those of a reading from scratch, byte for byte. */
import { deepEqual, equal, ok } from 'node:assert/strict';
import { cpSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { judge } from '../../agent/cli/findings/judge.ts';
import { readFolder } from '../../audit/evidence-source.ts';
import { listFolders, readListed } from '../../audit/evidence-stream.ts';
import { identityOf } from '../../audit/file-identity.ts';
import { type KeptPack, readPacks, writePacks } from '../../audit/kept-packs.ts';
import { type CacheScope, openPackCache, type PackCache } from '../../audit/pack-cache.ts';
import { readMemory, type Trust } from '../../audit/read-packs.ts';
import { catalogues } from '../../catalogue/list.ts';
import { logVerifierFromKey } from '../../evidence/checkpoint.ts';
import { verificationKeyOf } from '../../evidence/signing-key.ts';
import { fixture } from '../../tools/case/fixtures.ts';
import { packsOf, seriesKeys } from '../../tools/case/series.ts';
import { temporaryFolder } from '../agent/host/temporary-folder.ts';
import { allPolicies } from './played.ts';

const keys = seriesKeys();
const packs = [...packsOf({ ...fixture('msg-2016'), from: '2021-08-10', to: '2021-08-19' }, keys)];
const page = { format: 'json', width: 100, coloured: false } as const;
const scope: CacheScope = { program: 'this one', logKey: keys.log.verifierKey };
const never = 2 ** 40;

type How = {
  readonly at?: string;
  readonly by?: 'stat' | 'hash';
  readonly settledMs?: number;
  readonly sampleOf?: number;
};

describe('folders of verified packs that the cache keeps', () => {
  const base = temporaryFolder();
  const server = verificationKeyOf(keys.signer);
  const log = logVerifierFromKey(keys.log.verifierKey);
  ok(log.ok);
  const trust: Trust = { key: (id) => (id === server.keyId ? server : undefined), logKey: log.value };
  let made = 0;
  const folder = (): string => {
    made += 1;
    const path = join(base(), String(made));
    mkdirSync(path, { mode: 0o700 });
    return path;
  };
  const fileOf = (path: string, at: number): string => join(path, `${packs.at(at)?.day}.pack.json`);
  const filled = (): string => {
    const path = folder();
    for (const [at, { bytes }] of packs.entries()) writeFileSync(fileOf(path, at), bytes);
    return path;
  };
  const opened = (path: string, over = scope): PackCache => {
    const cache = openPackCache(path, over);
    ok(cache);
    return cache;
  };
  /** What the command prints of the folder, and what it says of the cache. */
  const said = (from: string, kept?: string, as: Trust = trust, how: How = {}): string => {
    const { at = '2021-08-19', by: unchangedBy = 'stat', settledMs = 0, sampleOf = never } = how;
    const cache = kept === undefined ? undefined : opened(kept);
    const places = [{ path: from, shown: '' }];
    const listed = listFolders(from, places);
    ok(listed.ok);
    const read = readListed(as, listed.value, places, readMemory(cache, sampleOf, { unchangedBy, settledMs }), false);
    cache?.close();
    if (!read.ok) return read.refusal.code;
    const { store, refused, documents } = read.value;
    const options = { catalogues, policies: allPolicies(), attestations: [], at, documents };
    const texts = [...store.servers()].flatMap((entries) => judge(entries, options, undefined, page));
    return JSON.stringify({ refused, texts: texts.map(({ text }) => text) });
  };
  const rowsOf = (kept: string): number => {
    const database = new DatabaseSync(join(kept, 'packs.sqlite'));
    const { count } = database.prepare('SELECT count(*) AS count FROM folders').get() as { count: number };
    database.close();
    return count;
  };
  const keptOf = (from: string, kept: string, over = scope): ReadonlyMap<string, KeptPack> => {
    const cache = opened(kept, over);
    const { packs: found } = cache.folders.load(from);
    cache.close();
    return found;
  };

  it('say the same from scratch, when they are filled, known by their times, and known by their bytes', () => {
    const [from, kept] = [filled(), folder()];
    const truth = said(from);
    ok(truth.includes('findings') && truth.length > 10_000);
    for (const by of ['stat', 'stat', 'hash', 'stat'] as const) equal(said(from, kept, trust, { by }), truth, by);
    for (const sampleOf of [1, 2]) equal(said(from, kept, trust, { sampleOf }), truth);
    equal(said(from, kept, trust, { at: '2021-08-30' }), said(from, undefined, trust, { at: '2021-08-30' }));
    deepEqual([keptOf(from, kept).size, rowsOf(kept)], [10, 1]);
  });

  it('take a new day as a row more, and many rows as one again', () => {
    const [from, kept, later] = [filled(), folder(), folder()];
    const last = packs.length - 1;
    renameSync(fileOf(from, last), fileOf(later, last));
    said(from, kept);
    renameSync(fileOf(later, last), fileOf(from, last));
    const truth = said(from);
    equal(said(from, kept), truth);
    deepEqual([rowsOf(kept), said(from, kept) === truth, rowsOf(kept)], [2, true, 2]);
    // A file that somebody touched is another one by its times, and a row more each time.
    for (let at = 3; at <= 17; at += 1) {
      utimesSync(fileOf(from, 0), at, at);
      equal(said(from, kept), truth);
      equal(rowsOf(kept), at <= 16 ? at : 1);
    }
    equal(keptOf(from, kept).size, 10);
  });

  it('notice packs that were changed, removed, renamed, or came out of order', () => {
    const [from, kept, later] = [filled(), folder(), folder()];
    for (const at of [2, 5]) renameSync(fileOf(from, at), fileOf(later, at));
    const steps: readonly (() => void)[] = [
      () => undefined,
      () => renameSync(fileOf(later, 5), fileOf(from, 5)),
      () => renameSync(fileOf(later, 2), fileOf(from, 2)),
      () => rmSync(fileOf(from, 7)),
      () => renameSync(fileOf(from, 3), join(from, 'a.pack.json')),
      () => cpSync(fileOf(from, 4), join(from, 'twice.pack.json')),
      () => cpSync(fileOf(from, 8), fileOf(from, 4)),
      () => {
        // As long as before, and with the times of before.
        const text = readFileSync(fileOf(from, 1), 'utf8');
        writeFileSync(fileOf(from, 1), text.replace('15.1.2044.4', '15.1.2044.5'));
        utimesSync(fileOf(from, 1), 1, 1);
      },
      () => rmSync(fileOf(from, 1)),
    ];
    const all = new Set<string>();
    for (const step of steps) {
      step();
      const truth = said(from);
      for (const by of ['stat', 'hash', 'stat'] as const) equal(said(from, kept, trust, { by }), truth);
      all.add(truth);
    }
    equal(all.size, steps.length);
    equal(keptOf(from, kept).size, readdirSync(from).length);
  });

  it('open no file whose identity is known, and every one by its bytes or in the sample', () => {
    const [from, kept] = [filled(), folder()];
    const truth = said(from, kept);
    const forge = (digest: string): void => {
      const cache = opened(kept);
      const before = cache.folders.load(from);
      const forged = [...before.packs.values()].map(
        (pack): KeptPack =>
          pack.name === `${packs[0]?.day}.pack.json`
            ? { ...pack, digest, entry: { ...pack.entry, incidents: [{ kind: 'fork', at: '2021-08-10T00:00:00Z' }] } }
            : pack,
      );
      cache.folders.save(from, before, forged);
      cache.close();
    };
    forge('of nothing');
    ok(said(from, kept).includes('incident-fork'));
    equal(said(from, kept, trust, { by: 'hash' }), truth);
    forge('of nothing');
    equal(said(from, kept, trust, { sampleOf: 1 }), 'cache-wrong');
    deepEqual([keptOf(from, kept).size, rowsOf(kept)], [0, 0]);
    said(from, kept);
    forge(keptOf(from, kept).get(`${packs[0]?.day}.pack.json`)?.digest ?? '');
    for (const by of ['stat', 'hash'] as const) ok(said(from, kept, trust, { by }).includes('incident-fork'));
    // Commands that read pack by pack find it there, too.
    const cache = opened(kept);
    const read = readFolder(from, trust, cache);
    cache.close();
    ok(read.ok && read.value.entries[0]?.incidents[0]?.kind === 'fork');
    equal(said(from, kept, trust, { sampleOf: 1, by: 'hash' }), 'cache-wrong');
  });

  it('keep no identity of a file that was changed a moment ago', () => {
    const [from, kept] = [filled(), folder()];
    said(from, kept, trust, { settledMs: 3_600_000 });
    deepEqual(
      [...keptOf(from, kept).values()].map(({ identity }) => identity),
      Array(10).fill(undefined),
    );
    said(from, kept);
    equal(keptOf(from, kept).get(`${packs[0]?.day}.pack.json`)?.identity, identityOf(fileOf(from, 0)));
  });

  it('give nothing for a key that is not trusted any more, and are not lost by that', () => {
    const [from, kept] = [filled(), folder()];
    const truth = said(from, kept);
    const nobody: Trust = { key: () => undefined, logKey: log.value };
    for (const by of ['stat', 'hash'] as const)
      equal(said(from, kept, nobody, { by }), said(from, undefined, nobody, { by }));
    equal(keptOf(from, kept).size, 10);
    equal(said(from, kept), truth);
  });

  it('are not believed where a row was changed, moved, left out, or made for another program', () => {
    const from = filled();
    const changes: readonly (readonly [string, number])[] = [
      [`UPDATE folders SET body = replace(body, '2021-08-1', '2021-07-1')`, 0],
      [`UPDATE folders SET mac = zeroblob(32)`, 0],
      [`UPDATE folders SET mac = 'text'`, 0],
      [`DELETE FROM folders WHERE number = 0`, 0],
      [`DELETE FROM folders WHERE number = 1`, 9],
      [`UPDATE folders SET number = 1 - number + 10; UPDATE folders SET number = number - 10`, 0],
      [`UPDATE folders SET body = (SELECT body FROM folders WHERE number = 0) WHERE number = 1`, 9],
    ];
    const last = fileOf(from, packs.length - 1);
    const truth = said(from);
    for (const [change, left] of changes) {
      const kept = folder();
      renameSync(last, `${last}.later`);
      said(from, kept);
      renameSync(`${last}.later`, last);
      said(from, kept);
      equal(keptOf(from, kept, { ...scope, program: 'a newer one' }).size, 0);
      const database = new DatabaseSync(join(kept, 'packs.sqlite'));
      database.exec(change);
      database.close();
      equal(keptOf(from, kept).size, left, change);
      equal(said(from, kept), truth, change);
      equal(keptOf(from, kept).size, 10, change);
    }
  });

  it('are written as what differs, and read with the same members, in order, and the same objects for the same', () => {
    const [from, kept] = [filled(), folder()];
    said(from, kept);
    const all = [...keptOf(from, kept).values()];
    const cut = all.slice(4).map((pack, at): KeptPack => {
      const { bundle, ...rest } = pack.entry;
      return at === 2 ? { ...pack, entry: { ...rest, bundle } } : pack;
    });
    for (const before of [undefined, all[3]?.entry]) {
      const again = readPacks(writePacks(cut, before), before);
      equal(JSON.stringify(again), JSON.stringify(cut));
      equal(again[1]?.entry.seen.admins, again[0]?.entry.seen.admins);
    }
    ok(writePacks(all).length * 3 < JSON.stringify(all).length);
  });
});
