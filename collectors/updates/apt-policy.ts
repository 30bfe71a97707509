/**
 * What `apt-cache policy` says of packages (apt-cache(8)), with the share of servers from apt 2.5 on:
 *
 *     netplan.io:
 *       Installed: 0.106-1
 *       Candidate: 0.106.1-7ubuntu0.22.04.2
 *       Version table:
 *          0.106.1-7ubuntu0.22.04.2 500 (phased 20%)
 *             500 http://archive.ubuntu.com/ubuntu jammy-updates/main amd64 Packages
 *      *** 0.106-1 100
 *             100 /var/lib/dpkg/status
 */
import { type Parsed, parsed, unparsed } from '../fact.ts';

export type PolicyEntry = {
  /** A name, or for another architecture than the machine's own `name:i386`. */
  readonly label: string;
  readonly installed?: string;
  readonly candidate?: string;
  /** From the highest version down, as apt orders them; one version twice where the same was built twice. */
  readonly versions: readonly PolicyVersion[];
};

export type PolicyVersion = {
  readonly version: string;
  readonly isInstalled: boolean;
  /** Who offers it: `http://deb.debian.org/debian bookworm/main amd64 Packages`, `/var/lib/dpkg/status`. */
  readonly offers: readonly string[];
};

const installedLine = /^ {2}Installed: (\S{1,256})$/;
const candidateLine = /^ {2}Candidate: (\S{1,256})$/;
const versionLine = /^ (\*{3}| {3}) (\S{1,256}) -?\d{1,5}(?: \(phased \d{1,3}%\))?$/;
const offerLine = /^ {7} {0,3}-?\d{1,5} (\S.{0,4095})$/;

/** Fails with `unexpected-line` at whatever it does not know, also where a block stops halfway, and with `empty-output`. */
export function parsePolicy(text: string): Parsed<readonly PolicyEntry[]> {
  const lines = text.toWellFormed().split('\n');
  if (lines.at(-1) === '') lines.pop();
  if (lines.length === 0) return unparsed('empty-output');
  const entries: PolicyEntry[] = [];
  for (let at = 0; at < lines.length; ) {
    const [, label] = /^(\S{1,256}):$/.exec(lines[at] ?? '') ?? [];
    const [, installed] = installedLine.exec(lines[at + 1] ?? '') ?? [];
    const [, candidate] = candidateLine.exec(lines[at + 2] ?? '') ?? [];
    const isHead = label !== undefined && installed !== undefined && candidate !== undefined;
    if (!isHead || lines[at + 3] !== '  Version table:') return unparsed('unexpected-line', `line ${at + 1}`);
    const { versions, next } = versionsFrom(lines, at + 4);
    at = next;
    entries.push({
      label,
      ...(installed === '(none)' ? {} : { installed }),
      ...(candidate === '(none)' ? {} : { candidate }),
      versions,
    });
  }
  return parsed(entries);
}

/** Up to the first line that is neither a version nor an offer of one. */
function versionsFrom(lines: readonly string[], from: number): { versions: PolicyVersion[]; next: number } {
  const versions: (PolicyVersion & { offers: string[] })[] = [];
  let next = from;
  for (; next < lines.length; next += 1) {
    const line = lines[next] ?? '';
    const [, mark, version] = versionLine.exec(line) ?? [];
    const [, offer] = offerLine.exec(line) ?? [];
    if (version !== undefined) versions.push({ version, isInstalled: mark === '***', offers: [] });
    else if (offer !== undefined && versions.length > 0) versions.at(-1)?.offers.push(offer);
    else break;
  }
  return { versions, next };
}

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
