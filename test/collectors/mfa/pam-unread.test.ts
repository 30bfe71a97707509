import assert from 'node:assert/strict';
import { observed, unseen } from '../../../collectors/fact.ts';
import { notAsked } from '../../../collectors/mfa/pam-unread.ts';

const source = 'file:/etc/pam.d/sshd';

describe('that no PAM file asks for something', () => {
  it('is not said while one of them could not be read', () => {
    const hidden = {
      service: 'sshd',
      file: '/etc/pam.d/sshd',
      content: unseen('denied', 'permission-denied', [source]),
    };
    assert.equal(notAsked([hidden], 'no-such-module').status, 'denied');
  });

  it('is said where all were read', () => {
    const read = { service: 'sshd', file: '/etc/pam.d/sshd', content: observed({ lines: [] }, source) };
    assert.equal(notAsked([read], 'no-such-module').status, 'not-applicable');
  });
});
