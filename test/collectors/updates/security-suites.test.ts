import assert from 'node:assert/strict';
import { securityRelevance } from '../../../collectors/updates/security-suites.ts';
import type { ArchiveMetadata } from '../../../schemas/generated/types.ts';

function archive(origin: string, label: string, suite: string): ArchiveMetadata {
  return { archive: `${origin}_${suite}`, origin, label, suite, fetchedAt: '2026-11-20T00:00:00Z' };
}

const bookworm = [
  archive('Debian', 'Debian', 'oldstable'),
  archive('Debian', 'Debian', 'oldstable-updates'),
  archive('Debian', 'Debian-Security', 'oldstable-security'),
  archive('Debian Backports', 'Debian Backports', 'oldstable-backports'),
  archive('Example', 'Example', 'stable'),
];
const noble = [
  archive('Ubuntu', 'Ubuntu', 'noble'),
  archive('Ubuntu', 'Ubuntu', 'noble-updates'),
  archive('Ubuntu', 'Ubuntu', 'noble-security'),
  archive('Ubuntu', 'Ubuntu', 'noble-proposed'),
];

describe('securityRelevance', () => {
  it('says yes where any archive that offers the candidate is a security archive', () => {
    assert.equal(securityRelevance(['oldstable-security'], bookworm), 'yes');
    assert.equal(securityRelevance(['oldstable', 'oldstable-security'], bookworm), 'yes');
    assert.equal(securityRelevance(['noble-updates', 'noble-security'], noble), 'yes');
    assert.equal(securityRelevance(['noble-apps-security'], noble), 'yes');
    assert.equal(securityRelevance(['noble-infra-security'], []), 'yes');
    assert.equal(securityRelevance(['buster/updates'], []), 'yes');
  });

  it('says no for plain suites of a distribution whose security archive apt knows', () => {
    assert.equal(securityRelevance(['oldstable'], bookworm), 'no');
    assert.equal(securityRelevance(['oldstable', 'oldstable-updates'], bookworm), 'no');
    assert.equal(securityRelevance(['noble-updates'], noble), 'no');
  });

  it('does not say no for third parties, backports, proposed updates and archives that it has no metadata of', () => {
    assert.equal(securityRelevance(['stable'], bookworm), 'unknown');
    assert.equal(securityRelevance(['oldstable', 'stable'], bookworm), 'unknown');
    assert.equal(securityRelevance(['oldstable-backports'], bookworm), 'unknown');
    assert.equal(securityRelevance(['noble-proposed'], noble), 'unknown');
    assert.equal(securityRelevance(['oldstable'], []), 'unknown');
    assert.equal(securityRelevance([], bookworm), 'unknown');
    assert.equal(securityRelevance(['unknown'], bookworm), 'unknown');
  });

  it('does not say no where the server was never told of the security archive', () => {
    assert.equal(securityRelevance(['oldstable'], bookworm.slice(0, 2)), 'unknown');
  });

  it('does not say no for testing and unstable, where fixes come by the ordinary way', () => {
    const testing = [archive('Debian', 'Debian', 'testing'), archive('Debian', 'Debian-Security', 'testing-security')];
    assert.equal(securityRelevance(['testing'], testing), 'unknown');
  });

  it('does not take one suite for the other where Debian 10 named both alike', () => {
    const main = archive('Debian', 'Debian', 'oldoldstable');
    const security = archive('Debian', 'Debian-Security', 'oldoldstable');
    assert.equal(securityRelevance(['oldoldstable'], [main, security]), 'unknown');
    assert.equal(securityRelevance(['oldoldstable'], [security]), 'yes');
  });
});
