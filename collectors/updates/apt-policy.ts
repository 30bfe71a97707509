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
  const lines = new Lines(text.toWellFormed());
  if (lines.next === undefined) return unparsed('empty-output');
  const entries: PolicyEntry[] = [];
  while (lines.next !== undefined) {
    const at = lines.number;
    const [, label] = /^(\S{1,256}):$/.exec(lines.take()) ?? [];
    const [, installed] = installedLine.exec(lines.take()) ?? [];
    const [, candidate] = candidateLine.exec(lines.take()) ?? [];
    const isHead = label !== undefined && installed !== undefined && candidate !== undefined;
    if (!isHead || lines.take() !== '  Version table:') return unparsed('unexpected-line', `line ${at}`);
    entries.push({
      label,
      ...(installed === '(none)' ? {} : { installed }),
      ...(candidate === '(none)' ? {} : { candidate }),
      versions: versionsFrom(lines),
    });
  }
  return parsed(entries);
}

/** Up to the first line that is neither a version nor an offer of one. */
function versionsFrom(lines: Lines): PolicyVersion[] {
  const versions: (PolicyVersion & { offers: string[] })[] = [];
  for (; lines.next !== undefined; lines.take()) {
    const [, mark, version] = versionLine.exec(lines.next) ?? [];
    const [, offer] = version === undefined ? (offerLine.exec(lines.next) ?? []) : [];
    if (version !== undefined) versions.push({ version, isInstalled: mark === '***', offers: [] });
    else if (offer !== undefined && versions.length > 0) versions.at(-1)?.offers.push(offer);
    else break;
  }
  return versions;
}

/** One line after the other: seven thousand of them at once would be the most that a collection holds. */
class Lines {
  /** Undefined behind the last. */
  next: string | undefined;
  /** That of `next`, from 1 on. */
  number = 0;
  readonly #text: string;
  #from = 0;

  constructor(text: string) {
    this.#text = text;
    this.take();
  }

  /** The line, and none is the empty one. */
  take(): string {
    const taken = this.next ?? '';
    const end = this.#text.indexOf('\n', this.#from);
    // What follows the last line feed is a line only where there is something.
    this.next = this.#from >= this.#text.length ? undefined : this.#text.slice(this.#from, end < 0 ? undefined : end);
    this.#from = end < 0 ? this.#text.length : end + 1;
    this.number += 1;
    return taken;
  }
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
