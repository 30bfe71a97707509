import assert from 'node:assert/strict';
import {
  addressText,
  isAddressList,
  matchesAddresses,
  matchesList,
  matchesPattern,
  parseAddress,
} from '../../../collectors/mfa/sshd-patterns.ts';

describe('patterns of sshd', () => {
  it('match as a whole, with stars and question marks', () => {
    for (const [text, pattern, expected] of [
      ['alice', 'a*e', true],
      ['alice', 'a?ice', true],
      ['alice', 'alic', false],
      ['', '*', true],
      ['', '?', false],
      ['aXbXc', '*X*c', true],
      ['a[b', 'a[b', true],
    ] as const)
      assert.equal(matchesPattern(text, pattern), expected, `${text} ${pattern}`);
  });

  it('need no exponential time', () => {
    assert.equal(matchesPattern('a'.repeat(5_000), `${'*a'.repeat(200)}b`), false);
  });

  it('let a negated pattern outweigh all others, wherever it stands', () => {
    assert.equal(matchesList('root', '*,!root'), 'no');
    assert.equal(matchesList('bob', '!root,*'), 'yes');
    assert.equal(matchesList('bob', '!root'), 'none');
  });

  it('match addresses by network, by text, and never across families', () => {
    for (const [address, list, expected] of [
      ['10.1.2.3', '10.0.0.0/8', 'yes'],
      ['10.1.2.3', '!10.1.0.0/16,10.0.0.0/8', 'no'],
      ['10.1.2.3', '10.1.*', 'yes'],
      ['2001:db8::7', '2001:db8::/32', 'yes'],
      ['2001:db8::7', '2001:0db8:0:0::7', 'yes'],
      ['::1', '0.0.0.0/0', 'none'],
      ['not-an-address', '*', 'none'],
    ] as const)
      assert.equal(matchesAddresses(address, list), expected, `${address} ${list}`);
    assert.deepEqual(['10.0.0.1/8', '1.2.3.4/33', '10.0.0.0/8,', '!'].map(isAddressList), [false, false, false, false]);
  });

  it('write addresses as RFC 5952 has it', () => {
    for (const text of ['192.0.2.7', '2001:db8::7', '::', '::1', '1::', '1:2:3:4:5:6:7:8', '1:0:0:2::3']) {
      const address = parseAddress(text);
      assert.ok(address !== undefined, text);
      const again = parseAddress(addressText(address));
      assert.deepEqual(again, address);
    }
    for (const text of ['1.2.3', '256.1.1.1', '1::2::3', '1:2:3', 'g::', '1:2:3:4:5:6:7:8:9', ''])
      assert.equal(parseAddress(text), undefined, text);
  });
});
