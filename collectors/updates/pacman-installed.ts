/** What pacman says is installed, and whether its database, a folder a package, still has all of them. */
import type { Host } from '../../agent/host/host.ts';
import type { Fact } from '../../schemas/generated/types.ts';
import { mapFact, observed, unseen } from '../fact.ts';
import { byCodePoint } from './field-text.ts';
import type { Found } from './history.ts';
import { parsePacmanLog } from './pacman-log.ts';
import { type PacmanPackage, parsePacmanInfo } from './pacman-query.ts';
import { incompleteDatabase, requirementsUnmet, unmetNeeds } from './requirements.ts';
import { wholeFile, wholeOutput } from './whole-text.ts';

const folder = '/var/lib/pacman/local';
const logBytes = 32 * 1024 * 1024;

type Installed = {
  /** By code point of their names. */
  readonly installed: Fact<readonly PacmanPackage[]>;
  readonly log: Fact<readonly Found[]>;
};

export async function readPacman(host: Host): Promise<Installed> {
  const asked = mapFact(wholeOutput(await host.exec('pacman-installed'), parsePacmanInfo), (packages) =>
    packages.toSorted((a, b) => byCodePoint(a.name, b.name)),
  );
  const log = wholeFile(await host.readFile('/var/log/pacman.log', { maxBytes: logBytes }), parsePacmanLog);
  if (asked.status !== 'observed') return { installed: asked, log };
  const listing = await host.list(folder);
  const folders = listing.status === 'observed' ? listing.value : [];
  const short = shortOf(asked.value, folders, log.status === 'observed' ? log.value : []);
  const sources = [...asked.sources, listing.source, ...log.sources];
  return {
    installed:
      short === undefined ? observed(asked.value, ...sources) : unseen('failed', short.reason, sources, short.detail),
    log,
  };
}

/**
 * Why the list is not believed; undefined where nothing speaks against it.
 *
 * Of two folders for one package pacman names one, with a word on stderr and exit code 0 (be_local.c). A folder that is gone leaves nothing behind but the log, in which the package was installed and
 * never removed, and whoever needs it. Taken away by force (`pacman -Rdd`) it was removed, and the log says so; where the log
 * reaches back to every package that is there, what it never saw was never there either (`--assume-installed`). A snapshot
 * that was restored without the log beside it looks like a loss: it is one, and that is all that is said.
 */
export function shortOf(
  packages: readonly PacmanPackage[],
  folders: readonly string[],
  log: readonly Found[],
): { readonly reason: string; readonly detail: string } | undefined {
  const names = new Set(packages.map(({ name }) => name));
  const known = new Set(packages.map(({ name, version }) => `${name}-${version}`));
  const unnamed = folders.find((each) => /^.+-[^-]+-[^-]+$/.test(each) && !known.has(each));
  if (unnamed !== undefined) return { reason: incompleteDatabase, detail: `pacman does not name: ${unnamed}` };
  const last = new Map<string, string>();
  for (const { changes } of log) for (const { name, action } of changes) last.set(name, action);
  const lost = [...last].find(([name, action]) => action !== 'removed' && !names.has(name));
  if (lost !== undefined)
    return { reason: incompleteDatabase, detail: `installed by the log, and not in the database: ${lost[0]}` };
  if (packages.every(({ name }) => last.has(name))) return undefined;
  const unmet = unmetNeeds(packages).find(({ name }) => last.get(name) !== 'removed');
  return unmet === undefined
    ? undefined
    : { reason: requirementsUnmet, detail: `${unmet.name}, needed by ${unmet.by}` };
}
