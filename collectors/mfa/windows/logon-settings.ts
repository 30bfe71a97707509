/** Settings of Windows that decide how one logs on: smart cards, Remote Desktop, WinRM, network logons. */
import type { Host } from '../../../agent/host/host.ts';
import type {
  Fact,
  NetworkLogon,
  RemoteDesktop,
  SmartCardPolicy,
  UserRight,
  WinRm,
} from '../../../schemas/generated/types.ts';
import type { WindowsService } from '../../edr/windows-view.ts';
import { observed } from '../../fact.ts';
import { readNamedValues } from '../../named-values.ts';
import { type RegistryValues, readSubkeys, readValues } from '../../registry-values.ts';

const systemPolicy = String.raw`HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\Policies\System`;
const winlogon = String.raw`HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion\Winlogon`;
const terminalServer = String.raw`HKLM\SYSTEM\CurrentControlSet\Control\Terminal Server`;
const terminalPolicy = String.raw`HKLM\SOFTWARE\Policies\Microsoft\Windows NT\Terminal Services`;
const lsa = String.raw`HKLM\SYSTEM\CurrentControlSet\Control\Lsa`;
const wsman = String.raw`HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\WSMAN`;
const wsmanPolicy = String.raw`HKLM\SOFTWARE\Policies\Microsoft\Windows\WinRM\Service`;

/** Passwords stand beside the values of Winlogon: only these two are asked for. */
export async function readSmartCardPolicy(host: Host): Promise<Fact<SmartCardPolicy>> {
  const values = await readNamedValues(host, [
    [systemPolicy, ['scforceoption']],
    [winlogon, ['ScRemoveOption', 'CachedLogonsCount']],
  ]);
  if (values.status !== 'observed') return values;
  const numberOf = (name: string): number | undefined => {
    const text = values.value.find((each) => each.name === name)?.value;
    return text !== undefined && /^[0-9]{1,9}$/.test(text) ? Number(text) : undefined;
  };
  const removal = numberOf('ScRemoveOption');
  const cached = numberOf('CachedLogonsCount');
  return observed(
    {
      required: numberOf('scforceoption') === 1,
      ...(removal !== undefined && removal <= 3 && { removalAction: removal }),
      ...(cached !== undefined && { cachedLogons: cached }),
    },
    ...values.sources,
  );
}

/** The policy key wins over the machine's own; without either Windows' default counts. */
export async function readRemoteDesktop(host: Host): Promise<Fact<RemoteDesktop>> {
  const own = await readValues(host, terminalServer);
  const listener = await readValues(host, String.raw`${terminalServer}\WinStations\RDP-Tcp`);
  const policy = await orEmpty(host, terminalPolicy);
  const security = await readValues(host, lsa);
  if (own.status !== 'observed') return own;
  if (listener.status !== 'observed') return listener;
  if (policy.status !== 'observed') return policy;
  const both = (name: string): number | undefined => policy.value?.number(name) ?? listener.value.number(name);
  const denied = policy.value?.number('fDenyTSConnections') ?? own.value.number('fDenyTSConnections');
  const nla = both('UserAuthentication');
  const layer = both('SecurityLayer');
  const encryption = both('MinEncryptionLevel');
  const port = listener.value.number('PortNumber');
  const setBy = ['fDenyTSConnections', 'UserAuthentication', 'SecurityLayer'].some((name) => policy.value?.has(name));
  return observed(
    {
      // Connections are refused unless something says 0.
      connectionsAllowed: denied === 0,
      ...(nla !== undefined && { networkLevelAuthentication: nla === 1 }),
      ...(layer !== undefined && layer <= 2 && { securityLayer: layer }),
      ...(encryption !== undefined && encryption >= 1 && encryption <= 4 && { minimumEncryption: encryption }),
      // Restricted Admin is off unless the value is there and 0.
      ...(security.status === 'observed' && { restrictedAdmin: security.value.number('DisableRestrictedAdmin') === 0 }),
      ...(port !== undefined && port > 0 && port < 65_536 && { port }),
      setBy: setBy ? 'policy' : 'local',
    },
    ...own.sources,
    ...listener.sources,
    ...policy.sources,
    ...security.sources,
  );
}

/** WinRM listens where its service runs and a listener is made. */
export async function readWinRm(host: Host, services: Fact<ReadonlyMap<string, WindowsService>>): Promise<Fact<WinRm>> {
  if (services.status !== 'observed') return services;
  const running = services.value.get('winrm')?.running === true;
  const names = await readSubkeys(host, String.raw`${wsman}\Listener`);
  const own = await orEmpty(host, String.raw`${wsman}\Service`);
  const policy = await orEmpty(host, wsmanPolicy);
  if (own.status !== 'observed') return own;
  if (policy.status !== 'observed') return policy;
  const listeners: NonNullable<WinRm['listeners']> = [];
  const sources = [...services.sources, ...names.sources, ...own.sources, ...policy.sources];
  for (const name of names.status === 'observed' ? names.value.slice(0, 32) : []) {
    const transport = /\+(https?)$/i.exec(name)?.[1]?.toLowerCase();
    const values = await readValues(host, `${wsman}\\Listener\\${name}`);
    sources.push(...values.sources);
    const port = values.status === 'observed' ? values.value.number('Port') : undefined;
    if (transport === 'http' || transport === 'https')
      listeners.push({
        transport,
        port: port !== undefined && port > 0 && port < 65_536 ? port : transport === 'http' ? 5985 : 5986,
      });
  }
  const flag = (policyName: string, ownName: string): boolean | undefined => {
    const value = policy.value?.number(policyName) ?? own.value?.number(ownName);
    return value === undefined ? undefined : value === 1;
  };
  const basic = flag('AllowBasic', 'auth_basic');
  const unencrypted = flag('AllowUnencryptedTraffic', 'allow_unencrypted');
  const credSsp = flag('AllowCredSSP', 'auth_credssp');
  const certificate = flag('AllowCertificate', 'auth_certificate');
  return observed(
    {
      running,
      ...(names.status === 'observed' && { listeners }),
      ...(basic !== undefined && { basic }),
      ...(unencrypted !== undefined && { unencrypted }),
      ...(credSsp !== undefined && { credSsp }),
      ...(certificate !== undefined && { certificate }),
    },
    ...sources.slice(0, 60),
  );
}

/** Without the user rights nothing is said of who is denied. */
export async function readNetworkLogon(host: Host, rights: Fact<UserRight[]>): Promise<Fact<NetworkLogon>> {
  if (rights.status !== 'observed') return rights;
  const policy = await orEmpty(host, systemPolicy);
  if (policy.status !== 'observed') return policy;
  const holders = (right: string): string[] =>
    (rights.value.find((each) => each.right === right)?.holders ?? []).filter((holder) => holder.startsWith('S-1-'));
  const filter = policy.value?.number('LocalAccountTokenFilterPolicy');
  return observed(
    {
      deniedTo: holders('SeDenyNetworkLogonRight'),
      allowedTo: holders('SeNetworkLogonRight'),
      ...(filter !== undefined && filter <= 1 && { localAccountFilter: filter }),
    },
    ...rights.sources,
    ...policy.sources,
  );
}

/** Observed and undefined where the key is not there. */
async function orEmpty(host: Host, key: string): Promise<Fact<RegistryValues | undefined>> {
  const values = await readValues(host, key);
  return values.status === 'absent' ? observed(undefined, ...values.sources) : values;
}
