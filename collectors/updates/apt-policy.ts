/**
 * What `apt-cache policy` says of the candidates of packages (apt-cache(8), apt 2.5 and newer):
 *
 *     netplan.io:
 *       Installed: 0.106-1
 *       Candidate: 0.106.1-7ubuntu0.22.04.2
 *       Version table:
 *          0.106.1-7ubuntu0.22.04.2 500 (phased 20%)
 *             500 http://archive.ubuntu.com/ubuntu jammy-updates/main amd64 Packages
 */

/** Names of the packages whose candidate is offered to a part of all servers only. */
export function phasedPackages(text: string): ReadonlySet<string> {
  const phased = new Set<string>();
  for (const block of text.toWellFormed().split(/^(?=\S)/m)) {
    const name = /^(\S{1,256}?):?$/m.exec(block)?.[1]?.replace(/:.*$/, '');
    const candidate = /^ {2}Candidate: (\S+)$/m.exec(block)?.[1];
    if (name === undefined || candidate === undefined) continue;
    const row = block.split('\n').find((line) => line.replace(/^ (?:\*\*\*)? */, '').startsWith(`${candidate} `));
    if (row !== undefined && /\(phased \d{1,2}%\)/.test(row)) phased.add(name);
  }
  return phased;
}
