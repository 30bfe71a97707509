/** An auditor's run: from read-only media, without a network, as root and as a plain user; one file comes of it and no other. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { changedPaths, straceWords } from './written.ts';

const root = join(import.meta.dirname, '../../..');
const user = 'nobody';
const needed = ['/usr/bin/unshare', '/usr/bin/strace', '/usr/bin/mount', '/usr/bin/setpriv'];

describe('an auditor’s run', () => {
  let folder = '';
  before(function () {
    const missing = needed.find((path) => !existsSync(path));
    const why = process.getuid?.() !== 0 ? 'it needs root' : missing && `${missing} is not there`;
    if (why !== undefined) {
      console.error(`skipped: an auditor's run from read-only media: ${why}`);
      this.skip();
    }
    folder = mkdtempSync('/var/lib/affiant-auditor-');
    chmodSync(folder, 0o755);
    for (const name of ['media', 'out', 'key', 'home', 'trace']) mkdirSync(join(folder, name), { mode: 0o777 });
    for (const name of ['out', 'key', 'home', 'trace']) chmodSync(join(folder, name), 0o777);
  });
  after(() => folder !== '' && rmSync(folder, { recursive: true, force: true }));

  for (const who of ['root', user])
    it(`leaves one pack and no trace, as ${who}`, () => {
      const at = (name: string): string => join(folder, name);
      const trace = at(`trace/${who}`);
      const affiant = [join(at('media'), 'node_modules/.bin/node'), join(at('media'), 'agent/cli/affiant.mjs')];
      const command = [
        ...(who === 'root'
          ? []
          : ['/usr/bin/setpriv', '--reuid', who, '--regid', 'nogroup', '--clear-groups', '--inh-caps=-all']),
        '/usr/bin/strace',
        ...straceWords(trace),
        ...affiant,
        'audit-run',
        '--out',
        at('out'),
        '--key-out',
        at('key/server.pem'),
        '--format',
        'json',
      ];
      // A namespace of mounts in which the media are read-only, and a network of nothing.
      const script = `mount --bind '${root}' '${at('media')}' && mount -o remount,bind,ro '${at('media')}' && cd / && exec "$@"`;
      const ran = spawnSync('/usr/bin/unshare', ['-m', '-n', '/bin/sh', '-c', script, 'sh', ...command], {
        encoding: 'utf8',
        maxBuffer: 64 * 1024 * 1024,
        env: { PATH: '/usr/bin:/bin', HOME: at('home') },
      });
      assert.equal(ran.status, 0, ran.stderr);
      const packs = readdirSync(at('out'));
      assert.equal(packs.length, 1, packs.join(' '));
      const [pack = ''] = packs;
      assert.deepEqual(readdirSync(at('home')), []);
      assert.deepEqual(changedPaths(trace), [at('key/server.pem'), join(at('out'), pack)].toSorted());
      assert.equal(JSON.parse(ran.stdout).pack, join(at('out'), pack));

      // Elsewhere a second person has the pack by one way and the key by another.
      const verify = (key: string): ReturnType<typeof spawnSync> =>
        spawnSync(
          process.execPath,
          [join(root, 'agent/cli/affiant.mjs'), 'verify', join(at('out'), pack), '--key', key],
          { encoding: 'utf8' },
        );
      assert.equal(verify(at('key/server.pem')).status, 0);
      const bytes = readFileSync(join(at('out'), pack));
      assert.ok(!bytes.includes('PRIVATE KEY'));
      const otherKey = join(folder, 'other.pem');
      const other = spawnSync('openssl', ['ecparam', '-name', 'prime256v1', '-genkey', '-noout'], { encoding: 'utf8' });
      spawnSync('openssl', ['ec', '-pubout', '-out', otherKey], { input: other.stdout });
      assert.equal(verify(otherKey).status, 1);
      renameSync(join(at('out'), pack), join(folder, `${who}.pack.json`));
      rmSync(at('key/server.pem'));
    });

  it('says at once where the pack cannot go', () => {
    const ran = spawnSync(
      process.execPath,
      [join(root, 'agent/cli/affiant.mjs'), 'audit-run', '--out', join(folder, 'nowhere')],
      { encoding: 'utf8' },
    );
    assert.equal(ran.status, 5);
    assert.match(ran.stderr, /nowhere is no folder\n {2}remedy: name a folder of your own medium/);
  });
});
