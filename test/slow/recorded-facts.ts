/** What our parsers find in recordings of real systems, in the words of their index. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Parsed } from '../../collectors/fact.ts';
import { parseOsRelease } from '../../collectors/host/os-release.ts';
import { parseApkUpgradable } from '../../collectors/updates/apk-list.ts';
import { parseAptConfig } from '../../collectors/updates/apt-config.ts';
import { type AptRun, parseAptHistory } from '../../collectors/updates/apt-history.ts';
import { parseCheckUpdate } from '../../collectors/updates/dnf-check-update.ts';
import { parseUpdateinfoList } from '../../collectors/updates/dnf-updateinfo.ts';
import { parseAdvisoryInfoText } from '../../collectors/updates/dnf5-advisory-text.ts';
import { parseAdvisoryList } from '../../collectors/updates/dnf5-json.ts';
import { parseDpkgQuery } from '../../collectors/updates/dpkg-query.ts';
import { updates } from '../../collectors/updates/index.ts';
import { parseIni } from '../../collectors/updates/ini.ts';
import { parseLivepatchStatus } from '../../collectors/updates/livepatch-status.ts';
import { parseNeedrestart } from '../../collectors/updates/needrestart.ts';
import { parseNeedsRestarting } from '../../collectors/updates/needs-restarting.ts';
import { parseNevra } from '../../collectors/updates/nevra.ts';
import { parseProStatus } from '../../collectors/updates/ubuntu-pro.ts';
import { digests } from '../collectors/each-source-denied.ts';
import { fakeHost } from '../collectors/fake-host.ts';
import { type Facts, folder } from './recordings-index.ts';

const text = (name: string): string => readFileSync(join(folder, 'updates-linux', name), 'utf8');

export type Reader = (name: string) => Facts | Promise<Facts>;

function must<T>(result: Parsed<T>): T {
  assert.ok(result.ok, JSON.stringify(result));
  return result.value;
}

/** Facts that describe the recording itself, or give a hint to whoever writes a parser. */
export const remarks = /^(?:note|keys|form|first_column|columns)$/;

const aptHistory: Reader = (name) => {
  const runs = must(parseAptHistory(text(name)));
  const last = runs.at(-1) as AptRun;
  const of = (action: string): unknown[] =>
    last.changes
      .filter((change) => change.action === action)
      .map((change) => [change.name, change.architecture, change.from, change.to].filter((part) => part !== undefined));
  const stamp = /^End-Date: (\S+) +(\S+)/m.exec(text(name));
  return {
    unattended: last.commandLine === '/usr/bin/unattended-upgrade',
    upgraded: of('upgraded'),
    removed: of('removed'),
    end: last.outcome === 'completed' ? `${stamp?.[1]} ${stamp?.[2]}` : undefined,
    date_has_two_blanks: /^Start-Date: \S+ {2}\S/m.test(text(name)) && runs.length > 0,
  };
};

const livepatch: Reader = (name) => {
  const client = must(parseLivepatchStatus(text(name)));
  const raw = /^last-check: (\S+)/m.exec(text(name))?.[1] ?? '';
  const same = Date.parse(raw) - Date.parse(client.lastCheckAt ?? '') < 1000;
  return {
    kernel: client.kernel,
    patch_state: client.patchState,
    check_state: client.checkState,
    version: client.version,
    // An instant of ours is in UTC and whole seconds.
    last_check: same ? raw : client.lastCheckAt,
    client_version: /client-version: "?([\d.]+)/.exec(text(name))?.[1],
  };
};

const checkUpdate: Reader = (name) => {
  const found = must(parseCheckUpdate(text(name)));
  const [first] = found;
  const whole = text(name).split('\n');
  const offered = [first?.name, first?.architecture, first?.version, first?.repository];
  return {
    count: found.length,
    first: name.includes('tdnf') ? [first?.name, first?.version] : offered,
    // What stands below the heading is none of the updates.
    obsoleting_section_at_line: whole.indexOf('Obsoleting Packages') + 1,
    exit_code: 100,
    no_old_version_column: found.every(({ version }) => version !== ''),
    metadata_age: /^Last metadata expiration check: (.*)\.$/m.exec(whole[0] ?? '')?.[1],
    reboot_needed: /^Security: .* is the currently running version$/m.test(text(name)),
    running_kernel: /kernel-core-(\S+)\.x86_64 is the currently running/.exec(text(name))?.[1],
    installed_security_kernel: /kernel-core-(\S+)\.x86_64 is an installed security/.exec(text(name))?.[1],
  };
};

const updateinfo: Reader = (name) => {
  const found = must(parseUpdateinfoList(text(name)));
  const kinds = found.filter(({ kind }) => kind === 'security');
  return {
    count: found.reduce((sum, { packages }) => sum + packages.length, 0),
    advisories: name.includes('yum') ? found.reduce((sum, { packages }) => sum + packages.length, 0) : found.length,
    distinct: found.map(({ id }) => id).toSorted(),
    severity: found[0]?.severity,
    livepatch: found.every(({ packages }) => packages.every((each) => each.startsWith('kernel-livepatch'))),
    security: kinds.map(({ id, severity = '', packages }) => [
      id,
      `${severity.charAt(0).toUpperCase()}${severity.slice(1)}`,
      packages.find((each) => each.includes('2000')),
    ]),
    epoch_inside_name: found.some(({ packages }) =>
      packages.some((each) => parseNevra(each)?.version.startsWith('32:9.8.2')),
    )
      ? 'bind-libs-32:9.8.2'
      : undefined,
  };
};

const advisoryList: Reader = (name) => {
  const found = must(parseAdvisoryList(text(name)));
  const security = found.filter(({ kind }) => kind === 'security');
  const cased = (severity = ''): string =>
    severity === 'custom_severity' ? severity : `${severity.charAt(0).toUpperCase()}${severity.slice(1)}`;
  return {
    count: found.length,
    buildtime_epoch: Date.parse(found[0]?.releasedAt ?? '') / 1000,
    security: security.map(({ id, severity }) => [id, cased(severity)]),
  };
};

const needs: Reader = (name) => {
  const found = must(parseNeedsRestarting(text(name)));
  return { reboot_required: found.required, components: found.packages, exit_code: 1 };
};

/** A tool that failed, through the collector: the exit code is the reason, its first words are the detail. */
function failing(command: string, exitCode: number, osRelease: string): Reader {
  return async (name) => {
    const drafts = await updates.collect(
      fakeHost({
        restIsAbsent: true,
        stats: { '/var/lib/rpm/rpmdb.sqlite': { size: 9 } },
        files: { '/etc/os-release': osRelease },
        commands: {
          'dnf5-check-upgrade': { miss: 'absent', reason: 'no-such-program' },
          [command]: {
            miss: 'failed',
            reason: `exit-${exitCode}`,
            detail: text(name).trim().replaceAll('\n', ' ').slice(0, 200),
          },
          'rpm-qa': 'bash\t0\t5\t1\tx86_64\t(none)\t(none)\t1790000000\n',
        },
      }),
      digests,
    );
    const fact = drafts.updates?.availableUpdates;
    assert.ok(fact?.status === 'failed', JSON.stringify(fact));
    const detail = fact.detail ?? '';
    return {
      exit_code: Number(/^exit-(\d+)$/.exec(fact.reason)?.[1]),
      error: ['locked by pid 7914', 'no enabled repositories', 'No match for argument: openssl-999.999'].find((each) =>
        detail
          .replace('by the application with pid', 'by pid')
          .replace('There are ', '')
          .toLowerCase()
          .includes(each.toLowerCase()),
      ),
      registered: !detail.includes('not registered'),
    };
  };
}
const suse = 'ID=sles\nID_LIKE=suse\n';
const rhel = 'ID=rhel\nID_LIKE=fedora\n';

const aptConfig: Reader = (name) => {
  const config = parseAptConfig(
    execFileSync('/usr/bin/apt-config', ['-c', join(folder, 'updates-linux', name), 'dump'], {
      encoding: 'utf8',
      env: { LC_ALL: 'C' },
    }),
  );
  const origins = [
    ...config.list('Unattended-Upgrade::Origins-Pattern'),
    ...config.list('Unattended-Upgrade::Allowed-Origins'),
  ];
  return {
    'Update-Package-Lists': config.value('APT::Periodic::Update-Package-Lists'),
    'Unattended-Upgrade': config.value('APT::Periodic::Unattended-Upgrade'),
    automatic: config.value('APT::Periodic::Unattended-Upgrade') !== '0',
    security_origin: origins.some((origin) => /[Ss]ecurity/.test(origin)),
    updates_origin: origins.some((origin) => origin.endsWith('-updates')),
    blacklist: config.list('Unattended-Upgrade::Package-Blacklist'),
    'Automatic-Reboot': config.value('Unattended-Upgrade::Automatic-Reboot') ?? null,
  };
};

const needrestart: Reader = (name) => {
  const found = must(parseNeedrestart(text(name)));
  return {
    kernel_running: found.runningKernel,
    kernel_expected: found.expectedKernel,
    kernel_status: found.kernelStatus,
    reboot_needed: found.kernelStatus > 1,
    microcode_status: found.microcodeStatus,
    microcode_expected: /^NEEDRESTART-UCEXP: (\S+)/m.exec(text(name))?.[1] ?? null,
    services: found.services,
  };
};

export const readers: readonly (readonly [RegExp, Reader])[] = [
  [/^jc_needrestart/, needrestart],
  [
    /^dnf5_advisory-info/,
    (name) => {
      const found = must(parseAdvisoryInfoText(text(name)));
      return { advisories: found.map(({ id }) => id), cve_refs: found.flatMap(({ cveIds }) => cveIds) };
    },
  ],
  [/^apt-history/, aptHistory],
  [/^livepatch-status/, livepatch],
  [/check-update|check-upgrade|tdnf-list/, checkUpdate],
  [/updateinfo-list|list-sec/, updateinfo],
  [/^dnf5_advisory-list/, advisoryList],
  [/needs-restarting/, needs],
  [/zypper-locked-by-pid/, failing('zypper-list-updates', 7, suse)],
  [/zypper-no-repos/, failing('zypper-list-updates', 6, suse)],
  [/dnf5-no-match/, failing('dnf5-check-upgrade', 1, rhel)],
  [/dnf-not-registered/, failing('dnf-check-update', 1, rhel)],
  [/^uu_/, aptConfig],
  [
    /apk-list/,
    (name) => {
      const found = must(parseApkUpgradable(text(name)));
      const [first] = found;
      return {
        count: found.length,
        first: [first?.name, first?.installedVersion, first?.version],
        openssl: found
          .filter((each) => each.name === 'libcrypto3')
          .map((each) => [each.name, each.installedVersion, each.version])[0],
      };
    },
  ],
  [
    /dnf5_automatic/,
    (name) => Object.fromEntries((parseIni(text(name)) ?? []).flatMap(({ settings }) => [...settings])),
  ],
  [
    /os-release/,
    (name) => {
      const found = must(parseOsRelease(text(name)));
      return {
        ID: found.id,
        VERSION_ID: found.versionId,
        point: /(\d+\.\d+\.\d+)/.exec(typeof found.prettyName === 'string' ? found.prettyName : '')?.[1],
      };
    },
  ],
  [/debian_version/, (name) => ({ version: text(name).trim() })],
  [
    /pro-status-json/,
    (name) => {
      // The publication is cut: what is not JSON is refused; closed after its last whole service it can be read.
      const whole = text(name);
      const closed = must(parseProStatus(`${whole.slice(0, whole.lastIndexOf('},') + 1)}]}`));
      const [first] = closed.services ?? [];
      return {
        valid_json: parseProStatus(whole).ok,
        attached: closed.attached,
        version: closed.clientVersion,
        expires: closed.expires?.replace('Z', '+00:00'),
        services_first: [first?.name, first?.status],
      };
    },
  ],
  [
    /dpkg-query-kernels/,
    (name) => {
      const lines = text(name)
        .split('\n')
        .filter(Boolean)
        .map((line) => line.split(','));
      const found = must(
        parseDpkgQuery(
          lines
            .map(([pkg, state, version, source, sourceVersion]) =>
              [pkg, version, 'amd64', source, sourceVersion, state, ''].join('\t'),
            )
            .join('\n'),
        ),
      );
      const signed = found.find((each) => each.name === 'linux-image-6.1.0-18-amd64');
      const newest = found.findLast((each) => each.sourceName === 'linux');
      return {
        running: signed?.name.replace('linux-image-', ''),
        newest_source: `${newest?.sourceName} ${newest?.sourceVersion}`,
        signed_source_version: signed?.sourceVersion,
      };
    },
  ],
];
