/** The judge of Windows: a server of which all is seen and nothing is wrong passes, and each single thing breaks it. */
import assert from 'node:assert/strict';
import { catalogues } from '../../catalogue/list.ts';
import { observed, unseen } from '../../collectors/fact.ts';
import { linuxFactsOnWindows } from '../../collectors/updates/platform-facts.ts';
import { judgeWindowsUpdates, type WindowsVerdict } from '../../judge/windows-updates.ts';
import type { Catalogue, RebootSignal, UpdatesDocument } from '../../schemas/generated/types.ts';

type Updates = Omit<UpdatesDocument, 'format' | 'blind'>;

const source = 'query:x';
const at = '2026-08-25T12:00:00Z';
const none = unseen('absent', 'no-exchange', [source]);
const catalogue = catalogueOf('windows');

function catalogueOf(id: string): Catalogue {
  const found = catalogues.find((each) => each.id === id);
  assert.ok(found);
  return found;
}

const strong = [
  'cbs-packages-pending',
  'cbs-reboot-in-progress',
  'cbs-reboot-pending',
  'configuration-manager',
  'update-exe-volatile',
  'windows-update-agent',
  'windows-update-reboot-required',
] as const satisfies readonly RebootSignal['name'][];
const quiet: RebootSignal[] = [...strong, 'pending-file-renames' as const, 'computer-rename' as const].map((name) => ({
  name,
  present: false,
}));
const lcu = {
  name: 'Package_for_RollupFix~31bf3856ad364e35~amd64~~20348.5499.1.7',
  kind: 'cumulative',
  version: '20348.5499.1.7',
  state: 112,
  stateName: 'installed',
} as const;

const fine: Updates = {
  ...linuxFactsOnWindows([source]),
  osBuild: observed({ build: 20348, ubr: 5499, version: '10.0.20348.5499' }, source),
  componentPackages: observed([lcu], source),
  hotfixes: observed([], source),
  windowsUpdateHistory: observed({ total: 1, events: [{ operation: 'install', result: 'succeeded' }] }, source),
  offeredUpdates: observed({ mode: 'offline', resultCode: 2, updates: [] }, source),
  updateSource: observed({ useManagedServer: false }, source),
  updatePolicy: observed({ mode: 4, serviceStart: 'manual' }, source),
  automaticUpdates: observed({ mechanism: 'windows-update', refreshes: true, installs: true }, source),
  pendingReboot: observed({ signals: quiet }, source),
  rebootRequired: observed({ required: false }, source),
  hotpatch: observed({ azureEdition: false, virtualizationBasedSecurity: 'off' }, source),
  supportLicences: observed([], source),
  installedSoftware: observed([], source),
  serverProducts: observed([], source),
  lastCheck: observed({ at: '2026-08-24T03:00:00Z', basis: 'windows-update-agent' }, source),
  lastInstall: observed({ at: '2026-08-12T03:00:00Z', basis: 'component-store' }, source),
  exchange: none,
  exchangeServer: none,
  exchangeFiles: none,
  exchangeServices: none,
  exchangeClaims: none,
  exchangeScanning: none,
  exchangeSchema: none,
  sqlInstances: none,
};

function judged(changes: Partial<Updates>, moment = at, with_ = catalogue): WindowsVerdict {
  return judgeWindowsUpdates({ ...fine, ...changes }, with_, { at: moment });
}

function builds(ubr: number | undefined, build = 20348): Partial<Updates> {
  const version = `10.0.${build}.${ubr ?? 0}`;
  return {
    osBuild: observed({ build, version, ...(ubr === undefined ? {} : { ubr }) }, source),
    componentPackages: observed([{ ...lcu, version: `${build}.${ubr ?? 0}.1.7` }], source),
  };
}

describe('the judge of Windows updates', () => {
  it('passes a server of which all is seen and nothing is wrong', () => {
    assert.deepEqual(judged({}).outcome, 'pass', JSON.stringify(judged({})));
    assert.equal(judged(builds(9121, 17763)).outcome, 'pass');
    assert.equal(judged(builds(33296, 26100)).outcome, 'pass');
  });

  it('names the months that are missing, as of the day', () => {
    const { faults, level } = judged(builds(4529));
    assert.equal(level?.row?.kb, catalogue.builds.find(({ build }) => build === '10.0.20348.4529')?.kb);
    assert.match(faults[0] ?? '', /monthly updates not installed since 202\d-\d\d-\d\d: …, /);
    // The day before the newest came out, the one before it was the newest.
    const asked = observed({ at: '2026-08-09T03:00:00Z', basis: 'windows-update-agent' as const }, source);
    const before = judged({ ...builds(5386), lastCheck: asked }, '2026-08-10T12:00:00Z');
    assert.equal(before.outcome, 'pass', JSON.stringify(before));
    assert.match(judged(builds(5386)).faults.join(), /^1 monthly update not installed since 2026-08-11/);
    assert.equal(judgeWindowsUpdates({ ...fine, ...builds(5386) }, catalogue, { at, graceDays: 30 }).faults.length, 0);
  });

  it('never calls a build current that the catalogue does not have', () => {
    for (const [change, gap] of [
      [builds(5400), /does not have the build 10\.0\.20348\.5400/],
      [builds(6000), /newer than the catalogue/],
      [builds(1, 9600), /does not have the branch 9600/],
      [builds(undefined), /names no update/],
    ] as const) {
      const verdict = judged(change);
      assert.notEqual(verdict.outcome, 'pass');
      assert.match(verdict.catalogueGap ?? '', gap);
    }
  });

  it('is undetermined once the catalogue has ended', () => {
    const verdict = judged(
      { ...builds(5870), lastCheck: observed({ at: '2026-12-07T03:00:00Z', basis: 'windows-update-agent' }, source) },
      '2026-12-08T00:00:00Z',
    );
    assert.equal(verdict.outcome, 'undetermined');
    assert.match(verdict.catalogueGap ?? '', /ended on 2026-12-08/);
  });

  it('passes nothing on days of which the catalogue knows nothing for this product alone, and fails what it knows', () => {
    const on = (day: string, ubr: number, build?: number) =>
      judged(
        {
          ...builds(ubr, build),
          lastCheck: observed({ at: `${day}T01:00:00Z`, basis: 'windows-update-agent' }, source),
        },
        `${day}T12:00:00Z`,
      );
    assert.equal(on('2026-11-20', 5870).outcome, 'pass');
    assert.equal(on('2026-11-20', 33_650, 26_100).outcome, 'undetermined');
    assert.match(on('2026-11-20', 33_650, 26_100).catalogueGap ?? '', /Windows Server 2025 from 2026-11-10 on/);
    assert.equal(on('2026-11-20', 33_438, 26_100).outcome, 'fail');
    assert.equal(on('2026-09-20', 9418, 14_393).outcome, 'undetermined');
    assert.match(on('2026-10-20', 9418, 14_393).faults.join(), /since 2026-10-13/);
    assert.equal(on('2026-11-20', 9688, 14_393).outcome, 'pass');
  });

  it('knows the end of support, and who paid for more', () => {
    const late = (licences: Updates['supportLicences'], day: string) =>
      judged({ ...builds(9418, 14393), supportLicences: licences }, `${day}T12:00:00Z`);
    const esu = { name: 'Windows(R), ServerStandard-ESU-Year1', status: 'licensed', extendedSecurity: true } as const;
    assert.ok(!late(observed([], source), '2027-01-12').faults.join().includes('support'));
    assert.match(
      late(observed([], source), '2027-01-13').faults.join(),
      /out of support since 2027-01-12, and extended/,
    );
    assert.match(
      late(observed([{ ...esu, status: 'unlicensed' }], source), '2027-01-13').faults.join(),
      /not licensed/,
    );
    assert.ok(
      !late(observed([esu], source), '2027-01-13')
        .faults.join()
        .includes('support'),
    );
    assert.match(late(unseen('denied', 'access-denied', [source]), '2027-01-13').unknowns.join(), /whether extended/);
    assert.match(late(observed([esu], source), '2030-01-13').faults.join(), /out of support/);
    assert.match(judged(builds(2330, 25398)).faults.join(), /23H2 is out of support since 2026-05-12/);
  });

  it('fails for each strong sign of a pending restart, and for no weak one', () => {
    for (const name of strong) {
      const signals = quiet.map((each) => (each.name === name ? { name, present: true } : each));
      assert.match(judged({ pendingReboot: observed({ signals }, source) }).faults.join(), /restart is pending/, name);
      const without = quiet.filter((each) => each.name !== name);
      assert.equal(
        judged({ pendingReboot: observed({ signals: without, unread: [name] }, source) }).outcome,
        'undetermined',
        name,
      );
    }
    const weak = quiet.map((each) =>
      each.name === 'pending-file-renames' ? { ...each, present: true, count: 4 } : each,
    );
    assert.equal(judged({ pendingReboot: observed({ signals: weak }, source) }).outcome, 'pass');
  });

  it('holds the registry against the component store', () => {
    const waiting = { ...lcu, version: '20348.5600.1.1', state: 96, stateName: 'install-pending' } as const;
    assert.match(judged({ componentPackages: observed([lcu, waiting], source) }).faults.join(), /20348\.5600 waits/);
    const older = { ...lcu, version: '20348.5386.1.1' } as const;
    assert.match(
      judged({ componentPackages: observed([older], source) }).unknowns.join(),
      /component store 10\.0\.20348\.5386/,
    );
    const superseded = { ...lcu, version: '20348.5386.1.1', state: 80, stateName: 'superseded' } as const;
    assert.equal(judged({ componentPackages: observed([lcu, superseded], source) }).outcome, 'pass');
    const { stateName: _, ...odd } = { ...lcu, state: 17 };
    assert.equal(judged({ componentPackages: observed([odd], source) }).outcome, 'undetermined');
  });

  it('tells a memory that was reset from updates that never were', () => {
    const verdict = judged({ windowsUpdateHistory: observed({ total: 0, events: [] }, source) });
    assert.equal(verdict.historyReset, true);
    assert.equal(verdict.outcome, 'pass');
  });

  it('sees an update that fails again and again, until it succeeds', () => {
    const failed = { operation: 'install', result: 'failed', updateId: 'u', kbs: ['KB1'] } as const;
    const loop = (events: readonly object[]) =>
      judged({ windowsUpdateHistory: observed({ total: 9, events: events as never }, source) }).faults.join();
    assert.match(loop([failed, failed, failed, failed]), /KB1 failed 4 times/);
    assert.equal(loop([failed, failed, failed]), '');
    assert.equal(loop([{ ...failed, result: 'succeeded' }, failed, failed, failed, failed]), '');
  });

  it('counts what is offered: security fixes, hidden ones too, and signatures never', () => {
    const offer = (update: object) =>
      judged({
        offeredUpdates: observed(
          { mode: 'offline', resultCode: 2, updates: [{ updateId: 'u', title: 'x', ...update }] },
          source,
        ),
      });
    const security = '0FA1201D-4330-4FA8-8AE9-B877473B6441';
    assert.equal(offer({ severity: 'critical' }).outcome, 'fail');
    assert.equal(offer({ severity: 'none', categoryIds: [security], hidden: true }).outcome, 'fail');
    assert.equal(offer({ severity: 'none', categoryIds: ['e0789628-ce08-4437-be74-2495b842f43b'] }).outcome, 'pass');
    assert.equal(offer({ severity: 'none', categoryIds: ['28bc880e-0592-4cbf-8f95-c79b17911d5f'] }).outcome, 'pass');
    assert.equal(offer({ severity: 'none' }).outcome, 'undetermined');
    assert.equal(offer({ severity: 'unknown', categoryIds: ['x'] }).outcome, 'undetermined');
  });

  it('trusts no agent that asked long ago, in the future, or nobody', () => {
    const check = (moment: string) =>
      judged({ lastCheck: observed({ at: moment, basis: 'windows-update-agent' }, source) });
    assert.equal(check('2026-08-10T00:00:00Z').outcome, 'undetermined');
    assert.equal(check('2026-09-20T00:00:00Z').outcome, 'undetermined');
    assert.equal(judged({ updateSource: observed({ useManagedServer: true }, source) }).outcome, 'fail');
    assert.equal(judged({ updatePolicy: observed({ serviceStart: 'disabled' }, source) }).outcome, 'fail');
  });

  it('gives a hotpatched build that the catalogue lacks the benefit of the doubt, and no pass', () => {
    const hot = { azureEdition: true, virtualizationBasedSecurity: 'configured' } as const;
    const verdict = judged({ ...builds(5400), hotpatch: observed(hot, source) });
    assert.deepEqual(verdict.faults, []);
    assert.equal(verdict.outcome, 'undetermined');
    assert.equal(judged({ ...builds(5400), hotpatch: unseen('denied', 'access-denied', [source]) }).faults.length, 0);
    assert.equal(judged({ ...builds(5386), hotpatch: observed(hot, source) }).outcome, 'fail');
  });

  it('finds a hotpatched server that has had no baseline for three months, and takes enrolment for what it is', () => {
    const enrolled = observed({ enrolled: true, virtualizationBasedSecurity: 'configured' } as const, source);
    // Between May and June: no baseline of summer is in it, and each month could be a hotpatch of its own.
    assert.deepEqual(judged({ ...builds(5200), hotpatch: enrolled }).faults, []);
    // Below May, whose next baseline came out by the end of July.
    const [fault = ''] = judged({ ...builds(5100), hotpatch: enrolled }).faults;
    assert.match(fault, /^no baseline of hotpatches installed since 2026-05-12: .*KB5087545/);
    const other = observed(
      { enrolled: false, azureEdition: false, virtualizationBasedSecurity: 'configured' } as const,
      source,
    );
    assert.match(judged({ ...builds(5200), hotpatch: other }).faults.join(), /monthly updates not installed/);
  });

  it('never passes where one of its inputs could not be seen', () => {
    const inputs = [
      'osBuild',
      'componentPackages',
      'offeredUpdates',
      'updateSource',
      'updatePolicy',
      'pendingReboot',
      'lastCheck',
    ] as const;
    for (const name of inputs)
      for (const status of ['denied', 'unsupported', 'timed-out', 'failed', 'absent'] as const) {
        const verdict = judged({ [name]: unseen(status, 'x', [source]) });
        assert.equal(verdict.outcome, 'undetermined', `${name} ${status}`);
      }
  });

  it('says that updates out of band may carry more than it knows', () => {
    const oob = catalogue.updates.find(
      ({ id }) =>
        catalogue.builds.some((row) => row.update === id && row.branch === '14393') &&
        catalogue.updates.find((each) => each.id === id)?.kind === 'unclassified',
    );
    const row = catalogue.builds.find(({ update }) => update === oob?.id);
    const own = catalogue.builds.filter(({ branch }) => branch === '14393');
    const before = own[own.findIndex((each) => each === row) - 1];
    assert.ok(oob && row && before);
    const ubr = Number(before.build.split('.')[3]);
    const verdict = judged(builds(ubr, 14393), `${oob.releasedOn}T23:00:00Z`);
    assert.match(verdict.unknowns.join(), /out of band/);
  });
});
