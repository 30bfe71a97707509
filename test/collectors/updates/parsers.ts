/** Every parser of update levels with a sample of its format, for tests that mutate the samples. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Parsed } from '../../../collectors/fact.ts';
import { parseApkPins, parseApkRepositories } from '../../../collectors/updates/apk-configuration.ts';
import { parseApkInstalled } from '../../../collectors/updates/apk-installed.ts';
import { parseApkUpgradable } from '../../../collectors/updates/apk-list.ts';
import { parseAptConfig } from '../../../collectors/updates/apt-config.ts';
import { lastHistoryEntry, parseAptHistory } from '../../../collectors/updates/apt-history.ts';
import { parseAptList } from '../../../collectors/updates/apt-list.ts';
import { parsePolicy, phasedPackages } from '../../../collectors/updates/apt-policy.ts';
import { parsePreferences } from '../../../collectors/updates/apt-preferences.ts';
import { parseReleaseHead } from '../../../collectors/updates/apt-release.ts';
import { parseAptSimulation } from '../../../collectors/updates/apt-simulation.ts';
import { parseSources } from '../../../collectors/updates/apt-sources.ts';
import { parseBootc, parseRpmOstree, parseSnapper } from '../../../collectors/updates/deployment-status.ts';
import { parseCheckUpdate } from '../../../collectors/updates/dnf-check-update.ts';
import { parseDnf5History, parseDnfLog } from '../../../collectors/updates/dnf-log.ts';
import { parseUpdateinfoInfo, parseUpdateinfoList } from '../../../collectors/updates/dnf-updateinfo.ts';
import { parseAdvisoryInfoText } from '../../../collectors/updates/dnf5-advisory-text.ts';
import { parseAdvisoryInfo, parseAdvisoryList, parseCheckUpgrade } from '../../../collectors/updates/dnf5-json.ts';
import { parseDpkgQuery } from '../../../collectors/updates/dpkg-query.ts';
import { parseDpkgStatus } from '../../../collectors/updates/dpkg-status.ts';
import { parseIni } from '../../../collectors/updates/ini.ts';
import { parseKcarectlInfo, parseUptrackShow } from '../../../collectors/updates/live-patch-vendors.ts';
import { parseLivepatchStatus } from '../../../collectors/updates/livepatch-status.ts';
import { parseNeedrestart } from '../../../collectors/updates/needrestart.ts';
import { parseNeedsRestarting, parseNeedsRestartingJson } from '../../../collectors/updates/needs-restarting.ts';
import { parsePacmanConf } from '../../../collectors/updates/pacman-conf.ts';
import { parsePacmanLog } from '../../../collectors/updates/pacman-log.ts';
import { parsePacmanInfo, parsePacmanUpgrades } from '../../../collectors/updates/pacman-query.ts';
import { parseRepomd } from '../../../collectors/updates/repomd.ts';
import { parseVersionLocks, parseZyppLocks } from '../../../collectors/updates/rpm-held.ts';
import { parseRpmQuery } from '../../../collectors/updates/rpm-query.ts';
import { parseProStatus, parseProUpdates } from '../../../collectors/updates/ubuntu-pro.ts';
import { lastUnattendedRun } from '../../../collectors/updates/unattended-log.ts';
import { parseZyppLog } from '../../../collectors/updates/zypp-log.ts';
import { parsePatchInfo } from '../../../collectors/updates/zypper-patch-info.ts';
import { parseZypperPatchTable, parseZypperUpdateTable } from '../../../collectors/updates/zypper-table.ts';
import { parseZypperPatches, parseZypperUpdates } from '../../../collectors/updates/zypper-xml.ts';
import {
  advisoryText,
  aptPreferences,
  aptSimulation,
  bootc,
  dnf5History,
  dnf5Info,
  dnf5List,
  dpkgStatus,
  livepatch,
  needrestart,
  needs,
  ostree,
  policy,
  proUpdates,
  snapper,
  zypperPatchTable,
  zypperUpdateTable,
} from './sample-texts.ts';

export type Sample = {
  readonly name: string;
  /** A value, or a failure by name; parsers that cannot fail give their value. */
  readonly parse: (text: string) => Parsed<unknown>;
  readonly text: string;
};

const machines = join(import.meta.dirname, '../../fixtures/machines');

type Index = {
  readonly files: Readonly<Record<string, { readonly text?: string; readonly file?: string }>>;
  readonly commands: readonly {
    readonly argv: readonly string[];
    readonly stdout?: string;
    readonly stdoutFile?: string;
  }[];
};

function index(machine: string): Index {
  return JSON.parse(readFileSync(join(machines, machine, 'host.json'), 'utf8')) as Index;
}

function file(machine: string, path: string): string {
  const entry = index(machine).files[path];
  return entry?.text ?? readFileSync(join(machines, machine, entry?.file ?? path), 'utf8');
}

function output(machine: string, ...words: readonly string[]): string {
  const entry = index(machine).commands.find(({ argv }) => words.every((word) => argv.includes(word)));
  return entry?.stdout ?? readFileSync(join(machines, machine, entry?.stdoutFile ?? words.join(' ')), 'utf8');
}

function always(parse: (text: string) => unknown): (text: string) => Parsed<unknown> {
  return (text) => ({ ok: true, value: parse(text) });
}

function sample(name: string, parse: Sample['parse'], text: string): Sample {
  return { name, parse, text };
}

export const samples: readonly Sample[] = [
  sample('parseAdvisoryInfoText', parseAdvisoryInfoText, advisoryText),
  sample('parseNeedrestart', parseNeedrestart, needrestart),
  sample('parseRpmQuery', parseRpmQuery, output('rocky-9', 'rpm')),
  sample('parseCheckUpdate', parseCheckUpdate, output('rocky-9', 'check-update')),
  sample('parseUpdateinfoList', parseUpdateinfoList, output('rocky-9', 'updateinfo', 'list')),
  sample('parseUpdateinfoInfo', parseUpdateinfoInfo, output('rocky-9', 'updateinfo', 'info')),
  sample(
    'parseCheckUpgrade',
    parseCheckUpgrade,
    '{"upgrades":[{"name":"bash","arch":"x86_64","evr":"5.3-1.fc44","repository":"updates"}]}',
  ),
  sample('parseAdvisoryList', parseAdvisoryList, dnf5List),
  sample('parseAdvisoryInfo', parseAdvisoryInfo, dnf5Info),
  sample('parseDnf5History', parseDnf5History, dnf5History),
  sample('parseDnfLog', parseDnfLog, file('rocky-9', '/var/log/dnf.rpm.log')),
  sample('parseZypperUpdates', parseZypperUpdates, output('opensuse-leap', 'list-updates')),
  sample('parseZypperPatches', parseZypperPatches, output('opensuse-leap', 'list-patches')),
  sample('parsePatchInfo', parsePatchInfo, output('opensuse-leap', 'info')),
  sample('parseZyppLog', parseZyppLog, file('opensuse-leap', '/var/log/zypp/history')),
  sample('parseZyppLocks', always(parseZyppLocks), file('opensuse-leap', '/etc/zypp/locks')),
  sample(
    'parseVersionLocks',
    always((text) => parseVersionLocks(text, '/x.list')),
    file('rocky-9', '/etc/dnf/plugins/versionlock.list'),
  ),
  sample('parseIni', always(parseIni), file('rocky-9', '/etc/yum.repos.d/practice.repo')),
  sample('parseRepomd', parseRepomd, file('opensuse-leap', '/var/cache/zypp/raw/repo-sle-update/repodata/repomd.xml')),
  sample('parseNeedsRestarting', parseNeedsRestarting, needs),
  sample(
    'parseNeedsRestartingJson',
    parseNeedsRestartingJson,
    '[{"type":"reboot","reboot_required":true,"packages":["glibc"]}]',
  ),
  sample('parseApkInstalled', parseApkInstalled, file('alpine-3', '/lib/apk/db/installed')),
  sample('parseApkUpgradable', parseApkUpgradable, output('alpine-3', 'apk')),
  sample(
    'parseApkRepositories',
    (text) => parseApkRepositories(text, '/etc/apk/repositories'),
    file('alpine-3', '/etc/apk/repositories'),
  ),
  sample('parseApkPins', always(parseApkPins), file('alpine-3', '/etc/apk/world')),
  sample('parsePacmanInfo', parsePacmanInfo, output('arch', '-Qi')),
  sample('parsePacmanUpgrades', parsePacmanUpgrades, output('arch', '-Qu')),
  sample('parsePacmanConf', parsePacmanConf, output('arch', 'pacman-conf')),
  sample('parsePacmanLog', parsePacmanLog, file('arch', '/var/log/pacman.log')),
  sample('parseDpkgQuery', parseDpkgQuery, output('debian-12', 'dpkg-query')),
  sample('parseAptList', parseAptList, output('debian-12', 'list')),
  sample(
    'parseAptConfig',
    always((text) => parseAptConfig(text).list('Unattended-Upgrade::Origins-Pattern')),
    output('debian-12', 'apt-config'),
  ),
  sample('parseAptHistory', parseAptHistory, file('debian-12', '/var/log/apt/history.log')),
  sample('lastHistoryEntry', lastHistoryEntry, file('debian-12', '/var/log/apt/history.log')),
  sample(
    'lastUnattendedRun',
    lastUnattendedRun,
    file('debian-12', '/var/log/unattended-upgrades/unattended-upgrades.log'),
  ),
  sample(
    'parseReleaseHead',
    always((text) => parseReleaseHead(text, false)),
    file('debian-12', '/var/lib/apt/lists/deb.debian.org_debian_dists_bookworm_InRelease'),
  ),
  sample(
    'parseSources',
    (text) => parseSources(text, '/x.sources'),
    file('debian-12', '/etc/apt/sources.list.d/debian.sources'),
  ),
  sample('phasedPackages', always(phasedPackages), policy),
  sample('parsePolicy', parsePolicy, policy),
  sample('parseProUpdates', parseProUpdates, proUpdates),
  sample(
    'parseProStatus',
    parseProStatus,
    '{"attached":false,"expires":"9999-12-31T00:00:00+00:00","services":[{"name":"esm-infra","status":"n/a"}]}',
  ),
  sample('parseLivepatchStatus', parseLivepatchStatus, livepatch),
  sample('parseRpmOstree', parseRpmOstree, ostree),
  sample('parseBootc', parseBootc, bootc),
  sample('parseSnapper', parseSnapper, snapper),
  sample(
    'parseUptrackShow',
    parseUptrackShow,
    'Installed updates:\n[kgn8gqqi] CVE-2018-10879: Use-after-free.\n\nEffective kernel version is 4.1.12-124\n',
  ),
  sample(
    'parseKcarectlInfo',
    parseKcarectlInfo,
    'kpatch-state: patch is applied\nkpatch-for: Linux version 5.4.0 (x)\nkpatch-description: 1-:16;5.4.0-1028.31\n',
  ),
  sample('parsePreferences', parsePreferences, aptPreferences),
  sample('parseAptSimulation', parseAptSimulation, aptSimulation),
  sample('parseDpkgStatus', parseDpkgStatus, dpkgStatus),
  sample('parseZypperUpdateTable', parseZypperUpdateTable, zypperUpdateTable),
  sample('parseZypperPatchTable', parseZypperPatchTable, zypperPatchTable),
];
