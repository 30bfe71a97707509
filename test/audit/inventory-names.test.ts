/** Which line of the inventory is a server's: another's exposure or retirement would hide what is wrong with it. */
import { equal } from 'node:assert/strict';
import type { HostIdentity } from '../../audit/history-model.ts';
import { serverOf } from '../../audit/inventory.ts';
import type { InventoryServer } from '../../schemas/generated/types.ts';

describe('servers of the inventory by name', () => {
  const of = (host: string, ...names: string[]): string | undefined => {
    const identity = { id: 'a', targetIds: ['a'], names: [host] } as unknown as HostIdentity;
    const servers = names.map((name): InventoryServer => ({ name, exposure: 'internal' }));
    return serverOf({ format: 'affiant-inventory/1', date: '2026-01-01', servers }, identity)?.name;
  };

  it('takes the whole name before the short one: the first server of the same short name was taken', () => {
    equal(of('web1.lan.example', 'web1.dmz.example', 'web1.lan.example'), 'web1.lan.example');
    equal(of('web1', 'web1.dmz.example', 'web1'), 'web1');
    equal(of('WEB1.lan.example', 'web1.LAN.example'), 'web1.LAN.example');
  });

  it('takes no server of another domain for it', () => {
    equal(of('web1.lan.example', 'web1.dmz.example'), undefined);
  });

  it('takes a name without its domain where it fits one server alone', () => {
    equal(of('web1.lan.example', 'web1'), 'web1');
    equal(of('web1', 'web1.lan.example', 'web2.lan.example'), 'web1.lan.example');
    equal(of('web1', 'web1.lan.example', 'web1.dmz.example'), undefined);
  });
});
