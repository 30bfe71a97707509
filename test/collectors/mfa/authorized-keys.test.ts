import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseAuthorizedKeys } from '../../../collectors/mfa/authorized-keys.ts';
import type { LoginKey } from '../../../schemas/generated/types.ts';
import { digests } from '../each-source-denied.ts';

const ed25519 = 'AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f';
const recordings = join(import.meta.dirname, '../../../../shared/recordings/mfa');

function keys(text: string): LoginKey[] {
  const parsed = parseAuthorizedKeys(text, digests);
  assert.ok(parsed.ok);
  return parsed.value;
}

describe('authorized_keys', () => {
  it('gives type, fingerprint and the names of options, never a comment', () => {
    const [key, ...rest] = keys(
      `# note\nfrom="10.0.0.0/8,*.x",command="echo \\"a b\\"" ssh-ed25519 ${ed25519} alice doe at home\n`,
    );
    assert.deepEqual(rest, []);
    assert.deepEqual(key, {
      line: 2,
      type: 'ssh-ed25519',
      fingerprint: key?.fingerprint,
      options: ['from', 'command'],
    });
    assert.match(key?.fingerprint ?? '', /^SHA256:[A-Za-z0-9+/]{43}$/);
    assert.doesNotMatch(JSON.stringify(key), /alice|echo|10\.0/);
  });

  it('knows an authority, and when a line ends', () => {
    const [authority, dated, wrong] = keys(
      `cert-authority,principals="x" ssh-ed25519 ${ed25519}\nexpiry-time="20261231" ssh-ed25519 ${ed25519}\nexpiry-time="20261399" ssh-ed25519 ${ed25519}\n`,
    );
    assert.equal(authority?.certificateAuthority, true);
    assert.deepEqual(dated?.validUntil, { on: '2026-12-31' });
    assert.equal(wrong?.validUntil, undefined);
  });

  it('passes over what sshd passes over: no key, a type that is not in the key', () => {
    assert.deepEqual(keys(`nonsense\nssh-ed25519 short\nssh-rsa ${ed25519}\nno-pty\n`), []);
  });

  it('reads security keys and plain keys as they are published', function () {
    if (!existsSync(recordings)) {
      console.error('skipped: the recordings are not there');
      this.skip();
    }
    const read = (name: string): LoginKey[] =>
      keys(readFileSync(join(recordings, name), 'utf8').replace(/^\$.*\n/m, ''));
    const [sk] = read('authorized_keys-verify-required-sk-ed25519.txt');
    assert.deepEqual([sk?.type, sk?.options], ['sk-ssh-ed25519@openssh.com', ['verify-required']]);
    const [rsa] = read('openssh_rsa_1.pub');
    assert.deepEqual([rsa?.type, rsa?.bits], ['ssh-rsa', 1024]);
    assert.deepEqual(read('authorized_keys-verify-required-sk-ecdsa-elided.txt'), []);
  });
});
