import assert from 'node:assert/strict';
import { openHost } from '../../../agent/host/door.ts';
import { createRawKeeper } from '../../../agent/host/raw-keeper.ts';
import { fakeMachine, fileOf } from './fake-machine.ts';

const hash = '$6$saltsalt$abcdefghijklmnopqrstuvwxyz0123456789abcdefghijklmnopqrstuvwxyz0123456789abcdef';

describe('raw outputs', () => {
  it('are kept from files and commands, with their locators, and from nothing else', async () => {
    const raw = createRawKeeper();
    const machine = fakeMachine({
      readFile: (path) => Promise.resolve(fileOf(`text of ${path}\n`)),
      run: () =>
        Promise.resolve({
          outcome: 'ok',
          value: {
            stdout: Buffer.from('amd64\n'),
            stderr: Buffer.from('noise'),
            exitCode: 3,
            signal: undefined,
            truncated: false,
          },
        }),
    });
    const { host } = openHost(machine, { raw });
    await host.readFile('/etc/hosts');
    await host.exec('dpkg-architecture');
    assert.deepEqual(raw.outputs(), [
      { format: 'affiant-raw/1', locator: 'command:dpkg --print-architecture', text: 'amd64\n', truncated: false },
      { format: 'affiant-raw/1', locator: 'file:/etc/hosts', text: 'text of /etc/hosts\n', truncated: false },
    ]);
  });

  it('hold nothing of a secret source, whoever read it first', async () => {
    const raw = createRawKeeper();
    const machine = fakeMachine({ readFile: () => Promise.resolve(fileOf('ldap_default_authtok = hunter2\n')) });
    const { host } = openHost(machine, { raw });
    for (const path of ['/etc/shadow', '/etc/ssh/ssh_host_rsa_key']) await host.readFile(path);
    await host.readFile('/etc/sssd/sssd.conf');
    await host.readFile('/etc/sssd/sssd.conf', { secret: true });
    await host.readFile('/root/.ssh/authorized_keys', { secret: true });
    await host.readFile('/root/.ssh/authorized_keys');
    assert.deepEqual(raw.outputs(), []);
  });

  it('have hashes masked, and names of people in the account file left out', () => {
    const raw = createRawKeeper();
    raw.keep({
      locator: 'file:/etc/passwd',
      path: '/etc/passwd',
      bytes: Buffer.from(`a:${hash}:1:1:Jane Doe,,555:/h:/bin/sh\n`),
      truncated: false,
    });
    raw.keep({ locator: 'command:x', bytes: Buffer.from(`user ${hash} end`), truncated: false });
    assert.deepEqual(
      raw.outputs().map(({ text }) => text),
      ['user [redacted] end', 'a:$6$redacted:1:1::/h:/bin/sh\n'],
    );
  });

  it('keep bytes that are not UTF-8, and say what was cut', () => {
    const raw = createRawKeeper();
    raw.keep({ locator: 'file:/a', path: '/a', bytes: Uint8Array.from([0x61, 0xff]), truncated: false });
    raw.keep({ locator: 'file:/b', path: '/b', bytes: new Uint8Array(300 * 1024).fill(0x62), truncated: false });
    raw.keep({ locator: 'file:/c', path: '/c', bytes: Buffer.from('half'), truncated: true });
    assert.deepEqual(
      raw.outputs().map(({ text, bytes, truncated }) => [text?.length ?? bytes, truncated]),
      [
        ['Yf8=', false],
        [256 * 1024, true],
        [4, true],
      ],
    );
  });

  it('stay below sixteen megabytes together: the smaller ones find room', () => {
    const raw = createRawKeeper();
    for (let number = 0; number < 100; number += 1)
      raw.keep({
        locator: `file:/${number}`,
        path: `/${number}`,
        bytes: new Uint8Array(256 * 1024).fill(0x62),
        truncated: false,
      });
    raw.keep({ locator: 'file:/small', path: '/small', bytes: Buffer.from('small'), truncated: false });
    const kept = raw.outputs();
    assert.equal(kept.length, 64);
    assert.ok(kept.some(({ locator }) => locator === 'file:/small'));
  });
});
