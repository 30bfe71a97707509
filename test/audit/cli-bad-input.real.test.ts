/** What comes from the world to the commands over many bundles: forged, out of order, missing, twice, by two clocks. */
import { deepEqual, equal, match, ok } from 'node:assert/strict';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { addDays } from '../../audit/days.ts';
import { fixture } from '../../tools/case/fixtures.ts';
import { seriesKeys } from '../../tools/case/series.ts';
import { affiant } from '../agent/cli/run-cli.ts';
import { temporaryFolder } from '../agent/host/temporary-folder.ts';
import { type WrittenPacks, writePacks } from './packs-for-cli.ts';

const series = { ...fixture('msg-2016'), from: '2021-08-10', to: '2021-08-17' };

describe('commands over a folder of bad packs', () => {
  const base = temporaryFolder();
  const keys = seriesKeys();
  const write = (name: string, pick?: Parameters<typeof writePacks>[2], of = series): WrittenPacks => {
    const folder = join(base(), name);
    mkdirSync(folder);
    return writePacks(folder, of, pick, keys);
  };
  const at = ['--at', '2021-08-17'];
  let whole: WrittenPacks;
  let findings = '';
  before(() => {
    whole = write('whole');
    findings = affiant(['findings', ...whole.options, ...at]).out;
    ok(findings.length > 500);
  });

  it('refuse a forged pack by name, go on with the rest, and end with 1', () => {
    const stranger = writePacks(join(base(), 'stranger'), { ...series, to: '2021-08-10' });
    const { options } = write('forged', (packs) => [
      ...packs,
      { name: 'forged.pack.json', bytes: stranger.packs[0]?.bytes ?? new Uint8Array() },
    ]);
    for (const args of [
      ['findings', ...at],
      ['as-of', '2021-08-16'],
      ['diff', '2021-08-15', '2021-08-16'],
      ['investigate', '--from', '2021-08-15', '--to', '2021-08-16'],
      ['history', ...at],
      ['report', ...at],
    ]) {
      const { code, err, out } = affiant([...args, ...options]);
      equal(code, 1, `${args.join(' ')}: ${err}`);
      match(err, /forged\.pack\.json: /);
      match(out, /mail1/);
    }
  }).timeout(60_000);
  it('say nothing at all where no pack verifies', () => {
    const other = join(base(), 'other.pem');
    writeFileSync(other, seriesKeys().signer.publicKeyPem);
    const options = ['--packs', join(whole.folder, 'packs'), '--key', other];
    for (const args of [
      ['as-of', '2021-08-16'],
      ['diff', '2021-08-15', '2021-08-16'],
      ['investigate', '--from', '2021-08-15', '--to', '2021-08-16'],
      ['findings', ...at],
    ]) {
      const { code, err, out } = affiant([...args, ...options]);
      ok(code !== 0, `${args.join(' ')} ended with 0`);
      equal(out, '', args.join(' '));
      match(err, /no pack verifies/);
    }
    const report = affiant(['report', ...at, ...options]);
    equal(report.code, 1);
    match(report.out, /no evidence of any server was verified/);
  }).timeout(60_000);
  it('refuse a pack of which a byte was changed', () => {
    const { options } = write('changed', (packs) =>
      packs.map(({ name, bytes }, index) => ({
        name: index === 2 ? 'changed.pack.json' : name,
        bytes: index === 2 ? Buffer.from(Buffer.from(bytes).toString().replace('15.1.2044.4', '15.1.2176.9')) : bytes,
      })),
    );
    const { code, err } = affiant(['as-of', '2021-08-12', ...options]);
    equal(code, 1);
    match(err, /changed\.pack\.json: .*\[document-changed\]/);
  });
  it('say the same whatever the names and the order of the files are', () => {
    const { options } = write('reordered', (packs) =>
      packs.toReversed().map(({ bytes }, index) => ({ name: `${index}/x.pack.json`, bytes })),
    );
    equal(affiant(['findings', ...options, ...at]).out, findings);
  });
  it('tell of numbers of a chain that are not there, as a finding', () => {
    const { options } = write('missing', (packs) => packs.filter((_pack, index) => index !== 3 && index !== 4));
    const found = affiant(['findings', ...options, ...at]);
    equal(found.code, 1);
    match(found.out, /chain-gap +2 bundles of the chain are not here/);
    const { out } = affiant(['history', ...options, ...at]);
    match(out, /gap +2021-08-12 +2021-08-15 +numbers 3 to 4 of chain/);
    match(out, /silent +2021-08-13 +2021-08-14/);
  });
  it('count a bundle once that is there twice, and tell of it', () => {
    const { options } = write('twice', (packs) => [
      ...packs,
      ...packs.slice(1, 2).map(({ bytes }) => ({ name: 'again/copy.pack.json', bytes })),
    ]);
    equal(affiant(['findings', ...options, ...at]).out, findings);
    const { out, code } = affiant(['history', ...options, ...at]);
    match(out, /: 8 bundles, [\s\S]*twice +\S+\.pack\.json carries bundle/);
    equal(code, 0);
  });
  it('tell of two bundles at one place of a chain', () => {
    // The same key and chain a second time, with another state: a clone, or a restored snapshot.
    const twin = write('twin', undefined, {
      ...fixture('good'),
      name: 'msg-2016',
      from: '2021-08-10',
      to: '2021-08-12',
    });
    const { options } = write('two', (packs) => [
      ...packs,
      ...twin.packs.map(({ bytes }, index) => ({ name: `twin-${index}.pack.json`, bytes })),
    ]);
    const { code, out } = affiant(['findings', ...options.slice(0, 4), ...at]);
    equal(code, 1);
    match(out, /chain-two-at-one-place +the chain of evidence contradicts\s+itself/);
  });
  it('tell of a clock that was set back, and do not count what claims a day to come', () => {
    // Two clocks: the chain goes on under one that went back three days, as after a restart without a battery.
    const back = write('clocks', undefined, {
      ...series,
      clockOn: (day) => (day < '2021-08-15' ? day : addDays(day, -3)),
    });
    const { code, out } = affiant(['findings', ...back.options, ...at]);
    equal(code, 1);
    match(out, /chain-clock-set-back +the clock of the server cannot be\s+believed/);
    match(
      affiant(['history', ...back.options, ...at]).out,
      /clock-set-back[\s\S]*number 5: number 5 claims 2021-08-12/,
    );
    const early = affiant(['findings', ...whole.options, '--at', '2021-08-14']);
    match(early.err, /3 bundles claim days after 2021-08-14 and are not counted, such as /);
    // Of a server whose clock runs ahead in all of them nothing is known: it must not be missing among the servers.
    const ahead = affiant(['findings', ...whole.options, '--at', '2021-08-01']);
    equal(ahead.code, 3);
    match(ahead.out, /the newest bundle does not let judge missing fixes/);
    const report = affiant(['report', ...whole.options, '--at', '2021-08-01']);
    match(report.out, /not (?:known|seen|judged)/);
  });
  it('name file and place of what is no pack at all', () => {
    const { folder, options } = write('rubbish');
    writeFileSync(join(folder, 'packs', 'empty.pack.json'), '');
    writeFileSync(join(folder, 'packs', 'cut.pack.json'), whole.packs[0]?.bytes.subarray(0, 700) ?? '');
    mkdirSync(join(folder, 'packs', 'folder.pack.json'));
    const { code, err, out } = affiant(['findings', ...options, ...at]);
    equal(code, 1);
    match(err, /REFUSED {2}empty\.pack\.json: /);
    match(err, /REFUSED {2}cut\.pack\.json: .*\[json-syntax\]/);
    match(out, /mail1/);
    deepEqual(
      readdirSync(join(folder, 'packs')).filter((name) => name.includes('affiant')),
      [],
    );
  });
});
