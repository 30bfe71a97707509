/** Installed rpm packages that are held back: version locks, exclusions, and zypp's locks. */
import type { Answer, FileContent, Host } from '../../agent/host/host.ts';
import type { Fact, HeldPackage, Repository } from '../../schemas/generated/types.ts';
import { missed, observed, unseen } from '../fact.ts';
import { byCodePoint, fieldText } from './field-text.ts';
import { matchesGlob } from './glob.ts';
import { listOf } from './ini.ts';
import { parseNevra } from './nevra.ts';
import type { RpmTool } from './rpm-metadata.ts';
import type { RpmPackage } from './rpm-query.ts';

type Rule = { readonly pattern: string; readonly by: HeldPackage['by'] };

const lockFiles: Readonly<Record<RpmTool, readonly string[]>> = {
  dnf5: ['/etc/dnf/versionlock.toml'],
  dnf: ['/etc/dnf/plugins/versionlock.list'],
  yum: ['/etc/yum/pluginconf.d/versionlock.list'],
  tdnf: ['/etc/tdnf/locks.d'],
  zypper: ['/etc/zypp/locks'],
};

export async function readRpmHeld(
  host: Host,
  tool: RpmTool,
  packages: Fact<readonly RpmPackage[]>,
  main: Fact<ReadonlyMap<string, string>>,
  repositories: Fact<Repository[]>,
): Promise<Fact<HeldPackage[]>> {
  if (packages.status !== 'observed') return packages;
  if (main.status !== 'observed') return main;
  const sources = [...packages.sources, ...main.sources];
  const rules: Rule[] = ['exclude', 'excludepkgs', 'minversions.exclude'].flatMap((name) =>
    listOf(main.value.get(name)).map((pattern) => ({ pattern, by: 'exclude' as const })),
  );
  if (repositories.status === 'observed')
    for (const { enabled, excludes = [] } of repositories.value)
      if (enabled) rules.push(...excludes.map((pattern) => ({ pattern, by: 'exclude' as const })));
  for (const path of lockFiles[tool]) {
    const answer: Answer<FileContent> = await host.readFile(path);
    sources.push(answer.source);
    if (answer.status === 'absent') continue;
    if (answer.status !== 'observed') return missed(answer);
    if (answer.value.truncated) return unseen('failed', 'file-truncated', [answer.source]);
    const found = tool === 'zypper' ? parseZyppLocks(answer.value.text) : parseVersionLocks(answer.value.text, path);
    if (found === undefined) return unseen('failed', 'unexpected-line', [answer.source]);
    rules.push(...found);
  }
  const held = packages.value.flatMap((entry): HeldPackage[] => {
    const rule = rules.find(({ pattern }) => matchesPackage(pattern, entry));
    if (rule === undefined) return [];
    const { name, architecture, version } = entry;
    return [
      {
        name,
        architecture,
        version,
        rule: fieldText(rule.pattern, 512),
        ...(rule.by === undefined ? {} : { by: rule.by }),
      },
    ];
  });
  return observed(
    held
      .toSorted((a, b) => byCodePoint(a.name, b.name) || byCodePoint(a.architecture, b.architecture))
      .slice(0, 20_000),
    ...sources.slice(0, 64),
  );
}

/** A pattern names a package, or a package with version and architecture in one of dnf's forms; a version that is locked holds the name. */
function matchesPackage(pattern: string, { name, architecture, version, versionRelease, epoch }: RpmPackage): boolean {
  if (pattern.startsWith('!')) return false;
  const full = [
    name,
    `${name}.${architecture}`,
    `${name}-${version}.${architecture}`,
    `${name}-${versionRelease}.${architecture}`,
    `${name}-${epoch === '' ? '0' : epoch}:${versionRelease}.${architecture}`,
    `${epoch === '' ? '0' : epoch}:${name}-${versionRelease}.${architecture}`,
    `${name}-${version}`,
  ];
  const locked = parseNevra(pattern.replace(/\.\*$/, '.any'));
  return locked?.name === name || full.some((text) => matchesGlob(pattern, text));
}

/** One pattern a line (dnf 4, yum); in versionlock.toml each package is a table with `name = "…"`. Undefined for what is neither. */
export function parseVersionLocks(text: string, path: string): Rule[] | undefined {
  const lines = text
    .toWellFormed()
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'));
  if (path.endsWith('.toml')) {
    if (lines.some((line) => !/^(?:\[.*\]?|[\w.-]+\s*=.*|[{}\],].*|".*)$/.test(line))) return undefined;
    const names = [...text.matchAll(/^[ \t]*(?:\{\s*)?name\s*=\s*["']([^"']{1,256})["']/gm)];
    return names.map(([, pattern = '']) => ({ pattern, by: 'versionlock' }));
  }
  if (lines.some((line) => /\s/.test(line) || !/[A-Za-z0-9*]/.test(line) || line.length > 512)) return undefined;
  return lines.map((pattern) => ({ pattern, by: 'versionlock' }));
}

/** /etc/zypp/locks: blocks of `solvable_name: kernel*` and the like; only locks of packages hold one. Undefined for what is no such file. */
export function parseZyppLocks(text: string): Rule[] | undefined {
  const rules: Rule[] = [];
  for (const block of text.toWellFormed().split(/\n\s*\n/)) {
    const fields = new Map<string, string>();
    for (const line of block.split('\n')) {
      if (line.trim() === '' || line.startsWith('#')) continue;
      const [, name, value] = /^([a-z_]+):\s*(.*?)\s*$/.exec(line) ?? [];
      if (name === undefined || value === undefined) return undefined;
      fields.set(name, value);
    }
    const pattern = fields.get('solvable_name');
    if (pattern !== undefined && (fields.get('type') ?? 'package') === 'package') rules.push({ pattern, by: 'lock' });
  }
  return rules;
}
