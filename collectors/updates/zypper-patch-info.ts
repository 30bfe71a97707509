/**
 * What `zypper info --type patch` prints of the packages of patches, which its XML leaves out:
 *
 *     Information for patch SUSE-SLE-Module-Basesystem-15-SP5-2023-2233:
 *     ------------------------------------------------------------------
 *     Name        : SUSE-SLE-Module-Basesystem-15-SP5-2023-2233
 *     Conflicts   : [3]
 *         cups-filters.x86_64 < 1.25.0-150200.3.6.1
 *         srcpackage:cups-filters < 1.25.0-150200.3.6.1
 */
import { type Parsed, parsed, unparsed } from '../fact.ts';

/** Names of packages by patch. A patch conflicts with every package that is older than its own. Fails with `no-patch-info`. */
export function parsePatchInfo(text: string): Parsed<ReadonlyMap<string, readonly string[]>> {
  const packages = new Map<string, readonly string[]>();
  const [, ...blocks] = text.toWellFormed().split(/^Information for patch /m);
  for (const block of blocks) {
    const name = /^Name\s*: (\S+)$/m.exec(block)?.[1];
    if (name === undefined) return unparsed('unexpected-line', 'a patch without a name');
    const conflicts = /^Conflicts\s*: (.*(?:\n[ \t]+.*)*)/m.exec(block)?.[1] ?? '';
    const names = [...conflicts.matchAll(/^[ \t]*([^\s<[:]{1,256}) </gm)].map(([, found = '']) => found);
    packages.set(name, [...new Set([...(packages.get(name) ?? []), ...names.map(bare)])]);
  }
  return packages.size === 0 ? unparsed('no-patch-info') : parsed(packages);
}

/** Without an architecture behind a dot. */
function bare(name: string): string {
  return name.replace(/\.(?:noarch|x86_64|i[3-6]86|aarch64|ppc64le|s390x|riscv64)$/, '');
}
