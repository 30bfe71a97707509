/** Folders of packs as they come from the world: forged, changed, missing, twice, out of order, by two clocks. */
import { deepEqual, equal, match, ok } from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readSource } from '../../audit/evidence-source.ts';
import { histories, isStale } from '../../audit/history.ts';
import type { HistoryEntry } from '../../audit/history-model.ts';
import type { Trust } from '../../audit/read-packs.ts';
import { encodeAttestation, signAttestation } from '../../evidence/attestation.ts';
import { logVerifierFromKey } from '../../evidence/checkpoint.ts';
import { verificationKeyOf } from '../../evidence/signing-key.ts';
import { fixture } from '../../tools/case/fixtures.ts';
import { type MadePack, packsOf, type SeriesKeys, seriesKeys, targetIdOf } from '../../tools/case/series.ts';
import { temporaryFolder } from '../agent/host/temporary-folder.ts';
import { allPolicies, auditOf, entriesOf } from './played.ts';

const policies = allPolicies();
const keys = seriesKeys();
const packs = [...packsOf({ ...fixture('msg-2016'), from: '2021-08-10', to: '2021-08-19' }, keys)];

function trustOf(of: SeriesKeys): Trust {
  const key = verificationKeyOf(of.signer);
  const log = logVerifierFromKey(of.log.verifierKey);
  ok(log.ok);
  return { key: (id) => (id === key.keyId ? key : undefined), logKey: log.value };
}

function read(
  folder: string,
  trust = trustOf(keys),
): { entries: readonly HistoryEntry[]; refused: readonly { file: string; code: string }[] } {
  const source = readSource({ packs: folder, trust });
  ok(source.ok, JSON.stringify(source));
  return source.value;
}

describe('a folder of packs', () => {
  const base = temporaryFolder();
  let made = 0;
  const empty = (): string => {
    made += 1;
    const folder = join(base(), String(made));
    mkdirSync(folder);
    return folder;
  };
  const folderOf = (list: readonly (Pick<MadePack, 'name'> & { bytes: Uint8Array })[]): string => {
    const folder = empty();
    for (const { name, bytes } of list) {
      mkdirSync(join(folder, name, '..'), { recursive: true });
      writeFileSync(join(folder, name), bytes);
    }
    return folder;
  };
  it('gives one history, each bundle with both bounds of its time', () => {
    const { entries, refused } = read(folderOf(packs));
    deepEqual(refused, []);
    const [history, ...others] = histories(entries);
    equal(others.length, 0);
    equal(history?.entries.length, 10);
    deepEqual(history?.gaps, []);
    deepEqual(history?.faults, []);
    const third = history?.entries[2];
    deepEqual([third?.notBefore?.size, third?.notAfter?.size, third?.logIndex], [2, 3, 2]);
  });
  it('is the same in whatever order and under whatever names its files come', () => {
    const shuffled = packs.toReversed().map(({ bytes }, at) => ({ name: `x/${at}.pack.json`, bytes }));
    const facts = (folder: string): unknown =>
      histories(read(folder).entries).map(({ entries, faults, gaps }) => [
        entries.map(({ bundle, day }) => [bundle, day]),
        faults,
        gaps,
      ]);
    deepEqual(facts(folderOf(shuffled)), facts(folderOf(packs)));
  });
  it('refuses by name what was changed, forged or is no pack, and goes on with the rest', () => {
    const strangers = [...packsOf({ ...fixture('good'), from: '2021-08-10', to: '2021-08-10' }, seriesKeys())];
    const [first, second, ...rest] = packs;
    ok(first && second && strangers[0]);
    const changed = Buffer.from(Buffer.from(first.bytes).toString('utf8').replace('15.1.2044.4', '15.1.2176.9'));
    const folder = folderOf([
      { name: first.name, bytes: changed },
      { name: 'cut.pack.json', bytes: second.bytes.subarray(0, 500) },
      { name: 'forged.pack.json', bytes: strangers[0].bytes },
      ...rest,
    ]);
    const { entries, refused } = read(folder);
    equal(entries.length, 8);
    deepEqual(
      refused.map(({ file, code }) => `${file} ${code}`).toSorted(),
      ['cut.pack.json json-syntax', 'forged.pack.json key-unknown', `${first.name} document-changed`].toSorted(),
    );
  });
  it('refuses a receipt of another log than the trusted one', () => {
    const other = { ...keys, log: seriesKeys().log };
    const { entries, refused } = read(folderOf(packs.slice(0, 1)), trustOf(other));
    equal(entries.length, 0);
    equal(refused[0]?.code, 'receipt-other-log');
  });
  it('names the numbers of a chain that are not there, as a finding', () => {
    const { entries } = read(folderOf(packs.filter((_pack, at) => at !== 4 && at !== 5)));
    const [history] = histories(entries);
    deepEqual(
      history?.gaps.map(({ fromSequence, toSequence, after, before }) => [fromSequence, toSequence, after, before]),
      [[4, 5, '2021-08-13', '2021-08-16']],
    );
    const finding = auditOf(entries, '2021-08-19', { policies }).findings.find(({ rule }) => rule === 'chain-gap');
    match(finding?.reason ?? '', /numbers 4 to 5/);
    equal(finding?.evidence.length, 2);
  });
  it('counts a bundle once, whichever copies there are', () => {
    const copy = { name: 'copy/again.pack.json', bytes: packs[3]?.bytes ?? new Uint8Array() };
    const [history] = histories(read(folderOf([...packs, copy])).entries);
    equal(history?.entries.length, 10);
    equal(history?.duplicates.length, 1);
  });
  it('takes no statement of a person from a key that signs bundles: a server could clear itself', () => {
    const folder = folderOf(packs);
    const said = signAttestation(
      {
        kind: 'detection-acknowledged',
        author: { name: 'Jane Doe', role: 'owner' },
        madeAt: '2021-08-19T22:00:00Z',
        targets: [targetIdOf('msg-2016')],
        detections: { upTo: '2021-08-19T21:00:00Z' },
        disposition: 'benign',
        outcome: 'Nothing to see.',
      },
      keys.signer,
    );
    ok(said.ok);
    const statements = empty();
    writeFileSync(join(statements, 'a.attestation.json'), encodeAttestation(said.value));
    const source = readSource({ packs: folder, trust: trustOf(keys), attestations: statements });
    ok(source.ok);
    deepEqual(source.value.options.attestations, []);
    deepEqual(
      source.value.refused.map(({ file, code }) => [file, code]),
      [['a.attestation.json', 'key-of-a-server']],
    );
  });
  it('says aloud where there is none', () => {
    const none = readSource({ packs: empty(), trust: trustOf(keys) });
    equal(none.ok ? '' : none.refusal.code, 'packs-none');
    const away = readSource({ packs: join(empty(), 'away'), trust: trustOf(keys) });
    equal(away.ok ? '' : away.refusal.code, 'packs-unreadable');
  });
});

describe('histories that contradict themselves', () => {
  const entries = entriesOf({ ...fixture('msg-2016'), from: '2021-08-10', to: '2021-08-19' });
  const edit = (at: number, change: Partial<HistoryEntry>): HistoryEntry[] =>
    entries.map((entry, index) => (index === at ? { ...entry, ...change } : entry));
  const kinds = (list: readonly HistoryEntry[]): string[] =>
    histories(list).flatMap(({ faults }) => faults.map(({ kind }) => kind));

  it('tell of a link that names another bundle, of two at one place, of another key', () => {
    const chain = entries[4]?.chain;
    ok(chain);
    deepEqual(kinds(edit(4, { chain: { ...chain, previous: 'f'.repeat(64) } })), ['link-broken']);
    deepEqual(kinds(edit(4, { keyId: 'b'.repeat(64) })), ['key-changed', 'key-changed']);
    const twin = { ...(entries[4] as HistoryEntry), bundle: 'e'.repeat(64) };
    ok(kinds([...entries, twin]).includes('two-at-one-place'));
  });
  it('tell of a clock that was set back, and keep every bundle', () => {
    const set = edit(6, { claimedAt: '2021-08-12T09:00:00Z', day: '2021-08-12' });
    deepEqual(kinds(set), ['clock-set-back']);
    equal(histories(set)[0]?.entries.length, 10);
    ok(auditOf(set, '2021-08-19', { policies }).findings.some(({ rule }) => rule === 'chain-clock-set-back'));
  });
  it('do not believe a claim that a stamp contradicts', () => {
    const future = edit(9, {
      claimedAt: '2031-01-01T00:00:00Z',
      day: '2031-01-01',
      notAfter: { origin: 'log', size: 10, at: '2021-08-19T23:05:00Z' },
    });
    const [history] = histories(future, '2021-08-20');
    equal(history?.entries.at(-1)?.day, '2021-08-19');
    ok(history?.faults.some(({ kind }) => kind === 'claim-outside-bounds'));
  });
  it('are silent from the stamp on where a clock ran years ahead: until 2031 nothing was said', () => {
    const ahead = (place: number): HistoryEntry[] =>
      edit(place, {
        claimedAt: '2031-01-01T00:00:00Z',
        day: '2031-01-01',
        notAfter: { origin: 'log', size: 10, at: `2021-08-1${place}T23:05:00Z` },
      });
    const after = auditOf(ahead(9), '2021-08-31', { policies });
    const silence = after.findings.find(({ rule, level }) => rule === 'evidence-gap' && level === 'breach');
    deepEqual([silence?.state, silence?.start?.at], ['open', '2021-08-19T23:05:00Z']);
    deepEqual(
      after.findings.filter(({ rule }) => rule === 'chain-claim-outside-bounds').map(({ interval }) => interval),
      [{ from: '2021-08-19', to: '2021-08-19' }],
    );
    const [history] = histories(ahead(9), '2021-08-31');
    ok(history !== undefined && isStale(history, '2021-08-31'));
    // Back after days: the silence between stands as well.
    const gone = ahead(5).filter((_entry, at) => at < 6 || at > 8);
    const between = auditOf(gone, '2021-08-19', { policies }).findings;
    ok(between.some(({ rule, subject }) => rule === 'evidence-gap' && subject === 'evidence'));
  });
  it('join a sweep and an agent by what both saw of the server, and no clones', () => {
    const machine = (id: string): NonNullable<HistoryEntry['seen']['machineId']> => ({
      status: 'observed',
      value: id,
      document: 'host',
      pointer: '/machineId',
      sources: [],
    });
    const uuid: NonNullable<HistoryEntry['seen']['smbiosUuid']> = {
      status: 'observed',
      value: 'u-1',
      document: 'host',
      pointer: '/smbiosUuid',
      sources: [],
    };
    const with_ = (target: string, seen: Partial<HistoryEntry['seen']>, at: number): HistoryEntry => {
      const entry = entries[at] as HistoryEntry;
      return {
        ...entry,
        bundle: `${target}${at}`,
        targetId: target,
        mode: 'sweep',
        chain: { id: target, sequence: 0 },
        seen: { ...entry.seen, ...seen },
      };
    };
    const joined = histories([
      with_('a', { machineId: machine('m-1'), smbiosUuid: uuid }, 0),
      with_('b', { smbiosUuid: uuid }, 1),
    ]);
    equal(joined.length, 1);
    deepEqual(joined[0]?.host.joinedBy, ['same SMBIOS UUID']);
    const clones = histories([
      with_('a', { machineId: machine('m-1'), smbiosUuid: uuid }, 0),
      with_('b', { machineId: machine('m-2'), smbiosUuid: uuid }, 1),
    ]);
    equal(clones.length, 2);
  });
});
