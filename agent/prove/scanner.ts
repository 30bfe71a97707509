/** Which scanner should see a test file: what runs here, and what ClamAV is told to watch. */
import { parseClamdConf } from '../../collectors/edr/products/clamav-conf.ts';
import type { Host } from '../host/host.ts';
import { isWithin } from './place.ts';

/** Processes that scan files when they are opened, by their kernel name (15 bytes), with the product's id. */
const onAccess: readonly (readonly [process: string, product: string])[] = [
  ['clamonacc', 'clamav'],
  ['wdavdaemon', 'defender-endpoint'],
  ['savscand', 'sophos-antivirus'],
  ['SophosSPL', 'sophos-protection'],
  ['sophos_threat_d', 'sophos-protection'],
  ['ds_am', 'trend-deep-security'],
  ['oaeventd', 'eset'],
  ['scand', 'eset'],
  ['mfetpd', 'trellix-ens'],
  ['bdsecd', 'bitdefender'],
  ['kesl', 'kaspersky'],
  ['rtvscand', 'symantec'],
];

/** Products that do not report the test file by design: they look at what programs do. */
const ignoring: readonly (readonly [process: string, product: string])[] = [
  ['falcon-sensor', 'crowdstrike-falcon'],
  ['falcon-sensor-b', 'crowdstrike-falcon'],
  ['elastic-endpoin', 'elastic-defend'],
  ['wazuh-agentd', 'wazuh-agent'],
];

export type ClamavOnAccess = {
  readonly kind: 'clamav';
  readonly product: 'clamav';
  readonly watched: readonly string[];
  readonly excluded: readonly string[];
  readonly logs: readonly string[];
};
export type OnAccess =
  | ClamavOnAccess
  | { readonly kind: 'other'; readonly product: string }
  | { readonly kind: 'ignores'; readonly product: string }
  | { readonly kind: 'none' }
  | { readonly kind: 'unknown'; readonly reason: string };

/** Where distributions keep clamd's settings. */
const usualConfigs = [
  '/etc/clamav/clamd.conf',
  '/etc/clamd.d/scan.conf',
  '/etc/clamd.conf',
  '/usr/local/etc/clamd.conf',
];

export async function onAccessScanner(host: Host): Promise<OnAccess> {
  const processes = await host.processes();
  if (processes.status !== 'observed') return { kind: 'unknown', reason: 'processes-not-seen' };
  const running = new Map(processes.value.processes.map(({ name, pid }) => [name, pid]));
  const clamonacc = running.get('clamonacc');
  if (clamonacc !== undefined) return await clamavOnAccess(host, clamonacc);
  const scanner = onAccess.find(([process]) => running.has(process));
  if (scanner !== undefined) return { kind: 'other', product: scanner[1] };
  const blind = ignoring.find(([process]) => running.has(process));
  if (blind !== undefined) return { kind: 'ignores', product: blind[1] };
  // What is not in half a list may run all the same.
  const { complete, namesComplete = complete } = processes.value;
  return namesComplete ? { kind: 'none' } : { kind: 'unknown', reason: 'processes-not-seen' };
}

async function clamavOnAccess(host: Host, pid: number): Promise<OnAccess> {
  const words = await commandLine(host, pid);
  const config = await clamdSettings(host, optionOf(words, '--config-file', '-c'));
  if (typeof config === 'string') return { kind: 'unknown', reason: config };
  const logs = [optionOf(words, '--log', '-l'), config.get('logfile')?.at(-1)];
  return {
    kind: 'clamav',
    product: 'clamav',
    watched: [...(config.get('onaccessincludepath') ?? []), ...(config.get('onaccessmountpath') ?? [])].map(bare),
    excluded: (config.get('onaccessexcludepath') ?? []).map(bare),
    logs: logs.filter((log) => log?.startsWith('/') === true).map(String),
  };
}

/** Whether a folder is among those that clamonacc watches. */
export function isWatched(folder: string, { watched, excluded }: ClamavOnAccess): boolean {
  return watched.some((place) => isWithin(folder, place)) && !excluded.some((place) => isWithin(folder, place));
}

/** The settings file of the clamd that runs, for clamdscan; undefined where the usual one counts. */
export async function clamdConfigFile(host: Host): Promise<string | undefined> {
  const processes = await host.processes();
  const daemon =
    processes.status === 'observed' ? processes.value.processes.find(({ name }) => name === 'clamd') : undefined;
  return daemon === undefined ? undefined : optionOf(await commandLine(host, daemon.pid), '--config-file', '-c');
}

async function clamdSettings(host: Host, named: string | undefined) {
  for (const file of named === undefined ? usualConfigs : [named]) {
    const content = await host.readFile(file);
    if (content.status === 'absent') continue;
    if (content.status !== 'observed') return 'settings-not-seen';
    const conf = parseClamdConf(content.value.text);
    return conf.ok ? conf.value : 'settings-not-understood';
  }
  return 'settings-not-seen';
}

async function commandLine(host: Host, pid: number): Promise<readonly string[]> {
  const words = await host.readFile(`/proc/${pid}/cmdline`, { secret: true });
  return words.status === 'observed' ? words.value.text.split('\0') : [];
}

/** `--name=VALUE`, `--name VALUE`, `-c VALUE`, `-cVALUE`; a value that is no absolute path is none. */
function optionOf(words: readonly string[], long: string, short: string): string | undefined {
  for (const [at, word] of words.entries()) {
    const value = word.startsWith(`${long}=`)
      ? word.slice(long.length + 1)
      : word === long || word === short
        ? words[at + 1]
        : word.startsWith(`${short}/`)
          ? word.slice(short.length)
          : undefined;
    if (value?.startsWith('/') === true) return value;
  }
  return undefined;
}

function bare(path: string): string {
  return path.length > 1 ? path.replace(/\/+$/, '') : path;
}
