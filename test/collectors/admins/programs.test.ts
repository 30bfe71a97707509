import assert from 'node:assert/strict';
import type { CommandOutput } from '../../../agent/host/host.ts';
import { parseFound } from '../../../collectors/admins/find-output.ts';
import { parseGetcap } from '../../../collectors/admins/getcap.ts';
import { readSetIdFiles } from '../../../collectors/admins/privileged-programs.ts';
import { parseListeners } from '../../../collectors/admins/proc-net-tcp.ts';
import { cronPrograms, unitPrograms } from '../../../collectors/admins/root-jobs.ts';
import { withoutOwnerByDpkg, withoutOwnerByRpm } from '../../../collectors/admins/set-id-owners.ts';
import { fakeHost, miss } from '../fake-host.ts';

function output(stdout: string, stderr = ''): CommandOutput {
  return { stdout, stderr, exitCode: stderr === '' ? 0 : 1, truncated: false };
}

describe('getcap', () => {
  it('reads both forms, and paths with blanks', () => {
    const text =
      '/usr/bin/ping cap_net_raw=ep\n/usr/bin/a b cap_setuid,cap_dac_override=ep\n/usr/bin/old = cap_net_admin+ep\n/x =ep\n';
    assert.deepEqual(parseGetcap(output(text)), {
      ok: true,
      value: [
        { path: '/usr/bin/a b', capabilities: 'cap_setuid,cap_dac_override=ep' },
        { path: '/usr/bin/old', capabilities: 'cap_net_admin+ep' },
        { path: '/usr/bin/ping', capabilities: 'cap_net_raw=ep' },
        { path: '/x', capabilities: '=ep' },
      ],
    });
  });

  it('takes a folder that is not there for fine, and one that it may not read for a gap', () => {
    assert.deepEqual(parseGetcap(output('', '/opt (No such file or directory)\n')), { ok: true, value: [] });
    assert.deepEqual(parseGetcap(output('', '/opt (Permission denied)\n')), { ok: false, reason: 'parts-denied' });
  });
});

describe('find', () => {
  it('reads entries that hold line feeds', () => {
    assert.deepEqual(parseFound(output('4755\t0\t0\tf\t/usr/bin/b\u0000664\t1000\t7\td\t/opt/a\nb\0')), {
      ok: true,
      value: [
        { mode: 0o664, uid: 1000, gid: 7, type: 'd', path: '/opt/a\nb' },
        { mode: 0o4755, uid: 0, gid: 0, type: 'f', path: '/usr/bin/b' },
      ],
    });
  });

  it('says that parts are missing, whatever it was called by', () => {
    assert.equal(parseFound(output('', '/usr/bin/find: ‘/opt’: No such file or directory\n')).ok, true);
    assert.deepEqual(parseFound(output('', "find: '/opt/x': Permission denied\n")), {
      ok: false,
      reason: 'parts-denied',
    });
    assert.deepEqual(parseFound(output('', 'find: unrecognized: -printf\n')), { ok: false, reason: 'parts-failed' });
    assert.equal(parseFound(output('4755\t0\t0\tf\t/usr/bin/b')).ok, false);
  });
});

describe('what root starts', () => {
  it('is found in cron tables, where the user is root', () => {
    const text =
      'MAILTO=ops\n# c\n0 3 * * * root /opt/a/run --to /srv/x && /usr/bin/b\n@daily alice /home/alice/x\n*/5 1-2 * jan mon root cd / && /opt/c >/dev/null\n';
    assert.deepEqual(cronPrograms(text), { ok: true, value: ['/opt/a/run', '/srv/x', '/usr/bin/b', '/opt/c'] });
    assert.equal(cronPrograms('0 3 * * root\n').ok, false);
  });

  it('is found in units that have no other user', () => {
    const unit = '[Service]\nExecStartPre=-/opt/pre\nExecStart=@/opt/run name \\\n  --config=/etc/x --dir /opt/data\n';
    assert.deepEqual(unitPrograms(unit), { ok: true, value: ['/opt/pre', '/opt/run', '/opt/data'] });
    assert.deepEqual(unitPrograms(`${unit}User=app\n`), { ok: true, value: [] });
    assert.equal(unitPrograms('[Service]\nnonsense\n').ok, false);
  });
});

describe('listeners', () => {
  const head = '  sl  local_address rem_address   st\n';

  it('on the ports of Docker are told with their address', () => {
    const four = `${head}   0: 0100007F:0947 00000000:0000 0A 0\n   1: 00000000:0016 00000000:0000 0A 0\n   2: 00000000:0947 0100007F:C000 01 0\n`;
    assert.deepEqual(parseListeners(four), { ok: true, value: [{ address: '127.0.0.1', port: 2375 }] });
    const six = `${head}   0: 00000000000000000000000001000000:0948 00000000000000000000000000000000:0000 0A 0\n`;
    assert.deepEqual(parseListeners(six), {
      ok: true,
      value: [{ address: '0000:0000:0000:0000:0000:0000:0000:0001', port: 2376 }],
    });
  });

  it('are not known from a table that is none', () => {
    assert.equal(parseListeners('').ok, false);
    assert.equal(parseListeners(`${head}half a li`).ok, false);
  });
});

describe('the owners of set-id programs', () => {
  const paths = ['/usr/bin/su', '/usr/local/bin/tool', '/usr/bin/sudo'];
  const found = paths.map((path) => `4755\t0\t0\tf\t${path}\0`).join('');
  const byDpkg = 'dpkg-owners /usr/bin/su /bin/su /usr/bin/sudo /bin/sudo /usr/local/bin/tool';
  const byRpm = 'rpm-owners /usr/bin/su /usr/bin/sudo /usr/local/bin/tool';
  const marks = async (commands: Parameters<typeof fakeHost>[0]['commands']): Promise<unknown> => {
    const fact = await readSetIdFiles(fakeHost({ commands: { 'find-set-id': found, ...commands } }));
    assert.equal(fact.status, 'observed');
    return fact.status === 'observed' ? fact.value.map(({ path, ownedByPackage }) => [path, ownedByPackage]) : fact;
  };
  const known = [
    ['/usr/bin/su', true],
    ['/usr/bin/sudo', true],
    ['/usr/local/bin/tool', false],
  ];

  it('are packages by dpkg, under either name of a merged folder', async () => {
    const stdout = 'util-linux: /bin/su\nsudo, sudo-ldap: /usr/bin/sudo\ndiversion by x from: /usr/local/bin/tool\n';
    assert.deepEqual(await marks({ [byDpkg]: { stdout, exitCode: 1 } }), known);
    assert.equal(withoutOwnerByDpkg(paths, output('')).ok, false);
  });

  it("are packages by dpkg's lists where it has a database, and by its program where they tell nothing", async () => {
    const status = '/var/lib/dpkg/status';
    const byLists = 'dpkg-lists /usr/bin/su\n/bin/su\n/usr/bin/sudo\n/bin/sudo\n/usr/local/bin/tool';
    const listed = '/var/lib/dpkg/info/util-linux.list\0/bin/su\n/var/lib/dpkg/info/sudo.list\0/usr/bin/sudo\n';
    const asked = async (
      lists: NonNullable<Parameters<typeof fakeHost>[0]['commands']>[string],
      diversions: NonNullable<Parameters<typeof fakeHost>[0]['files']>[string],
    ): Promise<unknown> => {
      const host = fakeHost({
        stats: { [status]: {} },
        files: { '/var/lib/dpkg/diversions': diversions },
        commands: { 'find-set-id': found, [byLists]: lists, [byDpkg]: 'x: /usr/bin/su\n' },
      });
      const fact = await readSetIdFiles(host);
      return fact.status === 'observed' ? fact.value.map(({ ownedByPackage }) => ownedByPackage) : fact;
    };
    const absent = miss('absent');
    const byProgram = [true, false, false];
    assert.deepEqual(await asked(listed, absent), [true, true, false]);
    assert.deepEqual(await asked(listed, '/usr/bin/sudo\n/usr/bin/sudo.real\n:\n'), [true, false, false]);
    // dpkg as a tool alone: its program would know none either.
    assert.deepEqual(await asked({ stdout: '', exitCode: 1 }, absent), [undefined, undefined, undefined]);
    for (const [lists, diversions] of [
      [miss('failed', 'exit-2'), absent],
      [miss('absent'), absent],
      [{ stdout: listed, truncated: true }, absent],
      ['Binary file matches\n', absent],
      [listed, miss('denied')],
      [listed, '/half\n'],
    ] as const)
      assert.deepEqual(await asked(lists, diversions), byProgram, JSON.stringify([lists, diversions]));
  });

  it('are packages by rpm where there is no dpkg', async () => {
    const stdout = 'util-linux\nsudo\nfile /usr/local/bin/tool is not owned by any package\n';
    const gone = miss('absent', 'no-such-program');
    assert.deepEqual(await marks({ [byDpkg]: gone, [byRpm]: { stdout, exitCode: 1 } }), known);
    assert.deepEqual(withoutOwnerByRpm(paths, output(stdout, 'error: rpmdb: locked\n')), {
      ok: false,
      reason: 'unexpected-output',
    });
  });

  it('stay open where no database answers, or one that knows none of the files', async () => {
    const open = known.map(([path]) => [path, undefined]);
    const gone = miss('absent', 'no-such-program');
    assert.deepEqual(await marks({ [byDpkg]: gone, [byRpm]: gone }), open);
    assert.deepEqual(await marks({ [byDpkg]: miss('timed-out') }), open);
    assert.deepEqual(await marks({ [byDpkg]: { stdout: '', exitCode: 1 } }), open);
  });

  it('are all that may be missing: a walk that was denied or cut is no list', async () => {
    for (const walk of [miss('denied'), miss('timed-out'), miss('failed'), { stdout: found, truncated: true }]) {
      const fact = await readSetIdFiles(fakeHost({ commands: { 'find-set-id': walk } }));
      assert.notEqual(fact.status, 'observed');
    }
    const parts = { stdout: found, stderr: "find: '/opt/x': Permission denied\n", exitCode: 1 };
    assert.equal((await readSetIdFiles(fakeHost({ commands: { 'find-set-id': parts } }))).status, 'denied');
  });
});
