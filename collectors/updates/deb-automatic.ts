/** Whether the server installs updates by itself: apt's periodic settings, unattended-upgrades, and the timers that start them. */
import type { Host } from '../../agent/host/host.ts';
import type { AutomaticUpdates, Fact } from '../../schemas/generated/types.ts';
import { missed, observed } from '../fact.ts';
import type { AptConfig } from './apt-config.ts';
import type { DpkgPackage } from './dpkg-query.ts';
import { fieldText } from './field-text.ts';
import { readTimer } from './timer.ts';

const mechanism = 'unattended-upgrades';
/** Settings that say what is installed when; its mail addresses are nobody's business here. */
const decisive = [
  'Automatic-Reboot',
  'Automatic-Reboot-Time',
  'Automatic-Reboot-WithUsers',
  'AutoFixInterruptedDpkg',
  'InstallOnShutdown',
  'MinimalSteps',
  'OnlyOnACPower',
  'Skip-Updates-On-Metered-Connections',
] as const;
const lists = ['Package-Blacklist', 'Package-Whitelist', 'Update-Days'] as const;

/** What it is told to do. A timer that was seen to be switched off counts; one that could not be looked at leaves the fact unseen. */
export async function readAutomaticUpdates(
  host: Host,
  dpkg: Fact<readonly DpkgPackage[]>,
  config: Fact<AptConfig>,
): Promise<Fact<AutomaticUpdates>> {
  if (config.status !== 'observed') return config;
  const refreshTimer = await readTimer(host, 'apt-daily.timer');
  const installTimer = await readTimer(host, 'apt-daily-upgrade.timer');
  const settings = settingsOf(config.value);
  for (const timer of [refreshTimer, installTimer]) if (timer.state !== undefined) settings[timer.name] = timer.state;

  const isOn = !/^0+$/.test(config.value.value('APT::Periodic::Enable') ?? '1');
  const refreshes = isOn && isInterval(config.value.value('APT::Periodic::Update-Package-Lists'));
  const installs = isOn && isInterval(config.value.value('APT::Periodic::Unattended-Upgrade'));
  // What the settings ask for happens only where its timer runs: a timer that could not be looked at leaves it open.
  const unseenTimer = (refreshes ? refreshTimer.unseen : undefined) ?? (installs ? installTimer.unseen : undefined);
  if (unseenTimer !== undefined) return missed(unseenTimer, ...config.sources);
  const isInstalled =
    dpkg.status === 'observed'
      ? dpkg.value.some(({ name, state }) => name === mechanism && state === 'installed')
      : undefined;
  const origins = [
    ...config.value.list('Unattended-Upgrade::Origins-Pattern'),
    ...config.value.list('Unattended-Upgrade::Allowed-Origins'),
  ];
  return observed(
    {
      mechanism: isInstalled === true || installs ? mechanism : 'none',
      refreshes: refreshes && refreshTimer.runs,
      installs: installs && installTimer.runs,
      ...(isInstalled === undefined ? {} : { installed: isInstalled }),
      ...(origins.length === 0 ? {} : { origins: origins.slice(0, 256).map((origin) => fieldText(origin, 512)) }),
      settings,
    },
    ...config.sources,
    ...dpkg.sources,
    ...refreshTimer.sources,
    ...installTimer.sources,
  );
}

function settingsOf(config: AptConfig): Record<string, string> {
  const listed = lists.flatMap((name) => {
    const items = config.list(`Unattended-Upgrade::${name}`);
    return items.length === 0 ? [] : [[`Unattended-Upgrade::${name}`, items.join(',')] as const];
  });
  const single = decisive.flatMap((name) => config.below(`Unattended-Upgrade::${name}`));
  const periodic = config.below('APT::Periodic::');
  const entries = [...periodic, ...single, ...listed].filter(([, value]) => value !== '');
  return Object.fromEntries(entries.slice(0, 60).map(([name, value]) => [fieldText(name, 128), fieldText(value, 512)]));
}

/** `0` is never; a number of days, a number with a unit (`12h`), or `always` is a schedule (apt.systemd.daily). */
function isInterval(value: string | undefined): boolean {
  return value === 'always' || /^0*[1-9][0-9]*[smhd]?$/.test(value ?? '');
}
