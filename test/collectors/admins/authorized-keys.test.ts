import assert from 'node:assert/strict';
import { parseAuthorizedKeys } from '../../../collectors/admins/authorized-keys.ts';

const ed25519 = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f';

/** A key blob of these fields. */
function key(type: string, ...fields: readonly Uint8Array[]): string {
  const parts = [Buffer.from(type), ...fields].flatMap((field) => {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(field.length);
    return [length, field];
  });
  return `${type} ${Buffer.concat(parts).toString('base64')}`;
}

describe('authorized_keys', () => {
  it('reads types, lengths and options, and nothing of the comment', () => {
    const modulus = Buffer.concat([Buffer.from([0, 0x80]), Buffer.alloc(255)]);
    const { keys, ignored } = parseAuthorizedKeys(
      [
        '# ops',
        `${ed25519} Jane Doe`,
        `restrict,from="192.0.2.0/24,!192.0.2.9",command="echo \\"a, b\\"" ${key('ssh-rsa', Buffer.from([1, 0, 1]), modulus)}`,
        `  cert-authority,expiry-time="20270101Z" ${key('ecdsa-sha2-nistp384', Buffer.from('nistp384'), Buffer.alloc(97))}`,
        `VERIFY-REQUIRED ${key('sk-ssh-ed25519@openssh.com', Buffer.alloc(32), Buffer.from('ssh:'))}`,
        key('ssh-new@example.org', Buffer.alloc(3)),
        '',
      ].join('\r\n'),
    );
    assert.equal(ignored, 0);
    assert.deepEqual(
      keys.map(({ line, type, bits, options }) => [line, type, bits, options]),
      [
        [2, 'ssh-ed25519', 256, []],
        [
          3,
          'ssh-rsa',
          2048,
          [
            { name: 'restrict' },
            { name: 'from', value: '192.0.2.0/24,!192.0.2.9' },
            { name: 'command', value: 'echo "a, b"' },
          ],
        ],
        [4, 'ecdsa-sha2-nistp384', 384, [{ name: 'cert-authority' }, { name: 'expiry-time', value: '20270101Z' }]],
        [5, 'sk-ssh-ed25519@openssh.com', 256, [{ name: 'verify-required' }]],
        [6, 'ssh-new@example.org', undefined, []],
      ],
    );
    assert.doesNotMatch(JSON.stringify(keys), /Jane/);
  });

  it('counts lines that sshd passes over, as it does', () => {
    const lines = [
      'not a key',
      'ssh-ed25519 AAAA',
      `no-such-option ${ed25519}`,
      `command="never ends ${ed25519}`,
      'ssh-rsa AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f',
    ];
    assert.deepEqual(parseAuthorizedKeys(lines.join('\n')), { keys: [], ignored: lines.length });
  });
});
