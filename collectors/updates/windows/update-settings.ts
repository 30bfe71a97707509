/** Where updates come from and when they are installed: policies and settings of Windows Update. */
import type { Answer, Host, RegistryKey } from '../../../agent/host/host.ts';
import type { AutomaticUpdates, Fact, Unseen, UpdatePolicy, UpdateSource } from '../../../schemas/generated/types.ts';
import { observed, unseen } from '../../fact.ts';
import { isUnseen, keyIsThere, keyOrNothing, registryNumber, registryText } from '../../registry-key.ts';
import { toText } from '../../text.ts';
import { servicesOf } from './update-agent.ts';

const policyKey = String.raw`HKLM\SOFTWARE\Policies\Microsoft\Windows\WindowsUpdate`;
const keys = {
  policy: policyKey,
  automatic: `${policyKey}\\AU`,
  local: String.raw`HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\WindowsUpdate\Auto Update`,
  settings: String.raw`HKLM\SOFTWARE\Microsoft\WindowsUpdate\UX\Settings`,
  service: String.raw`HKLM\SYSTEM\CurrentControlSet\Services\wuauserv`,
  deviceManagement: String.raw`HKLM\SOFTWARE\Microsoft\PolicyManager\current\device\Update`,
  configurationManager: String.raw`HKLM\SOFTWARE\Microsoft\CCM`,
} as const;

type Keys = { readonly [Name in keyof typeof keys]: Answer<RegistryKey> };

export type UpdateSettings = {
  readonly updateSource: Fact<UpdateSource>;
  readonly updatePolicy: Fact<UpdatePolicy>;
  readonly automaticUpdates: Fact<AutomaticUpdates>;
};

export async function readUpdateSettings(host: Host, agent: Answer<unknown>): Promise<UpdateSettings> {
  const names = Object.keys(keys) as (keyof typeof keys)[];
  const answers = await Promise.all(names.map(async (name) => [name, await host.registry(keys[name])] as const));
  const read = Object.fromEntries(answers) as Keys;
  const updatePolicy = policyOf(read);
  return { updateSource: sourceOf(read, agent), updatePolicy, automaticUpdates: automaticOf(updatePolicy) };
}

/** Half of the policies would mislead: all or none. */
function wholeOf(read: Keys, names: readonly (keyof Keys)[]): readonly RegistryKey[] | Unseen {
  const found: RegistryKey[] = [];
  for (const name of names) {
    const key = keyOrNothing(read[name]);
    if (isUnseen(key)) return key;
    found.push(key);
  }
  return found;
}

function sourceOf(read: Keys, agent: Answer<unknown>): Fact<UpdateSource> {
  const whole = wholeOf(read, ['policy', 'automatic']);
  if ('status' in whole) return whole;
  const [policy = {}, automatic = {}] = whole;
  const managedServer = addressOf(policy, 'WUServer');
  const managedStatusServer = addressOf(policy, 'WUStatusServer');
  const targetGroup = registryText(policy, 'TargetGroup');
  const internetBlocked = bit(policy, 'DoNotConnectToWindowsUpdateInternetLocations');
  const accessDisabled = bit(policy, 'DisableWindowsUpdateAccess') ?? bit(policy, 'SetDisableUXWUAccess');
  const deviceManagement = keyIsThere(read.deviceManagement);
  const configurationManager = keyIsThere(read.configurationManager);
  const services = servicesOf(agent);
  const value: UpdateSource = {
    useManagedServer: registryNumber(automatic, 'UseWUServer') === 1,
    ...(managedServer === undefined ? {} : { managedServer }),
    ...(managedStatusServer === undefined ? {} : { managedStatusServer }),
    ...(targetGroup === undefined ? {} : { targetGroup: toText(targetGroup) }),
    ...(internetBlocked === undefined ? {} : { internetBlocked }),
    ...(accessDisabled === undefined ? {} : { accessDisabled }),
    ...(deviceManagement === undefined ? {} : { deviceManagement }),
    ...(configurationManager === undefined ? {} : { configurationManager }),
    ...(services === undefined ? {} : { services }),
  };
  return observed(
    value,
    read.policy.source,
    read.automatic.source,
    read.deviceManagement.source,
    read.configurationManager.source,
    agent.source,
  );
}

/** A password in an address stays here. */
function addressOf(key: RegistryKey, name: string): string | undefined {
  return registryText(key, name)
    ?.replace(/^([a-z]+:\/\/)[^/@]*@/i, '$1')
    .slice(0, 2048);
}

function bit(key: RegistryKey, name: string): boolean | undefined {
  const value = registryNumber(key, name);
  return value === undefined ? undefined : value === 1;
}

/** Start of a service: SERVICE_BOOT_START and its fellows. */
const starts: readonly NonNullable<UpdatePolicy['serviceStart']>[] = [
  'boot',
  'system',
  'automatic',
  'manual',
  'disabled',
];

function policyOf(read: Keys): Fact<UpdatePolicy> {
  const whole = wholeOf(read, ['policy', 'automatic', 'local', 'settings']);
  if ('status' in whole) return whole;
  const [policy = {}, automatic = {}, local = {}, settings = {}] = whole;
  const number = (key: RegistryKey, name: string): number | undefined => {
    const value = registryNumber(key, name);
    return value === undefined || value < 0 ? undefined : value;
  };
  const text = (key: RegistryKey, name: string): string | undefined => registryText(key, name)?.slice(0, 64);
  const start = read.service.status === 'observed' ? registryNumber(read.service.value, 'Start') : undefined;
  const given = {
    noAutoUpdate: bit(automatic, 'NoAutoUpdate'),
    mode: number(automatic, 'AUOptions'),
    localMode: number(local, 'AUOptions'),
    scheduledDay: number(automatic, 'ScheduledInstallDay'),
    scheduledHour: number(automatic, 'ScheduledInstallTime'),
    deferQualityDays: number(policy, 'DeferQualityUpdatesPeriodInDays'),
    deferFeatureDays: number(policy, 'DeferFeatureUpdatesPeriodInDays'),
    pausedFrom: text(policy, 'PauseQualityUpdatesStartTime') ?? text(settings, 'PauseQualityUpdatesStartTime'),
    pausedUntil: text(settings, 'PauseQualityUpdatesEndTime') ?? text(settings, 'PauseUpdatesExpiryTime'),
    noRebootWithUsers: bit(automatic, 'NoAutoRebootWithLoggedOnUsers'),
    targetRelease: text(policy, 'TargetReleaseVersionInfo'),
    serviceStart: start === undefined ? undefined : (starts[start] ?? ('unknown' as const)),
  };
  const value: UpdatePolicy = Object.fromEntries(Object.entries(given).filter(([, each]) => each !== undefined));
  const { policy: one, automatic: two, local: three, settings: four, service: five } = read;
  return observed(value, one.source, two.source, three.source, four.source, five.source);
}

/** What is not set is the default of the edition, which no key names: then nothing is said. */
function automaticOf(policy: Fact<UpdatePolicy>): Fact<AutomaticUpdates> {
  if (policy.status !== 'observed') return policy;
  const { value, sources } = policy;
  if (value.serviceStart === undefined) return unseen('unsupported', 'service-not-seen', sources);
  const isOff = value.noAutoUpdate === true || value.serviceStart === 'disabled';
  // 5 leaves the choice to whoever administers the server.
  const mode = value.mode === undefined || value.mode === 5 ? value.localMode : value.mode;
  if (!isOff && mode === undefined) return unseen('unsupported', 'default-not-known', sources);
  const settings = Object.fromEntries(Object.entries(value).map(([name, each]) => [name, String(each)]));
  return observed(
    {
      mechanism: 'windows-update',
      refreshes: !isOff && mode !== 1,
      installs: !isOff && mode === 4,
      installed: true,
      settings,
    },
    ...sources,
  );
}
