import assert from 'node:assert/strict';
import { parseAptConfig } from '../../../collectors/updates/apt-config.ts';

const config = parseAptConfig(`APT "";
APT::Periodic "";
APT::Periodic::Unattended-Upgrade "0";
apt::periodic::unattended-upgrade "1";
Unattended-Upgrade::Origins-Pattern "";
Unattended-Upgrade::Origins-Pattern:: "origin=Debian,label=Debian";
Unattended-Upgrade::Origins-Pattern:: "origin=Debian,label=Debian-Security";
DPkg::Post-Invoke:: "if [ -x /usr/bin/a ]; then echo \\"two
lines\\"; fi";
Last "x";
`);

describe('parseAptConfig', () => {
  it('takes the last of several values, without regard to case, as apt does', () => {
    assert.equal(config.value('APT::Periodic::Unattended-Upgrade'), '1');
    assert.equal(config.value('APT::Periodic::Enable'), undefined);
  });

  it('keeps the order of lists, and keeps them apart from single settings', () => {
    assert.deepEqual(config.list('Unattended-Upgrade::Origins-Pattern'), [
      'origin=Debian,label=Debian',
      'origin=Debian,label=Debian-Security',
    ]);
    assert.deepEqual(config.below('Unattended-Upgrade::'), [['Unattended-Upgrade::Origins-Pattern', '']]);
  });

  it('reads on after a value of several lines', () => {
    assert.equal(config.value('Last'), 'x');
    assert.equal(config.list('DPkg::Post-Invoke').length, 1);
  });
});
