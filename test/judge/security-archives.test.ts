import assert from 'node:assert/strict';
import { archiveDoubts } from '../../judge/security-archives.ts';
import type { ArchiveMetadata } from '../../schemas/generated/types.ts';

const at = Date.parse('2026-11-20T12:00:00Z');
const fresh = '2026-11-19T20:00:00Z';

function archive(suite: string, codename: string, more: Partial<ArchiveMetadata> = {}): ArchiveMetadata {
  return { archive: suite, origin: 'Debian', suite, codename, releasedAt: fresh, fetchedAt: fresh, ...more };
}
const main = archive('oldstable', 'bookworm', { releasedAt: '2026-05-16T10:00:00Z' });
const updates = archive('oldstable-updates', 'bookworm-updates');
const security = archive('oldstable-security', 'bookworm-security', { label: 'Debian-Security' });
const ubuntu = { origin: 'Ubuntu', label: 'Ubuntu' };

describe('what keeps apt from knowing a fix', () => {
  it('is nothing where each release has its security archive, made lately', () => {
    assert.deepEqual(archiveDoubts([main, updates, security], at), []);
    const noble = ['noble', 'noble-updates', 'noble-security'].map((suite) => archive(suite, 'noble', ubuntu));
    assert.deepEqual(archiveDoubts(noble, at), []);
    const buster = [
      archive('oldoldstable', 'buster', { releasedAt: '2022-09-10T10:00:00Z' }),
      archive('oldoldstable', 'buster', { archive: 'security', label: 'Debian-Security' }),
    ];
    assert.deepEqual(archiveDoubts(buster, at), []);
    assert.deepEqual(archiveDoubts([archive('stable', 'bookworm', { origin: 'Raspbian' })], at), []);
  });

  it('is that apt was never told of the security archive', () => {
    assert.match(archiveDoubts([main, updates], at).join(), /no security archive is among the metadata/);
    assert.match(archiveDoubts([archive('x', 'x', { origin: 'Local' })], at).join(), /no security archive/);
  });

  it('is that the only security archive is of another release, or of another vendor', () => {
    const trixie = archive('stable-security', 'trixie-security', { label: 'Debian-Security' });
    assert.deepEqual(archiveDoubts([main, trixie], at), [
      'no security archive of Debian bookworm is among the metadata',
    ]);
    const other = archive('bookworm-security', 'bookworm', { origin: 'Vendor' });
    assert.match(archiveDoubts([main, other], at).join(), /no security archive of Debian bookworm/);
  });

  it('is a security archive that stood still: a frozen mirror, a snapshot, a release that is over', () => {
    const frozen = { ...security, releasedAt: '2026-09-01T00:00:00Z' };
    assert.match(archiveDoubts([main, frozen], at).join(), /nothing came by the security archive .* since 2026-09-01/);
    const undated = archive('noble-security', 'noble', { ...ubuntu, fetchedAt: '2026-09-01T00:00:00Z' });
    const { releasedAt: _releasedAt, ...without } = undated;
    assert.match(archiveDoubts([archive('noble', 'noble', ubuntu), without], at).join(), /since 2026-09-01/);
  });

  it('is no archive that stood still where Ubuntu Pro goes on in its place, and is one where that stood still too', () => {
    const over = '2025-05-29T00:00:00Z';
    const focal = ['focal', 'focal-security'].map((suite) => archive(suite, 'focal', { ...ubuntu, releasedAt: over }));
    const esm = (releasedAt: string) => archive('focal-infra-security', 'focal', { origin: 'UbuntuESM', releasedAt });
    assert.deepEqual(archiveDoubts([...focal, esm(fresh)], at), []);
    assert.match(archiveDoubts([...focal, esm(over)], at).join(), /focal-security since 2025-05-29/);
    assert.match(archiveDoubts(focal, at).join(), /focal-security since 2025-05-29/);
  });

  it('is no archive of a third party that brings little', () => {
    const esm = archive('noble-infra-security', 'noble', { origin: 'UbuntuESM', releasedAt: '2026-03-01T00:00:00Z' });
    const noble = ['noble', 'noble-security'].map((suite) => archive(suite, 'noble', ubuntu));
    assert.deepEqual(archiveDoubts([...noble, esm], at), []);
  });
});
