/** What was kept of verified packs: the same answers, and none that the packs themselves would not give. */
import { deepEqual, equal, notEqual, ok } from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { chmodSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { promisify } from 'node:util';
import { readFolder } from '../../audit/evidence-source.ts';
import type { HistoryEntry } from '../../audit/history-model.ts';
import { type CacheScope, openPackCache, type PackCache } from '../../audit/pack-cache.ts';
import { cacheHeld, readEntry, readMemory, type Trust } from '../../audit/read-packs.ts';
import { logVerifierFromKey } from '../../evidence/checkpoint.ts';
import { sha256Hex } from '../../evidence/digest.ts';
import { decodePack, encodePack, packParts } from '../../evidence/pack.ts';
import { verificationKeyOf } from '../../evidence/signing-key.ts';
import { fixture } from '../../tools/case/fixtures.ts';
import { packsOf, type SeriesKeys, seriesKeys } from '../../tools/case/series.ts';
import { temporaryFolder } from '../agent/host/temporary-folder.ts';
import { allPolicies, auditOf } from './played.ts';

const keys = seriesKeys();
const packs = [...packsOf({ ...fixture('msg-2016'), from: '2021-08-10', to: '2021-08-19' }, keys)];

function trustOf(of: SeriesKeys): Trust {
  const key = verificationKeyOf(of.signer);
  const log = logVerifierFromKey(of.log.verifierKey);
  ok(log.ok);
  return { key: (id) => (id === key.keyId ? key : undefined), logKey: log.value };
}

/** Counts what the cache answered and what it was given. */
function counting(cache: PackCache): PackCache & { readonly hits: string[]; readonly puts: string[] } {
  const hits: string[] = [];
  const puts: string[] = [];
  return {
    ...cache,
    hits,
    puts,
    get(digest) {
      const found = cache.get(digest);
      if (found !== undefined) hits.push(digest);
      return found;
    },
    put(digest, entry) {
      puts.push(digest);
      cache.put(digest, entry);
    },
  };
}

describe('the cache of verified packs', () => {
  const base = temporaryFolder();
  const trust = trustOf(keys);
  let made = 0;
  const folder = (): string => {
    made += 1;
    const path = join(base(), String(made));
    mkdirSync(path, { mode: 0o700 });
    return path;
  };
  const filled = (): string => {
    const path = folder();
    for (const { name, bytes } of packs) {
      mkdirSync(join(path, name, '..'), { recursive: true });
      writeFileSync(join(path, name), bytes);
    }
    return path;
  };
  const scope: CacheScope = { program: 'this one', logKey: keys.log.verifierKey };
  const run = (
    from: string,
    cacheFolder: string,
    as: Trust = trust,
    over = scope,
  ): { entries: readonly HistoryEntry[]; refused: readonly { code: string }[]; hits: number; puts: number } => {
    const cache = openPackCache(cacheFolder, over);
    ok(cache);
    const counted = counting(cache);
    const read = readFolder(from, as, counted);
    counted.close();
    ok(read.ok, JSON.stringify(read));
    return {
      entries: read.value.entries,
      refused: read.value.refused,
      hits: counted.hits.length,
      puts: counted.puts.length,
    };
  };
  const entriesIn = (from: string): readonly HistoryEntry[] => packEntries(from, trust);

  it('gives the same entries and findings as the packs', () => {
    const [from, kept] = [filled(), folder()];
    const fresh = run(from, kept);
    deepEqual([fresh.hits, fresh.puts], [0, 10]);
    const again = run(from, kept);
    // A sample is verified all the same, and then the cache was asked as well.
    deepEqual([again.hits, again.puts], [10, 0]);
    const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value));
    deepEqual(plain(again.entries), plain(fresh.entries));
    const audit = { policies: allPolicies() };
    deepEqual(plain(auditOf(again.entries, '2021-08-19', audit)), plain(auditOf(entriesIn(from), '2021-08-19', audit)));
  });

  it('verifies only the new packs of a new day', () => {
    const [from, kept] = [filled(), folder()];
    const newest = join(from, packs.at(-1)?.name ?? '');
    const bytes = readFileSync(newest);
    rmSync(newest);
    run(from, kept);
    writeFileSync(newest, bytes);
    const next = run(from, kept);
    deepEqual([next.entries.length, next.hits, next.puts], [10, 9, 1]);
  });

  it('notices a changed pack, wherever it was changed, and leaves its path out of account', () => {
    const [from, kept] = [filled(), folder()];
    run(from, kept);
    const file = join(from, packs[3]?.name ?? '');
    const { atime, mtime } = statSync(file);
    writeFileSync(file, Buffer.from(readFileSync(file, 'utf8').replace('15.1.2044.4', '15.1.2176.9')));
    utimesSync(file, atime, mtime);
    const after = run(from, kept);
    deepEqual([after.entries.length, after.hits, after.refused.map(({ code }) => code)], [9, 9, ['document-changed']]);
  });

  it('gives nothing for a key that is not trusted any more, another log key, or another program', () => {
    const [from, kept] = [filled(), folder()];
    run(from, kept);
    const revoked = run(from, kept, { ...trust, key: () => undefined });
    deepEqual([revoked.entries.length, revoked.refused.length, revoked.refused[0]?.code], [0, 10, 'key-unknown']);
    const other = trustOf({ ...keys, log: seriesKeys().log });
    const elsewhere = run(from, kept, other, { ...scope, logKey: other.logKey?.verifierKey });
    deepEqual([elsewhere.entries.length, elsewhere.hits, elsewhere.refused[0]?.code], [0, 0, 'receipt-other-log']);
    deepEqual(run(from, kept, { key: trust.key }, { program: scope.program }).entries[0]?.receipt, 'unchecked');
    equal(run(from, kept, trust, { ...scope, program: 'a newer one' }).hits, 0);
    equal(run(from, kept).hits, 10);
  });

  it('does not believe an entry or a part that was changed, nor one that was moved to another pack', () => {
    const from = filled();
    const changes: readonly string[] = [
      `UPDATE entries SET body = replace(body, '2021-08-1', '2021-07-1')`,
      `UPDATE entries SET mac = zeroblob(32)`,
      `UPDATE entries SET mac = 'text'`,
      `UPDATE entries SET mac = x''`,
      `UPDATE parts SET text = replace(text, 'e', 'f')`,
      `DELETE FROM parts`,
      `CREATE TABLE t AS SELECT pack, body, mac FROM entries;
       UPDATE entries SET (body, mac) = (SELECT body, mac FROM t WHERE t.pack > entries.pack ORDER BY pack LIMIT 1)`,
    ];
    const truth = JSON.stringify(entriesIn(from).map(({ bundle, day }) => [bundle, day]));
    for (const change of changes) {
      const kept = folder();
      run(from, kept);
      const database = new DatabaseSync(join(kept, 'packs.sqlite'));
      database.exec(change);
      database.close();
      const after = run(from, kept);
      equal(JSON.stringify(after.entries.map(({ bundle, day }) => [bundle, day])), truth, change);
      deepEqual([after.entries.length, after.hits], [10, 0], change);
      equal(run(from, kept).hits, 10, `not made anew after ${change}`);
    }
  });

  it('does not believe what another key bound, or one that others could read', () => {
    const [from, kept] = [filled(), folder()];
    run(from, kept);
    const file = join(kept, 'cache.key');
    equal(statSync(file).mode & 0o777, 0o600);
    const key = readFileSync(file);
    chmodSync(file, 0o644);
    equal(run(from, kept).hits, 0);
    notEqual(readFileSync(file).toString('hex'), key.toString('hex'));
    equal(run(from, kept).hits, 10);
    writeFileSync(file, 'short');
    equal(run(from, kept).hits, 0);
    deepEqual(
      readdirSync(kept).filter((name) => name.startsWith('cache.key')),
      ['cache.key'],
    );
  });

  it('begins anew over a file that is no cache', () => {
    const [from, kept] = [filled(), folder()];
    writeFileSync(join(kept, 'packs.sqlite'), 'not a database, but long enough to be looked at as one'.repeat(99));
    equal(run(from, kept).puts, 10);
    equal(run(from, kept).hits, 10);
  });

  it('keeps nothing of a pack that was refused, or that leaves documents out', () => {
    const [from, kept] = [folder(), folder()];
    const [first] = packs;
    const decoded = decodePack(first?.bytes ?? new Uint8Array());
    ok(first && decoded.ok);
    const parts = packParts(decoded.value);
    const fewer = encodePack({ ...parts, documents: new Map([...parts.documents].slice(1)) });
    writeFileSync(join(from, 'a.pack.json'), fewer);
    writeFileSync(join(from, 'b.pack.json'), Buffer.from(first.bytes).subarray(1));
    const read = run(from, kept);
    deepEqual([read.entries.length, read.refused.length, read.puts], [1, 1, 0]);
  });

  it('fills what a pack leaves out from one that was not opened', () => {
    const [from, kept] = [folder(), folder()];
    const [first] = packs;
    const decoded = decodePack(first?.bytes ?? new Uint8Array());
    ok(first && decoded.ok);
    writeFileSync(join(from, 'a.pack.json'), first.bytes);
    run(from, kept);
    const parts = packParts(decoded.value);
    writeFileSync(join(from, 'b.pack.json'), encodePack({ ...parts, documents: new Map() }));
    const { entries, hits } = run(from, kept);
    equal(hits, 1);
    deepEqual(JSON.parse(JSON.stringify(entries[1]?.seen)), JSON.parse(JSON.stringify(entries[0]?.seen)));
  });

  it('is found out and emptied when it contradicts a pack of the sample', () => {
    const [from, kept] = [filled(), folder()];
    const file = join(from, packs[0]?.name ?? '');
    const cache = openPackCache(kept, scope);
    ok(cache);
    const entry = entriesIn(from).find(({ file: path }) => path === packs[0]?.name);
    ok(entry);
    const digest = sha256Hex(readFileSync(file));
    const { file: _path, ...rest } = entry;
    cache.put(digest, { ...rest, day: '2020-01-01' });
    cache.close();
    const again = openPackCache(kept, scope);
    ok(again);
    const memory = readMemory(again, 1);
    const read = readEntry(file, 'shown', trust, memory);
    ok(read.ok);
    equal(read.entry.day, entry.day);
    const held = cacheHeld(memory);
    equal(held.ok ? '' : held.refusal.code, 'cache-wrong');
    equal(again.get(digest), undefined);
    again.close();
  });

  it('serves several processes at once', async function () {
    this.timeout(60_000);
    const [from, kept] = [filled(), folder()];
    const script = `
      const { openPackCache } = await import(${JSON.stringify(new URL('../../audit/pack-cache.ts', import.meta.url).href)});
      const cache = openPackCache(process.argv[1], { program: 'p' });
      for (let at = 0; at < 1200; at += 1) cache.put(String(at % 700), { number: at % 700, documents: {}, collectors: [], seen: { unseen: ['x'.repeat(300)] } });
      let found = 0;
      for (let at = 0; at < 700; at += 1) if (cache.get(String(at))?.number === at) found += 1;
      cache.close();
      console.log(found);`;
    const runs = await Promise.all(
      [1, 2, 3].map(() => promisify(execFile)(process.execPath, ['--input-type=module', '-e', script, kept])),
    );
    for (const { stdout } of runs) ok(Number(stdout) >= 500, stdout);
    const after = openPackCache(kept, { program: 'p' });
    equal(Array.from({ length: 700 }, (_, at) => after?.get(String(at))).filter(Boolean).length, 700);
    after?.close();
    equal(run(from, kept).puts, 10);
  });
});

function packEntries(from: string, trust: Trust): readonly HistoryEntry[] {
  const read = readFolder(from, trust);
  ok(read.ok);
  return read.value.entries;
}
