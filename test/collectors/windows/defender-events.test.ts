/** Defender's own event log, where Defender does not answer: it speaks against, never for. */
import assert from 'node:assert/strict';
import { edr as collector } from '../../../collectors/edr/index.ts';
import { parseDefenderEvents } from '../../../collectors/edr/products/windows/defender-events.ts';
import { judgeEdr } from '../../../judge/edr.ts';
import { assertValid, digests } from '../each-source-denied.ts';
import { fakeHost, miss } from '../fake-host.ts';

const threat = { 'Threat ID': '2147519003', 'Threat Name': 'Virus:DOS/EICAR_Test_File', 'Severity ID': '5' };
const place = { Path: String.raw`file:_C:\inetpub\wwwroot\aspnet_client\a.aspx; file:_C:\y.exe` };
const event = (Id: number, minute: number, fields: Record<string, string> = {}, id = '{A}') => ({
  Id,
  TimeCreated: `2026-11-20T10:${String(minute).padStart(2, '0')}:00.1234567Z`,
  Fields: Id >= 5000 ? fields : { 'Detection ID': id, ...threat, ...place, ...fields },
});
const settled = { 'Action ID': '2', 'Error Code': '0x00000000' };

function states(...rows: readonly object[]): unknown {
  const read = parseDefenderEvents(rows, digests);
  assert.ok(read.ok, JSON.stringify(read));
  return read.value.items.map(({ state }) => state);
}

const down = miss('failed', 'hresult-0x800106ba');
async function protection(events: readonly object[], status?: object) {
  const host = fakeHost({
    os: 'windows',
    queries: {
      services: { value: [{ Name: 'WinDefend', State: 'Running', StartMode: 'Auto' }] },
      drivers: { value: [{ Name: 'WdFilter', State: 'Running', StartMode: 'Boot' }] },
      'uninstall-entries': { value: [] },
      'Get-MpComputerStatus': status === undefined ? down : { value: status },
      'Get-MpPreference': down,
      'Get-MpThreat': down,
      'Get-MpThreatDetection': down,
      'defender-events': { value: events },
    },
  });
  const { edr } = await collector.collect(host, digests);
  assert.ok(edr?.products.status === 'observed');
  assertValid({ edr }, 'defender-events');
  const [product] = edr.products.value;
  assert.ok(product);
  return { product, verdict: judgeEdr(edr, { at: '2026-11-29T00:00:00Z' }) };
}

describe('the event log of Defender', () => {
  it('leaves each detection as its newest event does, whatever order they come in', () => {
    assert.deepEqual(states(event(1116, 1)), ['active']);
    assert.deepEqual(states(event(1117, 2, settled), event(1116, 1)), ['quarantined']);
    assert.deepEqual(states(event(1116, 1), event(1117, 1, settled)), ['quarantined'], 'within one second');
    assert.deepEqual(states(event(1116, 1), event(1117, 2, { ...settled, 'Action ID': '6' })), ['allowed']);
    assert.deepEqual(states(event(1116, 1), event(1117, 2, { ...settled, 'Action ID': '99' })), ['unknown']);
    assert.deepEqual(states(event(1117, 2, { ...settled, 'Error Code': '0x80508023' })), ['failed']);
    assert.deepEqual(states(event(1117, 2, { 'Action ID': '2' })), ['failed'], 'no code is no success');
    assert.deepEqual(states(event(1116, 1), event(1119, 3, settled)), ['failed']);
    assert.deepEqual(states(event(1117, 2, settled), event(1116, 3)), ['active'], 'found again');
    assert.deepEqual(states(event(1116, 1), event(1116, 1, {}, '{B}')), ['active', 'active']);
    assert.equal(parseDefenderEvents([{ Id: 1116, TimeCreated: null, Fields: {} }], digests).ok, false);
    assert.equal(parseDefenderEvents([event(1116, 1, { 'Threat ID': '' })], digests).ok, false);
  });

  it('names what Defender does not, by class and digest of its place', async () => {
    const { product, verdict } = await protection([event(1116, 1)]);
    assert.ok(product.detections.status === 'observed');
    const [item] = product.detections.value.items ?? [];
    assert.deepEqual(
      [item?.name, item?.threatId, item?.severity, item?.pathClass, item?.firstSeen],
      [threat['Threat Name'], threat['Threat ID'], 'severe', 'web-root', { at: '2026-11-20T10:01:00Z' }],
    );
    assert.ok(!JSON.stringify(product).includes('aspnet_client'));
    assert.equal(verdict.outcome, 'fail');
  });

  it('is no proof that nothing was found, nor that protection is on', async () => {
    for (const events of [[], [event(1116, 1), event(1117, 2, settled)], [event(5001, 1), event(5000, 2)]]) {
      const { product, verdict } = await protection(events);
      assert.deepEqual([product.detections.status, product.realTimeProtection.status], ['failed', 'failed']);
      assert.equal('reason' in product.detections && product.detections.reason, 'defender-not-running');
      assert.notEqual(verdict.outcome, 'pass');
    }
  });

  it('says that protection was switched off, where Defender itself says nothing', async () => {
    const { product, verdict } = await protection([event(5000, 1), event(5001, 2)]);
    assert.ok(product.realTimeProtection.status === 'observed' && !product.realTimeProtection.value.enabled);
    assert.equal(verdict.outcome, 'fail');
    const told = await protection([event(5001, 2)], { RealTimeProtectionEnabled: true, AMRunningMode: 'Normal' });
    assert.ok(told.product.realTimeProtection.status === 'observed' && told.product.realTimeProtection.value.enabled);
  });
});
