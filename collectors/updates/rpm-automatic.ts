/** Whether an rpm system installs updates by itself: dnf-automatic, dnf5's plugin, yum-cron, and SUSE's two ways. */
import type { Host } from '../../agent/host/host.ts';
import type { AutomaticRun, AutomaticUpdates, Fact } from '../../schemas/generated/types.ts';
import { missed, observed, unseen } from '../fact.ts';
import { fieldText } from './field-text.ts';
import { booleanOf, parseIni } from './ini.ts';
import { lastRunByTimers } from './last-run.ts';
import type { RpmTool } from './rpm-metadata.ts';
import type { RpmPackage } from './rpm-query.ts';
import { readTimer } from './timer.ts';

type Mechanism = {
  readonly mechanism: AutomaticUpdates['mechanism'];
  readonly package: string;
  /** Files in the order in which a later one overrides an earlier. */
  readonly files: readonly string[];
  /** Timers that run it; `installs` is what the timer itself decides, whatever the file says. */
  readonly timers: readonly { readonly name: string; readonly installs?: boolean; readonly target?: string }[];
};

const mechanisms: Readonly<Record<RpmTool, readonly Mechanism[]>> = {
  dnf5: [
    {
      mechanism: 'dnf5-automatic',
      package: 'dnf5-plugin-automatic',
      files: ['/usr/share/dnf5/dnf5-plugins/automatic.conf', '/etc/dnf/automatic.conf'],
      timers: [{ name: 'dnf5-automatic.timer' }, { name: 'dnf-automatic.timer' }],
    },
  ],
  dnf: [
    {
      mechanism: 'dnf-automatic',
      package: 'dnf-automatic',
      files: ['/etc/dnf/automatic.conf'],
      timers: [
        { name: 'dnf-automatic.timer' },
        { name: 'dnf-automatic-install.timer', installs: true },
        { name: 'dnf-automatic-download.timer', installs: false },
        { name: 'dnf-automatic-notifyonly.timer', installs: false },
      ],
    },
  ],
  yum: [
    {
      mechanism: 'yum-cron',
      package: 'yum-cron',
      files: ['/etc/yum/yum-cron.conf'],
      timers: [{ name: 'yum-cron.service', target: 'multi-user.target' }],
    },
  ],
  tdnf: [
    {
      mechanism: 'dnf-automatic',
      package: 'tdnf-automatic',
      files: ['/etc/tdnf/automatic.conf'],
      timers: [{ name: 'tdnf-automatic.timer' }, { name: 'tdnf-automatic-install.timer', installs: true }],
    },
  ],
  zypper: [
    {
      mechanism: 'transactional-update',
      package: 'transactional-update',
      files: [],
      timers: [{ name: 'transactional-update.timer', installs: true }],
    },
    {
      mechanism: 'yast-online-update',
      package: 'yast2-online-update-configuration',
      files: ['/etc/sysconfig/automatic_online_update'],
      timers: [],
    },
  ],
};
/** What decides; mail addresses are nobody's business here. */
const decisive =
  /^(?:apply_updates|download_updates|upgrade_type|update_cmd|reboot|random_sleep|network_online_timeout|aou_[a-z_]+)$/;

export async function readRpmAutomatic(
  host: Host,
  tool: RpmTool,
  packages: Fact<readonly RpmPackage[]>,
): Promise<Fact<AutomaticUpdates>> {
  if (packages.status !== 'observed') return packages;
  const sources = [...packages.sources];
  let found: AutomaticUpdates | undefined;
  for (const mechanism of mechanisms[tool]) {
    if (!packages.value.some(({ name }) => name === mechanism.package)) continue;
    const settings = await readSettings(host, mechanism, sources);
    if (settings.status !== 'observed') return settings;
    const state = await stateOf(host, mechanism, settings.value, sources);
    if (found === undefined || (state.installs && !found.installs)) found = state;
  }
  return observed(found ?? { mechanism: 'none', refreshes: false, installs: false, installed: false }, ...sources);
}

async function readSettings(
  host: Host,
  { files }: Mechanism,
  sources: string[],
): Promise<Fact<ReadonlyMap<string, string>>> {
  const settings = new Map<string, string>();
  for (const path of files) {
    const content = await host.readFile(path);
    sources.push(content.source);
    if (content.status === 'absent') continue;
    if (content.status !== 'observed') return missed(content);
    if (content.value.truncated) return unseen('failed', 'file-truncated', [content.source]);
    const sections = parseIni(content.value.text);
    if (sections === undefined) return unseen('failed', 'unexpected-line', [content.source]);
    for (const section of sections)
      for (const [name, value] of section.settings) settings.set(name, value.replace(/^"(.*)"$/, '$1'));
  }
  return observed(settings, ...sources);
}

async function stateOf(
  host: Host,
  { mechanism, timers }: Mechanism,
  settings: ReadonlyMap<string, string>,
  sources: string[],
): Promise<AutomaticUpdates> {
  const shown: Record<string, string> = {};
  for (const [name, value] of settings)
    if (decisive.test(name) && value !== '') shown[fieldText(name, 128)] = fieldText(value, 512);
  // dnf-automatic's own default is not to apply; SUSE's job is a file of settings alone.
  const applies = booleanOf(settings.get('apply_updates')) ?? booleanOf(settings.get('aou_enable_cronjob')) ?? false;
  let refreshes = timers.length === 0 && applies;
  let installs = refreshes;
  for (const { name, target, installs: decided } of timers) {
    const timer = await readTimer(host, name, target);
    sources.push(...timer.sources);
    // A timer that nobody switched on is off: unlike Debian's, no package of these switches its own on.
    if (timer.state !== 'enabled') continue;
    shown[name] = timer.state;
    refreshes = true;
    installs ||= decided ?? applies;
  }
  return {
    mechanism,
    refreshes,
    installs,
    installed: true,
    settings: Object.fromEntries(Object.entries(shown).slice(0, 64)),
  };
}

/** By the stamps of the timers; not applicable where there is nothing that runs by itself. */
export async function readRpmLastRun(
  host: Host,
  tool: RpmTool,
  automatic: Fact<AutomaticUpdates>,
): Promise<Fact<AutomaticRun>> {
  if (automatic.status !== 'observed') return automatic;
  const own = mechanisms[tool].find(({ mechanism }) => mechanism === automatic.value.mechanism);
  const timers = (own?.timers ?? []).filter(({ name }) => name.endsWith('.timer')).map(({ name }) => name);
  if (automatic.value.mechanism === 'none') return unseen('not-applicable', 'no-automatic-updates', automatic.sources);
  return timers.length === 0 ? unseen('unsupported', 'no-stamp', automatic.sources) : lastRunByTimers(host, timers);
}
