import assert from 'node:assert/strict';
import { archiveDate, parseReleaseHead } from '../../../collectors/updates/apt-release.ts';

const inside = `-----BEGIN PGP SIGNED MESSAGE-----
Hash: SHA256

Origin: Debian
Label: Debian-Security
Suite: oldstable-security
Codename: bookworm-security
Date: Sat, 21 Nov 2026 00:53:02 UTC
Valid-Until: Sat, 28 Nov 2026 00:53:02 UTC
SHA256:
 e3b0c442        0 contrib/Contents-amd64
-----BEGIN PGP SIGNATURE-----
Suite: not this one
`;

describe('parseReleaseHead', () => {
  it('reads the fields of an InRelease file', () => {
    assert.deepEqual(parseReleaseHead(inside, false), {
      origin: 'Debian',
      label: 'Debian-Security',
      suite: 'oldstable-security',
      codename: 'bookworm-security',
      date: '2026-11-21T00:53:02Z',
      validUntil: '2026-11-28T00:53:02Z',
      signedInside: true,
    });
  });

  it('does not read a last line that was cut off', () => {
    const at = inside.indexOf('-security');
    const cut = parseReleaseHead(inside.slice(0, at), true);
    assert.deepEqual(cut, { origin: 'Debian', label: 'Debian-Security', signedInside: true });
  });

  it('leaves out what the file does not say', () => {
    const inSignature = 'Origin: A\n-----BEGIN PGP SIGNATURE-----\nLabel: not this one\n';
    assert.deepEqual(parseReleaseHead(inSignature, false), { origin: 'A', signedInside: false });
    assert.deepEqual(parseReleaseHead('Date: yesterday\nSHA256:\n 00 1 Packages\n', false), { signedInside: false });
  });
});

describe('archiveDate', () => {
  it('reads the ways in which archives write UTC', () => {
    for (const text of [
      'Sat, 11 Jul 2026 08:05:09 UTC',
      'Sat, 11 Jul 2026  8:05:09 UTC',
      'Sat, 11 Jul 2026 08:05:09 GMT',
      'Sat, 11 Jul 2026 08:05:09 +0000',
      '11 Jul 2026 08:05:09 Z',
      'Sat, 11 Jul 2026 10:05:09 +0200',
    ]) {
      assert.equal(archiveDate(text), '2026-07-11T08:05:09Z', text);
    }
    assert.equal(archiveDate('Wed,  1 Jul 2026 08:05:09 UTC'), '2026-07-01T08:05:09Z');
  });

  it('takes what is no date for none', () => {
    for (const text of [
      undefined,
      '',
      'soon',
      '31 Feb 2026 00:00:00 UTC',
      '01 Foo 2026 00:00:00 UTC',
      '01 Jan 2026 24:00:00 UTC',
    ]) {
      assert.equal(archiveDate(text), undefined, text);
    }
  });
});
