import assert from 'node:assert/strict';
import type { Machine, Raw } from '../../../agent/host/machine.ts';
import { goneCode, walkProcesses } from '../../../agent/host/processes.ts';

const limits = { maxBytes: 1024, deadlineMs: 5000 };
const gone = '7f1c-7f1d r-xp 00028000 fe:01 131   /usr/lib/libc.so.6 (deleted)\n';

function machine(files: Readonly<Record<string, string>>, pids: readonly string[]): Machine {
  const bytes = (text: string): Uint8Array => Buffer.from(text);
  const absent = { outcome: 'absent', reason: 'no-such-file' } as const;
  const none = (): Promise<Raw<never>> => Promise.resolve(absent);
  return {
    os: 'linux',
    privilege: () => 'user',
    identity: none,
    list: () => Promise.resolve({ outcome: 'ok', value: pids.map(bytes) }),
    readFile: (path) => {
      const text = files[path];
      if (text === 'denied') return Promise.resolve({ outcome: 'denied', reason: 'permission-denied' });
      return Promise.resolve(
        text === undefined ? absent : { outcome: 'ok', value: { bytes: bytes(text), truncated: false } },
      );
    },
    stat: none,
    readLink: none,
    run: none,
    registry: none,
    query: none,
    system: none,
  };
}

describe('one look at all processes', () => {
  it('finds code that is gone from disk, and nothing but code', () => {
    const data = '7f1c-7f1d rw-p 00028000 fe:01 131   /usr/lib/libm.so.6 (deleted)\n';
    const there = '7f1c-7f1d r-xp 00028000 fe:01 131   /usr/lib/libz.so.1\n';
    assert.deepEqual(goneCode(gone + gone + data + there), ['/usr/lib/libc.so.6']);
  });

  it('passes over a process that ended meanwhile, and is whole without it', async () => {
    const raw = await walkProcesses(
      machine({ '/proc/7/comm': 'sshd\n', '/proc/7/maps': gone, '/proc/7/cgroup': '0::/system.slice/ssh.service\n' }, [
        '7',
        '8',
        'self',
      ]),
      limits,
    );
    assert.deepEqual(raw, {
      outcome: 'ok',
      value: {
        processes: [{ pid: 7, name: 'sshd', goneFiles: ['/usr/lib/libc.so.6'], cgroup: '/system.slice/ssh.service' }],
        complete: true,
        namesComplete: true,
      },
    });
  });

  it('is not whole where the maps of a process are denied', async () => {
    const raw = await walkProcesses(machine({ '/proc/7/comm': 'sshd\n', '/proc/7/maps': 'denied' }, ['7']), limits);
    assert.deepEqual(raw, {
      outcome: 'ok',
      value: { processes: [{ pid: 7, name: 'sshd' }], complete: false, namesComplete: true },
    });
  });
});
