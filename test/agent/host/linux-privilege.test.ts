import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { linuxPrivilege } from '../../../agent/host/linux-privilege.ts';

function status(effective: string, ambient = '0'): string {
  return `Name:\tnode\nCapInh:\t${'0'.repeat(16)}\nCapEff:\t${effective.padStart(16, '0')}\nCapAmb:\t${ambient.padStart(16, '0')}\n`;
}

describe('what this process may do', () => {
  it('calls every capability that the kernel knows all', () => {
    const root = linuxPrivilege(status('1ffffffffff'), 40, 0);
    assert.deepEqual(
      [root.capabilities, root.elevated, root.held('own'), root.held('child')],
      [['all'], true, 'root', 'root'],
    );
  });

  it('lists what is left where one is missing, and still calls root that may read everything root', () => {
    const root = linuxPrivilege(status('1fffeffffff'), 40, 0);
    assert.equal(root.capabilities.length, 40);
    assert.ok(!root.capabilities.includes('cap_sys_resource'));
    assert.equal(root.elevated, true);
  });

  it('claims no root for uid 0 without the capability that opens files', () => {
    const bare = linuxPrivilege(status('0'), 40, 0);
    assert.deepEqual([bare.capabilities, bare.elevated, bare.held('own')], [[], false, 'user']);
  });

  it('claims a capability for programs that we start only where it is ambient', () => {
    const effectiveOnly = linuxPrivilege(status('4'), 40, 1000);
    assert.deepEqual([effectiveOnly.held('own'), effectiveOnly.held('child')], ['cap:cap_dac_read_search', 'user']);
    const ambient = linuxPrivilege(status('4', '4'), 40, 1000);
    assert.equal(ambient.held('child'), 'cap:cap_dac_read_search');
  });

  it('reads what the kernel really says of a user with one capability', function () {
    if (process.geteuid?.() !== 0) this.skip();
    const capability = ['--inh-caps=+dac_read_search', '--ambient-caps=+dac_read_search'];
    const drop = ['--reuid=65534', '--regid=65534', '--clear-groups', '--bounding-set=-all,+dac_read_search'];
    let text: string;
    try {
      text = execFileSync('setpriv', [...drop, ...capability, 'cat', '/proc/self/status'], { encoding: 'utf8' });
    } catch {
      this.skip();
    }
    const held = linuxPrivilege(text, 40, 65_534);
    assert.deepEqual([held.capabilities, held.elevated], [['cap_dac_read_search'], false]);
    assert.deepEqual([held.held('own'), held.held('child')], ['cap:cap_dac_read_search', 'cap:cap_dac_read_search']);
  });
});
