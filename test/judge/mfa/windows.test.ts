import assert from 'node:assert/strict';
import type { Draft } from '../../../collectors/collector.ts';
import { judgeWindows, type WindowsWays } from '../../../judge/mfa/windows.ts';
import type { LogonAgent } from '../../../schemas/generated/types.ts';
import { emptyMfa, seen, unseen } from './facts.ts';

const alice = { id: 'S-1-5-21-1-2-3-1104', groups: ['S-1-5-32-544', 'S-1-5-114'] };
const passwordProvider = { id: '60b78e88-ead8-445c-9cfd-0b87f74ea6cd', name: 'PasswordProvider' };
const generic = { id: 'ddc0eed2-adbe-40b6-a217-ede16a79a0de', name: 'GenericFilter' };
const duoFilter = { id: '44e2ed41-48c7-4712-a3c3-250c5e6d5d84', name: 'Duo' };

const plain: Draft<'mfa'> = {
  ...emptyMfa,
  smartCardPolicy: seen({ required: false }),
  smartCardAccounts: seen([]),
  credentialProviders: seen([passwordProvider]),
  credentialProviderFilters: seen([generic]),
  logonAgents: seen([]),
  remoteDesktop: seen({ connectionsAllowed: true, networkLevelAuthentication: true, restrictedAdmin: false }),
  winRm: seen({ running: true }),
  networkLogon: seen({ deniedTo: [] }),
};

function ways(changes: Partial<Draft<'mfa'>>): WindowsWays {
  return judgeWindows({ ...plain, ...changes }, alice, 'CORP\\alice');
}

function of(way: string, changes: Partial<Draft<'mfa'>> = {}): string | undefined {
  return ways(changes).ways.find((each) => each.way === way)?.judged.requirement;
}

function duo(
  settings: Readonly<Record<string, string>>,
  policy: Readonly<Record<string, string>> = {},
): Partial<Draft<'mfa'>> {
  const list = (
    from: 'local' | 'policy',
    values: Readonly<Record<string, string>>,
  ): { name: string; value: string; from: 'local' | 'policy' }[] =>
    Object.entries(values).map(([name, value]) => ({ name, value, from }));
  const agent: LogonAgent = {
    product: 'duo',
    version: seen('5.0.0'),
    settings: seen([...list('local', settings), ...list('policy', policy)]),
  };
  return { logonAgents: seen([agent]), credentialProviderFilters: seen([generic, duoFilter]) };
}

describe('ways into Windows', () => {
  it('take a password where no filter hides it; Network Level Authentication is no second factor', () => {
    assert.deepEqual(
      [of('console'), of('rdp'), of('network'), of('winrm')],
      ['notRequired', 'notRequired', 'notRequired', 'notRequired'],
    );
  });

  it('are bypassed by Safe Mode where the policy demands a smart card, and not covered over the network', () => {
    const policy = { smartCardPolicy: seen({ required: true }) };
    assert.deepEqual(
      [of('console', policy), of('rdp', policy), of('network', policy)],
      ['requiredWithBypass', 'required', 'notRequired'],
    );
  });

  it('need the card where the account demands it, but its hash still logs on over the network', () => {
    const flag = { smartCardAccounts: seen([{ id: alice.id, smartCardRequired: true }]) };
    assert.deepEqual(
      [of('console', flag), of('rdp', flag), of('network', flag)],
      ['required', 'required', 'requiredWithBypass'],
    );
    const open = { ...flag, remoteDesktop: seen({ connectionsAllowed: true, restrictedAdmin: true }) };
    assert.equal(of('rdp', open), 'optional');
  });

  it('are as Duo is set: fail-open, over Remote Desktop alone, other providers let through; the policy wins', () => {
    assert.deepEqual(
      [of('rdp', duo({ FailOpen: '0' })), of('console', duo({ FailOpen: '0' }))],
      ['required', 'requiredWithBypass'],
    );
    assert.equal(of('rdp', duo({ FailOpen: '1' })), 'requiredWithBypass');
    assert.equal(of('rdp', duo({ FailOpen: '1' }, { FailOpen: '0' })), 'required');
    assert.equal(of('rdp', duo({ FailOpen: '0' }, { FailOpen: '1' })), 'requiredWithBypass');
    assert.deepEqual(
      [of('console', duo({ FailOpen: '0', RdpOnly: '1' })), of('rdp', duo({ FailOpen: '0', RdpOnly: '1' }))],
      ['notRequired', 'required'],
    );
    assert.equal(of('rdp', duo({ FailOpen: '0', ProvidersWhitelist: '{x}' })), 'requiredWithBypass');
    assert.equal(of('rdp', duo({})), 'undetermined');
    assert.equal(of('network', duo({ FailOpen: '0' })), 'notRequired');
  });

  it('are not known with products and filters that are not known', () => {
    const okta: LogonAgent = { product: 'okta', version: seen('1'), settings: seen([]) };
    const filters = { credentialProviderFilters: seen([generic, duoFilter]) };
    assert.equal(of('rdp', { ...filters, logonAgents: seen([okta]) }), 'undetermined');
    assert.equal(of('rdp', filters), 'undetermined');
    assert.equal(of('rdp', { logonAgents: seen([okta]) }), 'notRequired');
  });

  it('say undetermined for each source that was not seen, never required or closed', () => {
    const names = [
      'smartCardPolicy',
      'smartCardAccounts',
      'credentialProviders',
      'credentialProviderFilters',
      'remoteDesktop',
      'networkLogon',
    ] as const;
    for (const name of names)
      for (const status of ['denied', 'failed', 'timed-out', 'unsupported'] as const) {
        const before = ways({}).ways;
        for (const [at, { way, judged }] of ways({ [name]: unseen(status) }).ways.entries())
          assert.ok(
            judged.requirement === 'undetermined' || judged.requirement === before[at]?.judged.requirement,
            `${name} ${status} ${way}: ${judged.requirement}`,
          );
      }
    assert.equal(of('rdp', { remoteDesktop: unseen('denied') }), 'undetermined');
    assert.equal(of('winrm', { winRm: unseen('denied') }), 'undetermined');
  });

  it('are closed where nobody may come by them', () => {
    assert.equal(of('rdp', { remoteDesktop: seen({ connectionsAllowed: false }) }), 'pathDisabled');
    assert.equal(of('winrm', { winRm: seen({ running: false }) }), 'pathDisabled');
    assert.equal(of('network', { networkLogon: seen({ deniedTo: ['S-1-5-114'] }) }), 'pathDisabled');
    assert.equal(
      of('network', {
        smartCardAccounts: seen([{ id: alice.id, smartCardRequired: false, authenticationSilo: 'Tier0' }]),
      }),
      'undetermined',
    );
  });

  it('take the NPS extension for a second factor that some pass by', () => {
    assert.equal(of('radius'), undefined);
    assert.equal(of('radius', { npsExtension: seen({ serviceRunning: true, requireUserMatch: true }) }), 'required');
    assert.equal(
      of('radius', { npsExtension: seen({ serviceRunning: true, requireUserMatch: false }) }),
      'requiredWithBypass',
    );
    assert.equal(
      of('radius', { npsExtension: seen({ serviceRunning: true, settings: { IP_WHITELIST: '10.0.0.0/8' } }) }),
      'requiredWithBypass',
    );
    assert.equal(of('radius', { npsExtension: seen({ serviceRunning: false }) }), 'pathDisabled');
    assert.equal(of('radius', { npsExtension: unseen('denied') }), 'undetermined');
  });
});

describe('ways into Exchange', () => {
  const directories = seen([
    { kind: 'owa' as const, authentication: ['adfs' as const] },
    { kind: 'web-services' as const, authentication: ['basic' as const, 'oauth' as const] },
    { kind: 'active-sync' as const, authentication: ['basic' as const], clientCertificates: 'require' as const },
    { kind: 'mapi' as const, authentication: ['oauth' as const] },
  ]);
  const policy = { name: 'Block', isDefault: true, legacyBlocked: { 'web-services': true, imap: true } };

  it('are bypassed where a directory beside OWA takes a password', () => {
    const found = { exchangeVirtualDirectories: directories };
    assert.deepEqual(
      ['owa', 'web-services', 'active-sync', 'mapi'].map((way) => of(way, found)),
      ['undetermined', 'notRequired', 'required', 'undetermined'],
    );
  });

  it('follow the authentication policy of the account, else the default one', () => {
    const found = { exchangeVirtualDirectories: directories, exchangeAuthenticationPolicies: seen([policy]) };
    assert.equal(of('web-services', found), 'undetermined');
    const own = { ...policy, name: 'Open', isDefault: false, legacyBlocked: {}, assignedTo: ['CORP\\alice'] };
    assert.equal(of('web-services', { ...found, exchangeAuthenticationPolicies: seen([policy, own]) }), 'notRequired');
    assert.equal(of('web-services', { ...found, exchangeAuthenticationPolicies: unseen('denied') }), 'undetermined');
  });

  it('take the password of mail protocols, unless they are off, blocked, or for servers alone', () => {
    const imap = { protocol: 'imap' as const, name: 'IMAP4', running: true, authentication: ['SecureLogin'] };
    const relay = {
      protocol: 'smtp' as const,
      name: 'Default',
      authentication: ['ExchangeServer', 'Integrated'],
      permissionGroups: ['ExchangeServers'],
    };
    const client = {
      protocol: 'smtp' as const,
      name: 'Client',
      authentication: ['Tls', 'BasicAuth'],
      permissionGroups: ['ExchangeUsers'],
    };
    assert.equal(of('imap', { exchangeMailProtocols: seen([imap]) }), 'notRequired');
    assert.equal(of('imap', { exchangeMailProtocols: seen([{ ...imap, running: false }]) }), 'pathDisabled');
    assert.equal(
      of('imap', { exchangeMailProtocols: seen([imap]), exchangeAuthenticationPolicies: seen([policy]) }),
      'pathDisabled',
    );
    assert.equal(of('smtp', { exchangeMailProtocols: seen([relay]) }), 'pathDisabled');
    assert.equal(of('smtp', { exchangeMailProtocols: seen([relay, client]) }), 'notRequired');
    assert.equal(of('mail protocols', { exchangeMailProtocols: unseen('denied') }), 'undetermined');
    assert.equal(of('exchange', { exchangeVirtualDirectories: unseen('denied') }), 'undetermined');
  });
});
