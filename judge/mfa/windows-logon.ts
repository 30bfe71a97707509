/**
 * Logons at a Windows machine and over the network. Credential providers see interactive logons
 * alone; Network Level Authentication is no second factor (learn.microsoft.com: credential providers,
 * scforceoption, Restricted Admin; guide.duo.com/rdp).
 */
import type { Draft } from '../../collectors/collector.ts';
import type { CredentialProvider, SmartCardAccount } from '../../schemas/generated/types.ts';
import { disabled, type Judged, type Success, undetermined, weigh } from './requirement.ts';
import { agentSuccesses } from './windows-agent.ts';

type Mfa = Draft<'mfa'>;

export type WindowsAccount = {
  /** Its SID. */
  readonly id: string;
  /** SIDs of the groups that its token holds, well-known ones among them. */
  readonly groups: readonly string[];
};

/** {60b78e88-ead8-445c-9cfd-0b87f74ea6cd}, the password provider of Windows. */
const passwordProvider = '60b78e88-ead8-445c-9cfd-0b87f74ea6cd';
/** GenericFilter, which every Windows has and which hides no password. */
const genericFilter = 'ddc0eed2-adbe-40b6-a217-ede16a79a0de';

const card: Success = {
  factors: ['possession', 'knowledge'],
  steps: ['a smart card or Windows Hello, with its PIN'],
  phishingResistant: true,
};

/** Console and unlock (logon types 2, 7, 11). */
export function judgeWindowsConsole(mfa: Mfa, account: WindowsAccount): Judged {
  return weigh(interactive(mfa, account, 'console'), 'nobody logs on at the console');
}

/** Remote Desktop (type 10). */
export function judgeRemoteDesktop(mfa: Mfa, account: WindowsAccount): Judged {
  const { remoteDesktop } = mfa;
  if (remoteDesktop.status === 'absent' || remoteDesktop.status === 'not-applicable')
    return disabled('no Remote Desktop');
  if (remoteDesktop.status !== 'observed')
    return undetermined(`Remote Desktop could not be looked at: ${remoteDesktop.reason}`);
  const { connectionsAllowed, restrictedAdmin } = remoteDesktop.value;
  if (!connectionsAllowed) return disabled('fDenyTSConnections: Remote Desktop takes no connections');
  const successes = interactive(mfa, account, 'rdp');
  const hash: Success = {
    factors: ['knowledge'],
    steps: ['Restricted Admin (DisableRestrictedAdmin 0): the hash of the password logs on, nothing else is asked'],
  };
  if (restrictedAdmin === true) successes.push(hash);
  if (restrictedAdmin === undefined)
    successes.push({ ...hash, unknown: 'whether Restricted Admin is on was not seen' });
  return weigh(successes, 'nobody logs on by Remote Desktop');
}

/** Logons that no credential provider ever sees (type 3): SMB, WinRM, WMI, RPC, LDAP, and tasks and services after them. */
export function judgeNetworkLogon(mfa: Mfa, account: WindowsAccount): Judged {
  const { networkLogon, logonAgents } = mfa;
  if (networkLogon.status === 'observed') {
    const denied = networkLogon.value.deniedTo?.find((sid) => sid === account.id || account.groups.includes(sid));
    if (denied !== undefined) return disabled(`SeDenyNetworkLogonRight for ${denied}`);
  }
  const steps = ['a network logon (SMB, WinRM, WMI, RPC): credential providers never see it'];
  const base: Success = { factors: ['knowledge'], steps };
  const flags = smartCardFlags(mfa, account);
  if (flags === undefined)
    return weigh(
      [
        {
          ...base,
          unknown: 'whether the account itself demands a smart card or is in an authentication silo was not seen',
        },
      ],
      '',
    );
  if (networkLogon.status !== 'observed' || networkLogon.value.deniedTo === undefined)
    return weigh([{ ...base, unknown: 'who is denied network logons was not seen' }], '');
  if (flags?.authenticationSilo !== undefined)
    return weigh([{ ...base, unknown: 'what the authentication policy of its silo demands is not seen here' }], '');
  const atDomain =
    logonAgents.status === 'observed' && logonAgents.value.some(({ product }) => product === 'silverfort');
  if (atDomain)
    return weigh(
      [{ ...base, unknown: 'an agent on domain controllers may ask for more; its policy is not seen here' }],
      '',
    );
  if (flags?.smartCardRequired === true)
    return weigh(
      [
        card,
        {
          ...base,
          bypass:
            'the NT hash of an account that demands a smart card logs on over the network, and does not change by itself',
        },
      ],
      '',
    );
  return weigh([base], '');
}

export function judgeWinRm(mfa: Mfa, account: WindowsAccount): Judged {
  const { winRm } = mfa;
  if (winRm.status === 'absent' || winRm.status === 'not-applicable') return disabled('no WinRM');
  if (winRm.status !== 'observed') return undetermined(`WinRM could not be looked at: ${winRm.reason}`);
  return winRm.value.running ? judgeNetworkLogon(mfa, account) : disabled('WinRM does not run');
}

/** The NPS extension for Entra: who asks this RADIUS server is asked for more (learn.microsoft.com, howto-mfa-nps-extension). */
export function judgeRadius({ npsExtension }: Mfa): Judged | undefined {
  if (npsExtension.status === 'absent' || npsExtension.status === 'not-applicable') return undefined;
  if (npsExtension.status !== 'observed')
    return undetermined(`the NPS extension could not be looked at: ${npsExtension.reason}`);
  const { serviceRunning, requireUserMatch, settings = {} } = npsExtension.value;
  if (!serviceRunning) return disabled('the Network Policy Server does not run');
  const both: Success = {
    factors: ['knowledge', 'possession'],
    steps: ['RADIUS, then Entra multifactor authentication'],
  };
  const successes: Success[] = [both];
  if (requireUserMatch === false)
    successes.push({
      factors: ['knowledge'],
      steps: ['RADIUS with a password'],
      bypass: 'REQUIRE_USER_MATCH is FALSE: who is not enrolled passes',
    });
  const list = Object.entries(settings).find(
    ([name, value]) => name.toUpperCase() === 'IP_WHITELIST' && value.trim() !== '',
  );
  if (list !== undefined)
    successes.push({
      factors: ['knowledge'],
      steps: ['RADIUS with a password'],
      bypass: 'IP_WHITELIST names addresses that are not asked',
    });
  return weigh(successes, '');
}

function interactive(mfa: Mfa, account: WindowsAccount, way: 'console' | 'rdp'): Success[] {
  const flags = smartCardFlags(mfa, account);
  if (flags === undefined) return [unknownLogon('whether the account itself demands a smart card was not seen')];
  if (flags?.smartCardRequired === true) return [card];
  const { smartCardPolicy } = mfa;
  if (smartCardPolicy.status === 'observed' && smartCardPolicy.value.required === true)
    return way === 'console' ? [card, safeMode()] : [card];
  if (smartCardPolicy.status !== 'observed' && smartCardPolicy.status !== 'absent')
    return [unknownLogon(`the smart card policy was not seen: ${smartCardPolicy.reason}`)];
  return byProviders(mfa, way);
}

/** Whether the password provider can still be chosen decides; a further provider beside it changes nothing. */
function byProviders(mfa: Mfa, way: 'console' | 'rdp'): Success[] {
  const { credentialProviders, credentialProviderFilters, logonAgents } = mfa;
  if (credentialProviderFilters.status !== 'observed')
    return [unknownLogon(`the filters of credential providers were not seen: ${credentialProviderFilters.reason}`)];
  if (credentialProviders.status !== 'observed')
    return [unknownLogon(`the credential providers were not seen: ${credentialProviders.reason}`)];
  const filters = credentialProviderFilters.value.filter(
    ({ id, disabled: off }) => off !== true && id !== genericFilter,
  );
  const password = credentialProviders.value.find(({ id }) => id === passwordProvider);
  if (filters.length === 0)
    return password?.disabled === true
      ? [unknownLogon(`the password provider is switched off; others are left: ${names(credentialProviders.value)}`)]
      : [plainPassword()];
  if (logonAgents.status !== 'observed')
    return [unknownLogon(`products at the logon screen were not seen: ${logonAgents.reason}`)];
  const [agent] = logonAgents.value;
  if (agent === undefined) return [unknownLogon(`a filter that is not known may hide the password: ${names(filters)}`)];
  const successes = agentSuccesses(agent, way);
  return way === 'console' ? [...successes, safeMode()] : successes;
}

function plainPassword(): Success {
  return { factors: ['knowledge'], steps: ['the password provider of Windows; no filter hides it'] };
}

function safeMode(): Success {
  return {
    factors: ['knowledge'],
    steps: ['Safe Mode: a password is enough'],
    bypass: 'Safe Mode passes the second factor by',
  };
}

function unknownLogon(why: string): Success {
  return { factors: ['knowledge'], steps: ['a logon'], unknown: why };
}

function names(providers: readonly CredentialProvider[]): string {
  return providers
    .map(({ name, id }) => (typeof name === 'string' ? name : id))
    .slice(0, 8)
    .join(', ');
}

/** Null where the directory was asked and says nothing special of the account; undefined where it could not be asked. */
export function smartCardFlags(
  { smartCardAccounts }: Mfa,
  { id }: WindowsAccount,
): SmartCardAccount | null | undefined {
  if (smartCardAccounts.status === 'absent' || smartCardAccounts.status === 'not-applicable') return null;
  return smartCardAccounts.status === 'observed'
    ? (smartCardAccounts.value.find((each) => each.id === id) ?? null)
    : undefined;
}
