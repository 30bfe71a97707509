/** What the judge makes of the administrators of a Windows machine. */
import assert from 'node:assert/strict';
import { linuxFacts } from '../../../collectors/admins/index.ts';
import type { Draft } from '../../../collectors/collector.ts';
import { judgeMfa } from '../../../judge/mfa/matrix.ts';
import { waysToRoot } from '../../../judge/ways-to-root.ts';
import type { Unseen, WindowsAccount, WindowsGroup } from '../../../schemas/generated/types.ts';
import { emptyMfa, seen } from '../../judge/mfa/facts.ts';

const machine = 'S-1-5-21-1-2-3';
const domain = 'S-1-5-21-7-8-9';
const at = '2026-11-29T00:00:00Z';

const none: Unseen = { status: 'not-applicable', reason: 'windows', sources: [] };
const alice = `${domain}-1104`;
const account = (sid: string, more: Partial<WindowsAccount> = {}): WindowsAccount => ({
  sid,
  view: 'directory',
  kind: 'user',
  enabled: true,
  name: 'CORP\\alice',
  ...more,
});
const admins: WindowsGroup = {
  sid: 'S-1-5-32-544',
  view: 'local',
  name: 'Administratoren',
  complete: true,
  members: [{ sid: alice, name: 'CORP\\alice', kind: 'user', outcome: 'resolved' }],
};

function document(changes: Partial<Draft<'admins'>> = {}): Draft<'admins'> {
  return {
    ...(Object.fromEntries(linuxFacts.map((name) => [name, none])) as Record<(typeof linuxFacts)[number], Unseen>),
    outOfBandAgents: seen({ agents: [], unread: [] }),
    windowsDomain: seen({ role: 'member', reachable: true, domainSid: domain }),
    windowsGroups: seen([admins]),
    windowsAccounts: seen([account(alice)]),
    userRights: seen([{ right: 'SeDebugPrivilege', holders: ['S-1-5-32-544'] }]),
    laps: seen({ kind: 'windows', backup: 'directory' }),
    privilegedSettings: seen([]),
    serviceAccounts: seen([]),
    taskAccounts: seen([]),
    directoryGuards: none,
    directoryDelegations: none,
    ...changes,
  };
}

const faultsOf = (changes: Partial<Draft<'admins'>>): string => waysToRoot(document(changes), at).faults.join('; ');
const setting = (name: string, value: string): Partial<Draft<'admins'>> => ({
  privilegedSettings: seen([{ name, value, key: 'HKLM' }]),
});

describe('ways to administrator on Windows', () => {
  it('pass where each is seen and nothing is left open', () => {
    assert.deepEqual([waysToRoot(document(), at).outcome, faultsOf({})], ['pass', '']);
  });

  const bad: readonly (readonly [string, Partial<Draft<'admins'>>, RegExp])[] = [
    ['User Account Control is off', setting('EnableLUA', '0'), /EnableLUA/],
    ['nothing is asked before all rights', setting('ConsentPromptBehaviorAdmin', '0'), /without being asked/],
    [
      'local administrators keep their rights over the network',
      setting('LocalAccountTokenFilterPolicy', '1'),
      /LocalAccountTokenFilterPolicy/,
    ],
    [
      'everybody may act as whoever calls them',
      { userRights: seen([{ right: 'SeImpersonatePrivilege', holders: ['S-1-5-11'] }]) },
      /everybody of S-1-5-11 has SeImpersonatePrivilege/,
    ],
    ['installers of anybody run as the system', setting('AlwaysInstallElevated', '1'), /AlwaysInstallElevated/],
    ['somebody is logged on at the console', setting('AutoAdminLogon', '1'), /AutoAdminLogon/],
    [
      'a member is orphaned',
      { windowsGroups: seen([{ ...admins, members: [{ sid: `${domain}-9`, outcome: 'orphaned' }] }]) },
      /nobody knows any more/,
    ],
    [
      'everybody of the domain is a member',
      { windowsGroups: seen([{ ...admins, members: [{ sid: `${domain}-513`, outcome: 'resolved', kind: 'group' }] }]) },
      /everybody of .*Domain Users/,
    ],
    [
      'everybody may debug',
      { userRights: seen([{ right: 'SeDebugPrivilege', holders: ['S-1-5-11'] }]) },
      /everybody of S-1-5-11/,
    ],
    [
      'an administrator may have no password',
      { windowsAccounts: seen([account(alice, { passwordRequired: false })]) },
      /PASSWD_NOTREQD/,
    ],
    [
      'the built-in administrator keeps an old password',
      {
        laps: { status: 'absent', reason: 'not-configured', sources: [] },
        windowsAccounts: seen([
          account(`${machine}-500`, { view: 'local', passwordChangedAt: { at: '2024-01-01T00:00:00Z' } }),
        ]),
      },
      /built-in administrator/,
    ],
    [
      'LAPS has stopped changing it',
      { laps: seen({ kind: 'windows', backup: 'directory', passwordExpiresAt: { at: '2026-01-01T00:00:00Z' } }) },
      /LAPS should have changed/,
    ],
    [
      'a service keeps the password of a domain administrator',
      {
        windowsGroups: seen([admins, { ...admins, sid: `${domain}-512`, view: 'directory' }]),
        serviceAccounts: seen([{ service: 'Backup', account: 'CORP\\alice', sid: alice, startType: 'automatic' }]),
      },
      /service Backup keeps the password/,
    ],
  ];
  for (const [why, changes, fault] of bad)
    it(`fail where ${why}`, () => {
      assert.match(faultsOf(changes), fault);
      assert.equal(waysToRoot(document(changes), at).outcome, 'fail');
    });

  it('are not known where a source was not seen, a group is not all, or a member is out of reach', () => {
    const denied: Unseen = { status: 'denied', reason: 'access-denied', sources: [] };
    for (const name of [
      'windowsDomain',
      'windowsGroups',
      'windowsAccounts',
      'userRights',
      'privilegedSettings',
      'serviceAccounts',
      'taskAccounts',
    ] as const)
      assert.equal(waysToRoot(document({ [name]: denied }), at).outcome, 'undetermined', name);
    const part = { windowsGroups: seen([{ ...admins, complete: false, reason: 'look-up-budget' }]) };
    assert.equal(waysToRoot(document(part), at).outcome, 'undetermined');
    const away = {
      windowsGroups: seen([{ ...admins, members: [{ name: 'CORP\\Domain Admins', outcome: 'unreachable' as const }] }]),
    };
    const verdict = waysToRoot(document(away), at);
    assert.equal(verdict.outcome, 'undetermined');
    assert.deepEqual(
      verdict.accounts.map(({ name }) => name),
      ['CORP\\Domain Admins'],
    );
  });

  it('take services and IIS, to whom Windows gives it, for nobody who may act as whoever calls them', () => {
    const usual = ['S-1-5-19', 'S-1-5-20', 'S-1-5-32-544', 'S-1-5-32-568', 'S-1-5-6'];
    const holding = (holders: string[]) =>
      waysToRoot(document({ userRights: seen([{ right: 'SeImpersonatePrivilege', holders }]) }), at);
    assert.equal(holding(usual).outcome, 'pass');
    const found = holding([...usual, alice]).accounts.find(({ sid }) => sid === alice);
    assert.ok(found?.ways.some(({ kind, via }) => kind === 'user-right' && via === 'SeImpersonatePrivilege'));
  });

  it('name each chain, and a right that makes an administrator', () => {
    const team: WindowsGroup = { ...admins, sid: `${domain}-1200`, view: 'directory', name: 'CORP\\Team' };
    const outer: WindowsGroup = { ...admins, members: [{ sid: team.sid, kind: 'group', outcome: 'resolved' }] };
    const { accounts } = waysToRoot(
      document({
        windowsGroups: seen([outer, team]),
        userRights: seen([{ right: 'SeLoadDriverPrivilege', holders: [alice, 'S-1-5-32-544'] }]),
      }),
      at,
    );
    assert.deepEqual(
      accounts[0]?.ways.map(({ chain, kind }) => [kind, chain]),
      [
        ['group', ['CORP\\alice', `CORP\\Team (${team.sid})`, 'Administratoren (S-1-5-32-544)']],
        ['user-right', [alice, 'SeLoadDriverPrivilege']],
      ],
    );
  });

  it('need a second factor on no way where nothing asks for one, and are closed for who is disabled', () => {
    const plain: Draft<'mfa'> = {
      ...emptyMfa,
      smartCardPolicy: seen({ required: false }),
      smartCardAccounts: seen([]),
      credentialProviders: seen([{ id: '60b78e88-ead8-445c-9cfd-0b87f74ea6cd' }]),
      credentialProviderFilters: seen([]),
      logonAgents: seen([]),
      remoteDesktop: seen({ connectionsAllowed: false }),
      winRm: seen({ running: false }),
      networkLogon: seen({ deniedTo: [] }),
    };
    const of = (changes: Partial<Draft<'admins'>>): unknown =>
      judgeMfa(plain, document(changes)).administrators.map(({ worst, ways }) => [worst, ways.length]);
    assert.deepEqual(of({}), [['notRequired', 4]]);
    assert.deepEqual(of({ windowsAccounts: seen([account(alice, { enabled: false })]) }), [['pathDisabled', 1]]);
  });
});
