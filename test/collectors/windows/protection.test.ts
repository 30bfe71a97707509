/** Protection on Windows: each row of a product's truth table can make it fail, and nothing hidden reads as none. */
import assert from 'node:assert/strict';
import type { Draft } from '../../../collectors/collector.ts';
import { edr as collector } from '../../../collectors/edr/index.ts';
import { windowsProducts } from '../../../collectors/edr/products/windows/list.ts';
import { judgeEdr } from '../../../judge/edr.ts';
import type { ProtectionProduct } from '../../../schemas/generated/types.ts';
import { assertValid, digests } from '../each-source-denied.ts';
import { type FakeMachine, type FakeMiss, fakeHost, miss } from '../fake-host.ts';

const at = '2026-11-29T00:00:00Z';

const status = {
  AMProductVersion: '4.18.24050.7',
  AMRunningMode: 'Normal',
  AMServiceEnabled: true,
  AntivirusEnabled: true,
  AntivirusSignatureLastUpdated: '2026-11-28T05:10:00Z',
  AntivirusSignatureVersion: '1.413.209.0',
  AntivirusSignatureAge: 0,
  BehaviorMonitorEnabled: true,
  ComputerState: 0,
  DefenderSignaturesOutOfDate: false,
  OnAccessProtectionEnabled: true,
  IoavProtectionEnabled: true,
  IsTamperProtected: true,
  RealTimeProtectionEnabled: true,
  TroubleShootingMode: 'Disabled',
};
const preference = {
  ExclusionPath: [],
  ExclusionProcess: [],
  ExclusionExtension: [],
  ExclusionIpAddress: [],
  DisableRealtimeMonitoring: false,
};
const services = [{ Name: 'WinDefend', State: 'Running', StartMode: 'Auto', PathName: String.raw`"C:\W\MsMpEng.exe"` }];

type Asked = Readonly<Record<string, { readonly value: unknown } | FakeMiss>>;

const healthy: Asked = {
  services: { value: services },
  drivers: { value: [{ Name: 'WdFilter', State: 'Running', StartMode: 'Boot' }] },
  'uninstall-entries': { value: [] },
  'filter-drivers': { value: [{ Service: 'WdFilter', Altitude: '328010' }] },
  'program-versions {"paths":["C:\\\\W\\\\MsMpEng.exe"]}': {
    value: [{ Path: String.raw`C:\W\MsMpEng.exe`, FileVersion: '4.18.24050.7' }],
  },
  'Get-MpComputerStatus': { value: status },
  'Get-MpPreference': { value: preference },
  'Get-MpThreat': { value: [] },
  'Get-MpThreatDetection': { value: [] },
};

async function collect(changes: Asked = {}, more: Partial<FakeMachine> = {}): Promise<Draft<'edr'>> {
  const host = fakeHost({ os: 'windows', queries: { ...healthy, ...changes }, ...more });
  const drafts = await collector.collect(host, digests);
  assertValid(drafts, 'windows');
  assert.ok(drafts.edr);
  return drafts.edr;
}

async function outcome(changes: Asked = {}): Promise<[string, string]> {
  const { outcome: result, faults, unknowns } = judgeEdr(await collect(changes), { at });
  return [result, [...faults, ...unknowns].join('; ')];
}

const withStatus = (changes: Readonly<Record<string, unknown>>): Asked => ({
  'Get-MpComputerStatus': { value: { ...status, ...changes } },
});
const withPreference = (changes: Readonly<Record<string, unknown>>): Asked => ({
  'Get-MpPreference': { value: { ...preference, ...changes } },
});
const withService = (changes: Readonly<Record<string, unknown>>): Asked => ({
  services: { value: [{ ...services[0], ...changes }] },
});

function productOf(edr: Draft<'edr'>, id: string): ProtectionProduct {
  assert.ok(edr.products.status === 'observed');
  const product = edr.products.value.find((each) => each.id === id);
  assert.ok(product, id);
  return product;
}

describe('protection on Windows', () => {
  it('passes where Defender runs, is active, up to date and hides nothing', async () => {
    assert.deepEqual(await outcome(), ['pass', '']);
    const usual = { HighThreatDefaultAction: 0, SevereThreatDefaultAction: 2 };
    assert.deepEqual(await outcome(withPreference(usual)), ['pass', '']);
  });

  const failing: readonly (readonly [string, Asked, RegExp])[] = [
    ['its service is stopped', withService({ State: 'Stopped' }), /does not run/],
    ['its service is disabled', withService({ StartMode: 'Disabled' }), /not told to start/],
    ['its service is started by hand', withService({ StartMode: 'Manual' }), /not told to start/],
    ['the antivirus is off inside a running service', withStatus({ AntivirusEnabled: false }), /does not run/],
    ['it is passive with every toggle on', withStatus({ AMRunningMode: 'Passive Mode' }), /every product is passive/],
    ['it is in SxS passive mode', withStatus({ AMRunningMode: 'SxS Passive Mode' }), /mode is passive/],
    ['it only blocks for the sensor', withStatus({ AMRunningMode: 'EDR Block Mode' }), /mode is edr-block/],
    ['it says that it is not running', withStatus({ AMRunningMode: 'Not running' }), /mode is disabled/],
    ['troubleshooting mode is on', withStatus({ TroubleShootingMode: 'Enabled' }), /troubleshooting/],
    ['real-time protection is off', withStatus({ RealTimeProtectionEnabled: false }), /real-time protection is off/],
    [
      'real-time is on and the scan on access off',
      withStatus({ OnAccessProtectionEnabled: false }),
      /scanning on access is off/,
    ],
    [
      'the preference says off where the status says on',
      withPreference({ DisableRealtimeMonitoring: true }),
      /real-time protection is off/,
    ],
    [
      'severe threats are allowed while all says enabled',
      withPreference({ SevereThreatDefaultAction: 6 }),
      /stops nothing/,
    ],
    [
      'nothing is done with high threats while all says enabled',
      withPreference({ HighThreatDefaultAction: 9 }),
      /stops nothing/,
    ],
    [
      'the signatures are 610 days old while all says enabled',
      withStatus({ AntivirusSignatureLastUpdated: '2025-03-29T05:10:00Z' }),
      /signatures are of 2025-03-29/,
    ],
    [
      'there never were signatures',
      withStatus({ AntivirusSignatureLastUpdated: null, AntivirusSignatureAge: 4_294_967_295 }),
      /never had signatures/,
    ],
    [
      'it calls its signatures out of date',
      withStatus({ DefenderSignaturesOutOfDate: true }),
      /DefenderSignaturesOutOfDate/,
    ],
    ['steps by hand are left to do', withStatus({ ComputerState: 4 }), /ManualStepsRequired/],
    [
      'a threat stands',
      { 'Get-MpThreatDetection': { value: [{ ThreatID: '5', ThreatStatusID: 1, ActionSuccess: true }] } },
      /not dealt with/,
    ],
    [
      'an action did not succeed',
      { 'Get-MpThreatDetection': { value: { ThreatID: '5', ThreatStatusID: 3, ActionSuccess: false } } },
      /not dealt with/,
    ],
    [
      'a threat is said to be active and no detection shows it',
      { 'Get-MpThreat': { value: { ThreatID: '9', ThreatName: 'X', IsActive: true } } },
      /not dealt with/,
    ],
    ['it leaves out a whole drive', withPreference({ ExclusionPath: String.raw`C:\ `.trim() }), /the whole system/],
    [
      'it leaves out a worker process',
      withPreference({ ExclusionProcess: [String.raw`C:\Windows\System32\inetsrv\w3wp.exe`] }),
      /w3wp\.exe/,
    ],
    ['it leaves out scripts', withPreference({ ExclusionExtension: ['.ps1'] }), /the extension ps1/],
    ['it leaves out encoded scripts', withPreference({ ExclusionExtension: ['*.vbe'] }), /the extension vbe/],
    ['it leaves out temporary files', withPreference({ ExclusionExtension: ['tmp'] }), /the extension tmp/],
    ['it leaves out the planner of tasks', withPreference({ ExclusionProcess: ['schtasks.exe'] }), /schtasks\.exe/],
    [
      'it leaves out the temporary files of low integrity',
      withPreference({ ExclusionPath: [String.raw`C:\Users\bob\AppData\LocalLow\Temp`] }),
      /temporary files/,
    ],
  ];
  for (const [why, changes, fault] of failing)
    it(`fails where ${why}`, async () => {
      const [result, text] = await outcome(changes);
      assert.equal(result, 'fail', text);
      assert.match(text, fault);
    });

  const open: readonly (readonly [string, Asked])[] = [
    ['the status hangs', { 'Get-MpComputerStatus': miss('timed-out') }],
    ['the mode is a word that we do not know', withStatus({ AMRunningMode: 'Quantum' })],
    ['an old version states no mode', withStatus({ AMRunningMode: undefined })],
    [
      'the date of the signatures is not stated',
      withStatus({ AntivirusSignatureLastUpdated: null, AntivirusSignatureAge: 3 }),
    ],
    [
      'exclusions are hidden from who asks',
      withPreference({ ExclusionPath: ['N/A: Must be an administrator to view exclusions'] }),
    ],
    [
      'exclusions are hidden from administrators',
      withPreference({ ExclusionProcess: 'N/A: Administrators are not allowed to view exclusions' }),
    ],
    ['the preferences are denied', { 'Get-MpPreference': miss('denied') }],
    ['the detections are denied', { 'Get-MpThreatDetection': miss('denied') }],
    ['the services are denied', { services: miss('denied') }],
    [
      'another product may protect at the same time',
      { services: { value: [...services, { Name: 'CSFalconService', State: 'Running', StartMode: 'Auto' }] } },
    ],
    ['the drivers could not be looked at', { drivers: miss('denied') }],
    ['installed programs could not be looked at', { 'uninstall-entries': miss('denied') }],
  ];
  for (const [why, changes] of open)
    it(`is not known where ${why}`, async () => {
      const [result, text] = await outcome(changes);
      assert.equal(result, 'undetermined', text);
    });

  it('takes hidden exclusions for denied, and the HRESULT of a stopped Defender for a reason with its code', async () => {
    const hidden = productOf(
      await collect(withPreference({ ExclusionPath: 'N/A: Must be an administrator to view exclusions' })),
      'defender-antivirus',
    );
    assert.equal(hidden.exclusions.status, 'denied');
    const down = productOf(
      await collect({ 'Get-MpComputerStatus': { ...miss('failed', 'hresult-0x800106ba'), detail: 'Der Dienst…' } }),
      'defender-antivirus',
    );
    assert.deepEqual(
      [down.mode.status, 'reason' in down.mode && down.mode.reason, 'detail' in down.mode && down.mode.detail],
      ['failed', 'defender-not-running', '0x800106ba: Der Dienst…'],
    );
  });

  it('keeps both answers where service and status disagree, and counts the worse', async () => {
    const { running } = productOf(await collect(withService({ State: 'Stopped' })), 'defender-antivirus');
    assert.ok(running.status === 'observed' && !running.value);
    assert.deepEqual(
      running.answers?.map(({ answer }) => answer),
      [false, true],
    );
  });

  it('finds every product of the list by its service alone, none of which then passes', async () => {
    for (const { id, traces } of windowsProducts) {
      if (id === 'defender-antivirus' || id === 'defender-endpoint-sensor') continue;
      const name =
        traces.services.find((each) => typeof each === 'string') ??
        (id === 'kaspersky' ? 'AVP.KES.21.15' : 'CiscoAMP_8.2.3');
      const edr = await collect({
        services: { value: [{ Name: name, State: 'Running', StartMode: 'Auto' }] },
        drivers: { value: [{ Name: 'Ntfs', State: 'Running', StartMode: 'Boot' }] },
      });
      assert.equal(productOf(edr, id).running.status, 'observed', id);
      assert.notEqual(judgeEdr(edr, { at }).outcome, 'pass', id);
    }
  });

  it('does not take the sensor that every server has for a product until it is onboarded', async () => {
    const list = [...services, { Name: 'Sense', State: 'Stopped', StartMode: 'Manual', ExitCode: 1077 }];
    const key = String.raw`HKLM\SOFTWARE\Microsoft\Windows Advanced Threat Protection\Status`;
    const untouched = await collect(
      { services: { value: list } },
      { registry: { [key]: miss('absent', 'no-such-key') } },
    );
    assert.ok(untouched.products.status === 'observed' && untouched.products.value.length === 1);
    const onboarded = await collect(
      { services: { value: list } },
      { registry: { [key]: { values: { OnboardingState: { type: 'REG_DWORD', value: 1 } } } } },
    );
    const sensor = productOf(onboarded, 'defender-endpoint-sensor');
    assert.ok(sensor.running.status === 'observed' && !sensor.running.value);
    assert.ok(sensor.cloudContact.status === 'observed' && sensor.cloudContact.value.registered === true);
  });
});
