/** Consoles in a browser: Cockpit, Webmin, Proxmox. */
import type { Host } from '../../agent/host/host.ts';
import type { Fact, WebConsole, WebConsoleAccount } from '../../schemas/generated/types.ts';
import { fromAnswer, missed, observed, type Parsed, parsed, unparsed, unseen } from '../fact.ts';
import { toText } from '../text.ts';
import type { Unit } from './units.ts';

/** cockpit.conf(5): what decides how one logs in. The login title and banner are free text. */
const cockpitSettings = new Set([
  'loginto',
  'clientcertauthentication',
  'requirehost',
  'allowunencrypted',
  'action',
  'command',
]);
/** miniserv.conf of Webmin; `twofactor_provider` says that one was switched on. */
const webminSettings = new Set([
  'twofactor_provider',
  'port',
  'ssl',
  'no_pam',
  'pam',
  'pam_conv',
  'session',
  'passwd_mode',
  'unixauth',
  'listen',
  'bind',
]);

export async function readWebConsoles(host: Host, units: Fact<Unit[]>): Promise<Fact<WebConsole[]>> {
  const consoles: WebConsole[] = [];
  const sources: string[] = [];
  const kinds = [
    ['cockpit', '/usr/bin/cockpit-bridge', cockpit],
    ['webmin', '/etc/webmin/miniserv.conf', webmin],
    ['proxmox', '/usr/bin/pveproxy', proxmox],
  ] as const;
  for (const [, sign, read] of kinds) {
    const stat = await host.stat(sign);
    sources.push(stat.source);
    if (stat.status === 'absent') continue;
    if (stat.status !== 'observed') return missed(stat);
    consoles.push(await read(host, units, stat.source));
  }
  return observed(consoles, ...sources);
}

type Running = Pick<WebConsole, 'running' | 'enabledAtBoot'>;

function runningOf(units: Fact<Unit[]>, names: readonly string[]): Running {
  if (units.status !== 'observed') return { running: units, enabledAtBoot: units };
  const own = units.value.filter(({ id }) => names.includes(id));
  if (own.length === 0) {
    const unknown = unseen('unsupported', 'no-such-unit', units.sources);
    return { running: unknown, enabledAtBoot: unknown };
  }
  return {
    running: observed(
      own.some(({ active }) => active),
      ...units.sources,
    ),
    enabledAtBoot: observed(
      own.some(({ enabled }) => enabled),
      ...units.sources,
    ),
  };
}

async function cockpit(host: Host, units: Fact<Unit[]>, source: string): Promise<WebConsole> {
  const settings = fromAnswer(await host.readFile('/etc/cockpit/cockpit.conf'), ({ text, truncated }) =>
    truncated ? unparsed('truncated') : parseIni(text, cockpitSettings),
  );
  return {
    kind: 'cockpit',
    ...runningOf(units, ['cockpit.socket', 'cockpit.service']),
    settings,
    secondFactors: unseen('not-applicable', 'uses-pam', [source]),
  };
}

/** Keys without regard to case, as GKeyFile's users here have it; `Section.Name` as written. */
function parseIni(text: string, wanted: ReadonlySet<string>): Parsed<Record<string, string>> {
  const settings: Record<string, string> = {};
  let section = '';
  for (const [at, raw] of text.split('\n').entries()) {
    const line = raw.trim();
    if (line === '' || /^[#;]/.test(line)) continue;
    const heading = /^\[([^\]]{1,128})\]$/.exec(line);
    const pair = /^([\w -]{1,128}?)\s*=\s*(.*)$/.exec(line);
    if (heading !== null) section = heading[1] ?? '';
    else if (pair === null) return unparsed('malformed-line', `line ${at + 1}`);
    else if (wanted.has((pair[1] ?? '').toLowerCase()) && Object.keys(settings).length < 64)
      settings[`${section}.${pair[1]}`] = (pair[2] ?? '').slice(0, 1024).toWellFormed();
  }
  return parsed(settings);
}

async function webmin(host: Host, units: Fact<Unit[]>): Promise<WebConsole> {
  const settings = fromAnswer(
    await host.readFile('/etc/webmin/miniserv.conf'),
    ({ text, truncated }): Parsed<Record<string, string>> => {
      if (truncated) return unparsed('truncated');
      const pairs = [...text.matchAll(/^([\w-]{1,64})=(.*)$/gm)].filter(([, name = '']) => webminSettings.has(name));
      const lines = text.split('\n').filter((line) => line.trim() !== '' && !line.startsWith('#'));
      return lines.length > 0 && lines.every((line) => /^[\w.-]{1,256}=/.test(line))
        ? parsed(
            Object.fromEntries(
              pairs.map(([, name = '', value = '']) => [`miniserv.${name}`, value.slice(0, 1024).toWellFormed()]),
            ),
          )
        : unparsed('no-entries');
    },
  );
  // It holds password hashes and the keys of the second factors.
  const secondFactors = fromAnswer(
    await host.readFile('/etc/webmin/miniserv.users', { secret: true }),
    ({ text, truncated }) => (truncated ? unparsed('truncated') : webminAccounts(text)),
  );
  return { kind: 'webmin', ...runningOf(units, ['webmin.service']), settings, secondFactors };
}

/** Webmin acl-lib.pl `list_users`: the eleventh column names the second factor's provider. */
function webminAccounts(text: string): Parsed<WebConsoleAccount[]> {
  const accounts: WebConsoleAccount[] = [];
  for (const line of text.split('\n').filter((each) => each.trim() !== '' && !each.startsWith('#'))) {
    const columns = line.split(':');
    if (columns.length < 2 || accounts.length >= 10_000) return unparsed('malformed-line');
    accounts.push({ account: toText(columns[0] ?? ''), enrolled: (columns[10] ?? '') !== '' });
  }
  return accounts.length === 0 ? unparsed('no-entries') : parsed(accounts);
}

/** Its second factors lie in one secret file; which accounts they are for is not read. */
async function proxmox(host: Host, units: Fact<Unit[]>): Promise<WebConsole> {
  const factors = await host.stat('/etc/pve/priv/tfa.cfg');
  const none =
    factors.status === 'absent'
      ? unseen('absent', 'no-second-factors', [factors.source])
      : factors.status === 'observed'
        ? unseen('unsupported', 'accounts-not-read', [factors.source])
        : missed(factors);
  return {
    kind: 'proxmox',
    ...runningOf(units, ['pveproxy.service']),
    settings: unseen('unsupported', 'not-read', [factors.source]),
    secondFactors: none,
  };
}
