/** What dpkg says is installed; its own database where there is no dpkg to ask. */
import type { Host } from '../../agent/host/host.ts';
import type { Fact } from '../../schemas/generated/types.ts';
import { observed, unseen } from '../fact.ts';
import { type DpkgPackage, parseDpkgQuery } from './dpkg-query.ts';
import { parseDpkgStatus } from './dpkg-status.ts';
import { incompleteDatabase } from './requirements.ts';
import { wholeFile, wholeOutput } from './whole-text.ts';

const database = '/var/lib/dpkg/status';
const folder = '/var/lib/dpkg/status.d';
const fileLists = '/var/lib/dpkg/info';
const maxBytes = 32 * 1024 * 1024;
/** Images that keep a stanza a file hold some dozen. */
const maxFiles = 1000;

export async function readDpkg(host: Host): Promise<Fact<readonly DpkgPackage[]>> {
  const answer = await host.exec('dpkg-query');
  const asked = wholeOutput(answer, parseDpkgQuery);
  if (asked.status === 'observed') return await unlessIncomplete(host, asked);
  if (answer.status !== 'absent' && answer.status !== 'unsupported') return asked;
  const file = await host.readFile(database, { maxBytes });
  const read = wholeFile(file, parseDpkgStatus);
  if (read.status === 'observed')
    return await unlessIncomplete(host, { ...read, sources: [...read.sources, ...asked.sources] });
  // An empty database beside a folder of stanzas is that of an image without dpkg.
  const isEmpty = file.status === 'absent' || (file.status === 'observed' && file.value.text.trim() === '');
  if (isEmpty) {
    const stanzas = await readFolder(host);
    if (stanzas !== undefined) return { ...stanzas, sources: [...stanzas.sources, ...asked.sources].slice(0, 64) };
  }
  return file.status === 'absent' || file.status === 'unsupported' ? asked : read;
}

/**
 * A database that was cut short between two stanzas is a shorter one, and dpkg-query says nothing of it. Of every package
 * that it knows it has files beside it, NAME.list or NAME:ARCH.list among them (dpkg-query(1), db-fsys:Files).
 */
async function unlessIncomplete(
  host: Host,
  asked: Extract<Fact<readonly DpkgPackage[]>, { status: 'observed' }>,
): Promise<Fact<readonly DpkgPackage[]>> {
  const listing = await host.list(fileLists);
  if (listing.status !== 'observed') return asked;
  const sources = [...asked.sources, listing.source];
  const [lost] = lostPackages(asked.value, listing.value);
  return lost === undefined
    ? observed(asked.value, ...sources)
    : unseen('failed', incompleteDatabase, sources, `not in the database: ${lost}`);
}

const packageName = /^[a-z0-9][a-z0-9+.-]*(?::[a-z0-9-]+)?$/;

/**
 * Packages of whose files there is a list, and that the database does not name. Removal takes every file but the list and
 * the last script (dpkg(1), --remove; so does a lost purge), and dpkg itself writes the sums of a package that brings
 * none: a list beside which there is nothing else is what somebody left over, not a package that is there.
 */
export function lostPackages(packages: readonly DpkgPackage[], files: readonly string[]): readonly string[] {
  const listed = new Set<string>();
  const there = new Set<string>();
  // Some five thousand names: sorted one by one, no list of pairs of them stays in memory.
  for (const file of files) {
    const dot = file.lastIndexOf('.');
    const [name, kind] = [file.slice(0, Math.max(0, dot)), file.slice(dot + 1)];
    if (!packageName.test(name) || !/^[a-z0-9]+$/.test(kind)) continue;
    if (kind === 'list') listed.add(name);
    else if (kind !== 'postrm') there.add(name);
  }
  for (const { name, architecture } of packages) {
    there.delete(name);
    there.delete(`${name}:${architecture}`);
  }
  return [...there].filter((name) => listed.has(name));
}

/** Undefined where there is no such folder. */
async function readFolder(host: Host): Promise<Fact<readonly DpkgPackage[]> | undefined> {
  const listing = await host.list(folder);
  if (listing.status !== 'observed') return undefined;
  const names = listing.value.filter((name) => !name.endsWith('.md5sums'));
  if (names.length > maxFiles) return unseen('failed', 'too-many-entries', [listing.source]);
  const packages: DpkgPackage[] = [];
  const sources = [listing.source];
  for (const name of names) {
    const stanza = wholeFile(await host.readFile(`${folder}/${name}`), parseDpkgStatus);
    if (stanza.status === 'absent')
      return unseen('failed', 'changed-while-reading', [...stanza.sources, listing.source]);
    if (stanza.status !== 'observed') return stanza;
    packages.push(...stanza.value);
    sources.push(...stanza.sources);
  }
  if (packages.length === 0) return unseen('failed', 'no-packages-listed', [listing.source]);
  return observed(packages, ...sources.slice(0, 32));
}
