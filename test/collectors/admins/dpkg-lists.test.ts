import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { accountCommands } from '../../../agent/host/commands-accounts.ts';
import {
  parseDiversions,
  parseListedPaths,
  spellings,
  wantedPaths,
  withoutOwnerByLists,
} from '../../../collectors/admins/dpkg-lists.ts';
import { withoutOwnerByDpkg } from '../../../collectors/admins/set-id-owners.ts';

const folder = '/var/lib/dpkg/info';

describe("dpkg's lists", () => {
  it('are read with the package of each path, of whichever architecture', () => {
    const text = `${folder}/sudo.list\0/usr/bin/sudo\n${folder}/libc6:amd64.list\0/lib/a: b\r\n${folder}/g++.list\0/usr/x\n`;
    assert.deepEqual(parseListedPaths(text), {
      ok: true,
      value: [
        { package: 'sudo', path: '/usr/bin/sudo' },
        { package: 'libc6', path: '/lib/a: b\r' },
        { package: 'g++', path: '/usr/x' },
      ],
    });
    assert.deepEqual(parseListedPaths(''), { ok: true, value: [] });
    for (const line of [`${folder}/sudo.list:/usr/bin/sudo`, '/x/sudo.list\0/usr/bin/sudo', 'Binary file matches'])
      assert.equal(parseListedPaths(`${line}\n`).ok, false, line);
  });

  it('are read with the diversions, a half one refused', () => {
    assert.deepEqual(parseDiversions('/bin/sh\n/bin/sh.distrib\ndash\n/bin/a\n/bin/a.real\n:\n'), {
      ok: true,
      value: [
        { from: '/bin/sh', to: '/bin/sh.distrib', by: 'dash' },
        { from: '/bin/a', to: '/bin/a.real' },
      ],
    });
    assert.deepEqual(parseDiversions(''), { ok: true, value: [] });
    for (const text of ['/bin/sh\n/bin/sh.distrib\n', 'bin/sh\n/x\ndash\n', '/bin/sh\nx\ndash\n', '/bin/sh\n/x\n\n'])
      assert.equal(parseDiversions(text).ok, false, text);
  });

  it('know none of the files where a machine has dpkg as a tool alone', () => {
    assert.deepEqual(withoutOwnerByLists(['/usr/bin/su'], [], []), { ok: false, reason: 'no-file-known' });
  });
});

describe('the owners of files by grep(1) over lists', () => {
  const lists = {
    su: '/.\n/bin\n/bin/su\n',
    sudo: '/usr/bin/sudo\n/usr/bin/sudo -x\n',
    'sudo-ldap': '/usr/bin/sudo\n',
    'libx:amd64': '/usr/lib/libx/helper\n',
    'libx:i386': '/usr/lib/libx/helper\n',
    // Its own tool stays at its place; the other's goes aside.
    dash: '/usr/bin/tool\n',
    bash: '/usr/bin/tool\n/usr/bin/mine\n/usr/bin/-a.c\n',
  };
  const diversions =
    '/usr/bin/tool\n/usr/bin/tool.distrib\ndash\n/usr/bin/mine\n/usr/bin/mine.real\n:\n/opt/none\n/opt/none.real\n:\n';
  const brought = [
    '/usr/bin/su',
    '/usr/bin/sudo',
    '/usr/bin/sudo -x',
    '/usr/lib/libx/helper',
    '/usr/bin/tool',
    '/usr/bin/tool.distrib',
    '/usr/bin/mine.real',
    '/usr/bin/-a.c',
  ];
  // The administrator's own in the place of a package's, and what only looks like a package's.
  const own = ['/usr/bin/mine', '/usr/bin/sud', '/usr/bin/sudo2', '/usr/bin/-axc', '/opt/none.real', '/opt/ünique'];
  const paths = [...brought, ...own];
  let root = '';

  before(() => {
    root = mkdtempSync(join(tmpdir(), 'affiant-dpkg-'));
    mkdirSync(join(root, 'info'));
    mkdirSync(join(root, 'updates'));
    for (const [name, text] of Object.entries(lists)) writeFileSync(join(root, 'info', `${name}.list`), text);
    // No list of files.
    writeFileSync(join(root, 'info/evil.postinst'), '/usr/bin/sudo2\n');
    writeFileSync(join(root, 'info/format'), '1\n');
    writeFileSync(join(root, 'diversions'), diversions);
    const stanzas = Object.keys(lists).map((each) => {
      const [name, architecture = 'amd64'] = each.split(':');
      const multi = name === 'libx' ? 'Multi-Arch: same\n' : '';
      return `Package: ${name}\nStatus: install ok installed\nVersion: 1\nArchitecture: ${architecture}\nMaintainer: m\n${multi}Description: d\n\n`;
    });
    writeFileSync(join(root, 'status'), stanzas.join(''));
  });
  after(() => rmSync(root, { recursive: true, force: true }));

  function run(program: string, args: readonly string[]): { stdout: string; status: number | null } {
    const environment = { LC_ALL: 'C', PATH: '/usr/bin:/bin' };
    const { stdout, status } = spawnSync(program, args, { encoding: 'utf8', env: environment });
    return { stdout, status };
  }

  it('are those that brought a file to where it is: merged folders, diversions, several packages, odd names', () => {
    const diverted = parseDiversions(diversions);
    assert.ok(diverted.ok);
    const args = accountCommands['dpkg-lists'].args.map((each) => (each === folder ? join(root, 'info') : each));
    const { stdout, status } = run('/usr/bin/grep', [...args, wantedPaths(paths, diverted.value).join('\n')]);
    assert.equal(status, 0);
    const listed = parseListedPaths(stdout.replaceAll(join(root, 'info'), folder));
    assert.ok(listed.ok, stdout);
    assert.deepEqual(withoutOwnerByLists(paths, listed.value, diverted.value), { ok: true, value: own });
  });

  it('are what dpkg-query -S says, but for diversions, of which it does not say which file is where', function () {
    if (!existsSync('/usr/bin/dpkg-query')) {
      console.log('      skipped: this machine has no dpkg');
      this.skip();
    }
    const { stdout } = run('/usr/bin/dpkg-query', [`--admindir=${root}`, '-S', ...paths.flatMap(spellings)]);
    const plain = paths.filter((path) => !/mine|distrib|none/.test(path));
    const answer = withoutOwnerByDpkg(plain, { stdout, stderr: '', exitCode: 1, truncated: false });
    assert.deepEqual(answer, { ok: true, value: own.filter((path) => plain.includes(path)) }, stdout);
  });

  it('are an error of grep where a list cannot be read, and no answer where it finds none', () => {
    const args = accountCommands['dpkg-lists'].args;
    const at = (place: string): string[] => args.map((each) => (each === folder ? place : each));
    assert.equal(run('/usr/bin/grep', [...at(join(root, 'nowhere')), '/x']).status, 2);
    assert.equal(run('/usr/bin/grep', [...at(join(root, 'info')), '/x']).status, 1);
    assert.deepEqual(accountCommands['dpkg-lists'].exitCodes, [0, 1]);
  });
});
