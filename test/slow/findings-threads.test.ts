/** Findings by several threads, as processes over folders of signed packs: what one thread says, byte for byte. */
import { deepEqual, equal, match, ok } from 'node:assert/strict';
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decodePack, encodePack, packParts } from '../../evidence/pack.ts';
import { fixture } from '../../tools/case/fixtures.ts';
import { packsOf, seriesKeys } from '../../tools/case/series.ts';
import { affiant, type Ran } from '../agent/cli/run-cli.ts';
import { temporaryFolder } from '../agent/host/temporary-folder.ts';

describe('findings by several threads', () => {
  const base = temporaryFolder();
  const keys = seriesKeys();
  const lives = ['msg-2016', 'good', 'false-comfort', 'rollback'];
  /** One folder a server; returns the options of the command. */
  const made = (name: string): { folder: string; options: string[] } => {
    const folder = join(base(), name);
    for (const life of lives) {
      const series = { ...fixture(life), name: `${life} server`, from: '2021-08-12', to: '2021-08-18' };
      mkdirSync(join(folder, life), { recursive: true });
      for (const pack of packsOf(series, keys)) writeFileSync(join(folder, life, `${pack.day}.pack.json`), pack.bytes);
    }
    return { folder, options: ['--packs', folder, ...trust(), '--at', '2021-08-18'] };
  };
  const trust = (): string[] => {
    writeFileSync(join(base(), 'server.pem'), keys.signer.publicKeyPem);
    writeFileSync(join(base(), 'log.vkey'), `${keys.log.verifierKey}\n`);
    return ['--key', join(base(), 'server.pem'), '--log-key', join(base(), 'log.vkey')];
  };
  const hosts = ({ out }: Ran): { host: { targetIds: string[] }; bundles: number; findings: unknown[] }[] =>
    (JSON.parse(out) as { hosts: ReturnType<typeof hosts> }).hosts;
  const same = (options: readonly string[], ...more: string[]): Ran => {
    const one = affiant(['findings', ...options, '--threads', '1', ...more]);
    for (const threads of ['2', '3'])
      deepEqual(affiant(['findings', ...options, '--threads', threads, ...more]), one, `${threads} ${more.join(' ')}`);
    return one;
  };

  it('are the same in order, form and exit code, with and without a cache, and leave nothing behind', () => {
    const { options } = made('whole');
    const before = readdirSync(tmpdir()).filter((name) => name.startsWith('affiant-findings-'));
    const json = same(options, '--format', 'json');
    equal(hosts(json).length, lives.length);
    ok(hosts(json).some(({ bundles, findings }) => bundles > 0 && findings.length > 0));
    equal(json.code, 1);
    same(options);
    const cache = ['--cache', join(base(), 'kept')];
    for (const by of ['stat', 'hash'])
      deepEqual(same(options, '--format', 'json', '--unchanged-by', by, ...cache), json);
    deepEqual(
      readdirSync(tmpdir()).filter((name) => name.startsWith('affiant-findings-')),
      before,
    );
  });

  it('join a server whose packs lie in the folders of several threads', () => {
    const { folder, options } = made('apart');
    const whole = affiant(['findings', ...options, '--threads', '2', '--format', 'json']);
    const moved = join(folder, 'later');
    mkdirSync(moved);
    for (const day of ['2021-08-16', '2021-08-17', '2021-08-18']) {
      const [from, to] = [join(folder, 'msg-2016', `${day}.pack.json`), join(moved, `${day}.pack.json`)];
      cpSync(from, to);
      rmSync(from);
    }
    const apart = same(options, '--format', 'json');
    const byTarget = (ran: Ran): Map<string, unknown> =>
      new Map(hosts(ran).map(({ host, bundles, findings }) => [host.targetIds.join(' '), [bundles, findings.length]]));
    deepEqual(byTarget(apart), byTarget(whole));
  });

  it('find what a pack leaves out in a pack that another thread read', () => {
    const { folder, options } = made('partly');
    const whole = affiant(['findings', ...options, '--threads', '2', '--format', 'json']);
    // The last day of a server in a folder of its own, without a single document: the days before have what did not change.
    const file = join(folder, 'good', '2021-08-18.pack.json');
    const decoded = decodePack(readFileSync(file));
    ok(decoded.ok);
    const before = decodePack(readFileSync(join(folder, 'good', '2021-08-17.pack.json')));
    ok(before.ok);
    const documents = Object.entries(decoded.value.documents).filter(
      ([digest]) => !Object.hasOwn(before.value.documents, digest),
    );
    ok(documents.length < Object.keys(decoded.value.documents).length);
    rmSync(file);
    mkdirSync(join(folder, 'a-first'));
    writeFileSync(
      join(folder, 'a-first', 'last.pack.json'),
      encodePack({ ...packParts(decoded.value), documents: new Map(documents) }),
    );
    const partly = same(options, '--format', 'json');
    equal(partly.out.includes('document-let-go'), false);
    equal(
      hosts(partly).flatMap(({ findings }) => findings).length,
      hosts(whole).flatMap(({ findings }) => findings).length,
    );
  });

  it('name what does not verify in the order of the files, and refuse what is no number', () => {
    const { folder, options } = made('broken');
    for (const life of lives) writeFileSync(join(folder, life, '2021-08-13.pack.json'), '{}');
    const broken = same(options);
    equal(broken.code, 1);
    match(broken.err, /4 files did not verify/);
    for (const wrong of ['0', '-1', 'two', '65']) {
      const { code, err } = affiant(['findings', ...options, `--threads=${wrong}`]);
      equal(code, 2);
      match(err, /is no number of threads[\s\S]*remedy: give one from 1 to 64/);
    }
    const { code, err } = affiant(['findings', ...options, '--unchanged-by', 'time']);
    equal(code, 2);
    match(err, /is no way to know a pack again[\s\S]*remedy: write stat/);
  });
});
