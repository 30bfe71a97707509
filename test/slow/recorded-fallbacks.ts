/** Recordings of what is asked only where the first answer cannot be had, and of what is never asked, each with the reason. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseAptSimulation, type Simulation } from '../../collectors/updates/apt-simulation.ts';
import { isFromSecurity } from '../../collectors/updates/deb-available.ts';
import { parseDpkgQuery } from '../../collectors/updates/dpkg-query.ts';
import { parseDpkgStatus } from '../../collectors/updates/dpkg-status.ts';
import { parseNevra } from '../../collectors/updates/nevra.ts';
import { parseZypperPatchTable, parseZypperUpdateTable, zypperRows } from '../../collectors/updates/zypper-table.ts';
import type { Reader } from './recorded-facts.ts';
import { folder } from './recordings-index.ts';

const text = (name: string): string => readFileSync(join(folder, 'updates-linux', name), 'utf8');

const simulation: Reader = (name) => {
  const result = parseAptSimulation(text(name));
  assert.ok(result.ok, JSON.stringify(result));
  const { packages, upgraded }: Simulation = result.value;
  const all = packages.length === 0 ? upgraded : packages.map((each) => each.name);
  const security = packages.filter(isFromSecurity);
  const rows = packages.filter((each) => each.installedVersion !== undefined);
  return {
    inst: packages.length,
    count: all.length,
    first: all[0],
    last: all.at(-1),
    security: name.startsWith('azlpe') ? security.map((each) => each.name) : security.length,
    new_packages_have_no_bracket: packages.find((each) => each.installedVersion === undefined)?.name,
    origin_with_spaces_or_colon: packages
      .flatMap((each) => each.offeredBy.map(({ label, suite }) => `${label}:${suite}`))
      .find((offer) => offer === 'cloud-sdk-bullseye:cloud-sdk-bookworm'),
    // The recording is two runs one after the other, with both packages; it counts the lines.
    inst_lines: text(name)
      .split('\n')
      .filter((line) => line.startsWith('Inst ')).length,
    security_pocket: security
      .flatMap((each) => each.offeredBy)
      .filter(({ label }) => label === 'Debian-Security')
      .map(({ label, suite }) => `${label}:10/${suite}`)[0],
    upgrade: Object.fromEntries(rows.map((each) => [each.name, [each.installedVersion, each.candidateVersion]])),
  };
};

const statusCodes: Reader = (name) => {
  const rows = text(name)
    .split('\n')
    .map((line) => /^([a-zA-Z ]{3}) (\S+)\s+(\S+)\s+(\S+)/.exec(line))
    // Someone wrote `rh` into this one; dpkg itself has only an upper-case H.
    .filter((match) => match !== null && match[1] !== 'rh ')
    .map((match) => [match?.[2], match?.[3], match?.[4], '', '', match?.[1], ''].join('\t'));
  const result = parseDpkgQuery(rows.join('\n'));
  assert.ok(result.ok, JSON.stringify(result));
  const named = (stateName: RegExp, wanted: RegExp = /./): string[] =>
    result.value.filter((each) => stateName.test(each.stateName) && wanted.test(each.name)).map((each) => each.name);
  return {
    removed_config_only: named(/config-files/),
    reinst_required: named(/reinst-required/),
    not_installed: named(/not-installed/),
    installed_kernels: named(/^installed$/, /^linux-image-\d/),
  };
};

const updateTable: Reader = (name) => {
  const result = parseZypperUpdateTable(text(name));
  assert.ok(result.ok, JSON.stringify(result));
  const rows = result.value.map((each) => [each.name, each.installedVersion, each.version]);
  return { first: rows[0], updates: rows };
};

const patchTable: Reader = (name) => {
  const result = parseZypperPatchTable(text(name));
  assert.ok(result.ok, JSON.stringify(result));
  const rows = zypperRows(text(name), ['Name', 'Category', 'Status']);
  assert.ok(rows.ok);
  const words = (heading: string): string[] => [...new Set(rows.value.map((row) => row.get(heading) ?? ''))];
  const security = result.value.filter(({ kind }) => kind === 'security');
  return {
    needed: result.value.length,
    needed_security: security.length,
    needed_security_important: security.filter(({ severity }) => severity === 'important').length,
    needed_interactive_reboot: result.value.filter(({ restart }) => restart === 'reboot').length,
    interactive_value_message: words('Interactive').includes('message'),
    statuses: words('Status'),
    categories: words('Category'),
    interactive: words('Interactive'),
  };
};

/** The same database in another format: each line is put into the one that we ask for. */
const dpkgLines: Reader = (name) => {
  const lines = text(name)
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Readonly<Record<string, string>>);
  const states: Readonly<Record<string, string>> = { installed: 'ii ', 'config-files': 'rc ' };
  const rows = lines.map((line) =>
    [
      line['package'],
      line['version'],
      line['architecture'],
      line['source_name'],
      line['source_version'],
      states[line['status'] ?? ''] ?? '',
      '',
    ].join('\t'),
  );
  const result = parseDpkgQuery(rows.join('\n'));
  assert.ok(result.ok, JSON.stringify(result));
  const [first] = result.value;
  assert.equal(result.value.length, lines.length);
  // Its index counts line feeds, and the last line has none.
  return { lines: text(name).split('\n').length - 1, first: [first?.name, first?.version, first?.stateName] };
};

/** What the Insights client makes of check-update and updateinfo: its names are those that both print. */
const insightsUpdates: Reader = (name) => {
  const file = JSON.parse(text(name)) as {
    update_list: Readonly<Record<string, { available_updates: readonly { package: string; erratum: string }[] }>>;
  };
  const rows = Object.entries(file.update_list).map(([installed, { available_updates: offers }]) => {
    const before = parseNevra(installed);
    const offered = parseNevra(offers[0]?.package ?? '');
    assert.ok(before !== undefined && before.name === offered?.name);
    return [before.name, [before.version, offered.version, offers[0]?.erratum]];
  });
  return { updates: Object.fromEntries(rows) };
};

export const fallbackReaders: readonly (readonly [RegExp, Reader])[] = [
  [/apt-s-dist-upgrade|^check_apt_|apt-get-full-upgrade|apt-get-sqq|apt-get-upgrade/, simulation],
  [
    /debian\.dpkg-status/,
    (name) => {
      const result = parseDpkgStatus(text(name));
      assert.ok(result.ok, JSON.stringify(result));
      return { packages: result.value.map((each) => [each.name, each.version]) };
    },
  ],
  [/dpkg-l-status-codes/, statusCodes],
  [/dpkg-query-show/, dpkgLines],
  [/insights_yum-updates/, insightsUpdates],
  [/zypper-list-updates|zypper-lu/, updateTable],
  [/zypper-list-patches/, patchTable],
];

/** What nothing of ours reads: why, and what gives the fact instead. */
export const notOurs: readonly (readonly [RegExp, string])[] = [
  [
    /dnf-assumeno|yum-update\.stdout/,
    'a transaction that is not carried out: it resolves and locks; check-update gives the versions',
  ],
  [/zypper-locked-items/, 'zypper update installs; locks are read from /etc/zypp/locks'],
  [/advisory-summary|updateinfo-summary/, 'counts of what the list of advisories names one by one'],
  [
    /yum-check-update\.stderr/,
    'we pass -C: no mirror is asked, and remarks on mirrors do not make a list half (tested below)',
  ],
  [
    /pro-status-(?:un)?attached/,
    'pro status asks its contract server; status.json, which the client keeps, is read instead',
  ],
  [/repoquery/, 'an add-on of yum; check-update gives the same'],
];
