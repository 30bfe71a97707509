import assert from 'node:assert/strict';
import { type FakeMachine, miss } from '../fake-host.ts';
import { collect } from './collect-host.ts';

describe('firmware and hardware on Linux', () => {
  it('refuses UUIDs that many boards share', async () => {
    for (const uuid of [
      '00000000-0000-0000-0000-000000000000',
      'FFFFFFFF-FFFF-FFFF-FFFF-FFFFFFFFFFFF',
      '03000200-0400-0500-0006-000700080009',
    ]) {
      const { smbiosUuid } = await collect({ files: { '/sys/class/dmi/id/product_uuid': `${uuid}\n` } });
      assert.ok(smbiosUuid.status === 'failed' && smbiosUuid.reason === 'placeholder-uuid');
    }
  });

  it('tells a machine without SMBIOS from one whose UUID is for root only', async () => {
    const none = await collect({ lists: { '/sys/class/dmi/id': miss('absent') } });
    assert.ok(none.smbiosUuid.status === 'absent' && none.smbiosUuid.reason === 'no-smbios');
    assert.equal(none.hardware.status, 'absent');
    const user = await collect({ files: { '/sys/class/dmi/id/product_uuid': miss('denied') } });
    assert.equal(user.smbiosUuid.status, 'denied');
    assert.equal(user.hardware.status, 'observed');
  });

  it('keeps both answers where the kernel and systeminformation differ on the hardware', async () => {
    const { hardware } = await collect({
      files: { '/sys/class/dmi/id/bios_version': miss('absent') },
      system: { bios: { vendor: 'Dell Inc.', version: '1.16.2', releaseDate: '2014-04-01' } },
    });
    assert.ok(hardware.status === 'observed');
    assert.equal(hardware.value.firmwareVendor, 'SeaBIOS');
    assert.deepEqual(
      hardware.answers?.map(({ source }) => source),
      ['file:/sys/class/dmi/id/sys_vendor', 'system:system'],
    );
    const { hardware: agreed } = await collect();
    assert.ok(agreed.status === 'observed' && agreed.answers === undefined);
    assert.equal(agreed.value.firmwareReleasedOn, '2014-04-01');
  });

  it('asks systeminformation, a process with a dozen shells, only where the kernel left something open', async () => {
    const asked = async (machine: FakeMachine): Promise<boolean> => {
      const { hardware } = await collect(machine);
      return hardware.sources.includes('system:system');
    };
    assert.equal(await asked({}), false);
    assert.equal(await asked({ lists: { '/sys/class/dmi/id': miss('absent') } }), false);
    assert.equal(await asked({ files: { '/sys/class/dmi/id/product_name': miss('absent') } }), true);
    assert.equal(await asked({ files: { '/sys/class/dmi/id/sys_vendor': miss('denied') } }), true);
  });
});
