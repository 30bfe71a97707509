import assert from 'node:assert/strict';
import { debPurl } from '../../../collectors/updates/purl.ts';

describe('debPurl', () => {
  it('writes the examples of the standard', () => {
    assert.equal(debPurl('debian', 'attr', '1:2.4.47-2+b1', 'amd64'), 'pkg:deb/debian/attr@1:2.4.47-2%2Bb1?arch=amd64');
    assert.equal(debPurl('ubuntu', 'dpkg', '1.19.0.4', 'amd64'), 'pkg:deb/ubuntu/dpkg@1.19.0.4?arch=amd64');
  });

  it('encodes what would read as a separator, and keeps the tilde', () => {
    assert.equal(debPurl('Debian', 'libstdc++6', '1~rc1', 'i386'), 'pkg:deb/debian/libstdc%2B%2B6@1~rc1?arch=i386');
    assert.equal(
      debPurl("a'b", 'x@y/z', '1?2#3(4)*!', 'all'),
      'pkg:deb/a%27b/x%40y%2Fz@1%3F2%233%284%29%2A%21?arch=all',
    );
  });
});
