import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import type { Administrator } from '../../../collectors/mfa/administrators.ts';
import { classesOf } from '../../../collectors/mfa/sshd-classes.ts';
import { type Directive, readSshdConfig } from '../../../collectors/mfa/sshd-files.ts';
import { effectiveSettings } from '../../../collectors/mfa/sshd-settings.ts';
import { fakeHost } from '../fake-host.ts';

const people: readonly Administrator[] = ['root', 'alice', 'bob'].map((name, uid) => ({
  name,
  uid,
  home: '/',
  groups: [name, name === 'root' ? 'root' : 'sudo'],
}));
const anywhere = { addresses: [], ports: [22] };

async function directives(text: string): Promise<Directive[]> {
  const read = await readSshdConfig(fakeHost({ files: { '/etc/ssh/sshd_config': text } }), '/etc/ssh/sshd_config');
  assert.ok(read.status === 'observed', JSON.stringify(read));
  return read.value;
}

describe('classes of logins', () => {
  it('are one without Match blocks', async () => {
    const { classes, leftOut } = classesOf(await directives('UsePAM yes\n'), people, false, anywhere);
    assert.deepEqual([classes.length, leftOut, classes[0]?.accounts], [1, 0, ['root', 'alice', 'bob']]);
  });

  it('part accounts by name and group, and addresses by network', async () => {
    const text = 'Match User root\nUsePAM yes\nMatch Group sudo Address 10.0.0.0/8\nPermitRootLogin no\n';
    const { classes } = classesOf(await directives(text), people, false, anywhere);
    const shown = classes.map(({ accounts, connection }) => `${accounts.join('+')} ${connection.address}`);
    assert.deepEqual(shown, ['root 203.0.113.7', 'alice+bob 203.0.113.7', 'alice+bob 10.0.0.7']);
  });

  it('part sources that AllowUsers names behind an @', async () => {
    const { classes } = classesOf(await directives('AllowUsers alice@192.0.2.0/24\n'), people, false, anywhere);
    assert.equal(classes.length, 2);
    assert.ok(classes.some(({ connection }) => connection.address === '192.0.2.0'));
  });

  it('are at most 32; the rest is counted', async () => {
    const text = Array.from(
      { length: 50 },
      (_unused, at) => `Match Address 10.${at}.0.0/16\nPermitRootLogin no\n`,
    ).join('');
    const { classes, leftOut } = classesOf(await directives(text), people, false, anywhere);
    assert.equal(classes.length, 32);
    assert.ok(leftOut >= 19);
  });

  it('say that they are not exact where a pattern of text cannot be enumerated', async () => {
    const { leftOut } = classesOf(
      await directives('Match Address 10.*.7.?\nPermitRootLogin no\n'),
      people,
      false,
      anywhere,
    );
    assert.ok(leftOut > 0);
  });

  it('leave no address out: whatever an address gets, a class of its account gets too', async () => {
    const octet = fc.constantFrom(0, 1, 9, 10, 127, 128, 192, 255);
    const network = fc.tuple(octet, octet, fc.constantFrom(8, 12, 16, 24, 32)).map(([a, b, prefix]) => {
      const value = ((a << 24) | (b << 16) | (7 << 8) | 9) >>> 0;
      const first = prefix === 32 ? value : (value >>> (32 - prefix)) * 2 ** (32 - prefix);
      return `${[24, 16, 8, 0].map((shift) => Math.floor(first / 2 ** shift) % 256).join('.')}/${prefix}`;
    });
    const list = fc
      .tuple(fc.array(network, { minLength: 1, maxLength: 3 }), fc.boolean())
      .map(([all, negated]) => (negated ? `!${all.join(',')},*` : all.join(',')));
    const lists = fc.array(list, { minLength: 1, maxLength: 3 });
    const address = fc.tuple(octet, octet, octet, octet).map((parts) => parts.join('.'));
    await fc.assert(
      fc.asyncProperty(lists, address, async (all, asked) => {
        const text = all
          .map((each, at) => `Match Address ${each}\nMaxAuthTries ${at}\nAuthorizedKeysFile f${at}\n`)
          .join('');
        const read = await directives(text);
        const { classes, leftOut } = classesOf(read, people, false, anywhere);
        if (leftOut > 0) return;
        const value = (where: string): string | undefined =>
          effectiveSettings(read, {
            user: 'alice',
            groups: [],
            host: where,
            address: where,
            localAddress: '192.0.2.1',
            localPort: 22,
          })
            ?.get('authorizedkeysfile')
            ?.join(' ');
        const known = new Set(classes.map(({ connection }) => value(connection.address)));
        assert.ok(known.has(value(asked)), `${asked} ${text}`);
      }),
      { numRuns: 300 },
    );
  });

  it('of 300 accounts and 1,000 blocks are found in bounded time', async () => {
    const many = Array.from({ length: 300 }, (_unused, uid) => ({
      name: `u${uid}`,
      uid,
      home: '/',
      groups: [`g${uid}`],
    }));
    const text = Array.from(
      { length: 1_000 },
      (_unused, at) => `Match User u${at} Address 10.${at % 200}.0.0/16\nPermitRootLogin no\n`,
    ).join('');
    const { classes, leftOut } = classesOf(await directives(text), many, false, anywhere);
    assert.equal(classes.length, 32);
    assert.ok(leftOut > 0);
  }).timeout(20_000);
});
