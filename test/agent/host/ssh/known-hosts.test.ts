/** The file known_hosts as sshd(8) describes it; keys and hashed names as ssh-keygen made them. */
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { fingerprintOf, knownHostsLine, parseKnownHosts, typeOf } from '../../../../agent/host/ssh/known-hosts.ts';
import { codeOf, valueOf } from '../../../evidence/sample.ts';

/** A blob of that type: its length, its name, and bytes of a key. */
function blob(type: string, byte: number): Buffer {
  const head = Buffer.alloc(4);
  head.writeUInt32BE(type.length);
  return Buffer.concat([head, Buffer.from(type, 'latin1'), Buffer.alloc(36, byte)]);
}
const key = (byte: number, type = 'ssh-ed25519'): string => `${type} ${blob(type, byte).toString('base64')}`;
const bytesOf = (text: string, host: string, port = 22): number[] =>
  valueOf(parseKnownHosts(text, 'known_hosts'))
    .keysOf(host, port)
    .map((each) => each.blob.at(-1) ?? -1);

describe('known_hosts', () => {
  it('has keys by name, by pattern, by address with a port, and never for a name that is excluded', () => {
    const text = [
      '# a comment',
      '',
      `web1,10.0.0.7 ${key(1)} somebody@somewhere`,
      `*.example,!bad.example ${key(2)}`,
      `[web1]:2222 ${key(3)}`,
      `web? ${key(4)}`,
    ].join('\n');
    assert.deepEqual(bytesOf(text, 'web1'), [1, 4]);
    assert.deepEqual(bytesOf(text, 'WEB1'), [1, 4]);
    assert.deepEqual(bytesOf(text, '10.0.0.7'), [1]);
    assert.deepEqual(bytesOf(text, '10x0.0.7'), []);
    assert.deepEqual(bytesOf(text, 'good.example'), [2]);
    assert.deepEqual(bytesOf(text, 'bad.example'), []);
    assert.deepEqual(bytesOf(text, 'web1', 2222), [3]);
    assert.deepEqual(bytesOf(text, 'web12'), []);
  });

  it('knows a hashed name', () => {
    const salt = Buffer.alloc(20, 9);
    const hash = createHmac('sha1', salt).update('[web1]:2222').digest('base64');
    const text = `|1|${salt.toString('base64')}|${hash} ${key(5)}\n`;
    assert.deepEqual(bytesOf(text, 'web1', 2222), [5]);
    assert.deepEqual(bytesOf(text, 'web1'), []);
    assert.deepEqual(bytesOf(text.replace('|1|', '|2|'), 'web1', 2222), []);
  });

  it('keeps the marks, and refuses a line that it does not understand, since it could be the one that revokes', () => {
    const text = `@revoked web1 ${key(6)}\n@cert-authority *.example ${key(7)}\r\n`;
    const known = valueOf(parseKnownHosts(text, 'known_hosts'));
    assert.deepEqual(
      [...known.keysOf('web1', 22), ...known.keysOf('a.example', 22)].map(({ mark, line }) => [mark, line]),
      [
        ['revoked', 1],
        ['cert-authority', 2],
      ],
    );
    for (const line of [
      'web1',
      'web1 ssh-ed25519',
      `@revoke web1 ${key(8)}`,
      `web1 ssh-rsa ${blob('ssh-ed25519', 1).toString('base64')}`,
      'web1 ssh-ed25519 AAAA',
    ]) {
      const refused = parseKnownHosts(`${text}${line}\n`, 'known_hosts');
      assert.equal(codeOf(refused), 'known-hosts-invalid', line);
      assert.match(refused.ok ? '' : refused.refusal.message, /known_hosts, line 3/);
    }
  });

  it('is written as it is read', () => {
    for (const [host, port] of [
      ['web1', 22],
      ['10.0.0.7', 2222],
    ] as const)
      assert.deepEqual(bytesOf(knownHostsLine(host, port, blob('ssh-ed25519', 1)), host, port), [1]);
    assert.equal(typeOf(blob('ecdsa-sha2-nistp256', 1)), 'ecdsa-sha2-nistp256');
    assert.equal(typeOf(Buffer.from([0, 0, 255, 255])), '');
    assert.equal(typeOf(Buffer.of(1)), '');
    // ssh-keygen -lf of the key of github.com, which GitHub publishes beside its fingerprint.
    const github = 'AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl';
    assert.equal(fingerprintOf(Buffer.from(github, 'base64')), 'SHA256:+DiY3wvvV6TuJJhbpZisF/zLDA0zPMSvHdkr4UvCOqU');
  });
});
