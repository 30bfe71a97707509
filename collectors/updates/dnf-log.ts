/**
 * dnf 4's log of what it did, /var/log/dnf.rpm.log, and dnf5's own history:
 *
 *     2026-11-23T11:13:36+0000 INFO --- logging initialized ---
 *     2026-11-23T11:13:36+0000 SUBDEBUG Upgrade: alpha-1.0-2.noarch
 *     2026-11-23T11:13:36+0000 SUBDEBUG Upgraded: alpha-1.0-1.noarch
 */
import type { PackageChange } from '../../schemas/generated/types.ts';
import { type Parsed, parsed, unparsed } from '../fact.ts';
import { change, type Found } from './history.ts';
import { instantOf } from './instant.ts';
import { isObject, objectsIn, parseJson, textIn } from './json-value.ts';
import { parseNevra } from './nevra.ts';

const row = /^(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2})([+-]\d{2}):?(\d{2}) ([A-Z]+) (.*)$/;
const changed =
  /^(Installed|Install|Upgraded|Upgrade|Downgraded|Downgrade|Reinstalled|Reinstall|Erased|Erase|Removed|Cleanup|Obsoleted|Obsolete): (\S+)$/;

type Step = { readonly word: string; readonly nevra: string };

/** Every run of dnf that changed packages, oldest first. Fails with `unexpected-log` where no line is one of the log's. */
export function parseDnfLog(text: string): Parsed<readonly Found[]> {
  const runs: { at: string; steps: Step[] }[] = [];
  let lines = 0;
  for (const line of text.toWellFormed().split('\n')) {
    const [, local, hours, minutes, , message = ''] = row.exec(line) ?? [];
    const epoch = Date.parse(`${local}${hours}:${minutes}`);
    if (local === undefined || Number.isNaN(epoch)) continue;
    lines += 1;
    if (message.includes('logging initialized')) runs.push({ at: instantOf(epoch), steps: [] });
    const [, word, nevra] = changed.exec(message) ?? [];
    if (word === undefined || nevra === undefined) continue;
    if (runs.length === 0) runs.push({ at: instantOf(epoch), steps: [] });
    runs.at(-1)?.steps.push({ word, nevra });
  }
  if (lines === 0 && text.trim() !== '') return unparsed('unexpected-log');
  return parsed(
    runs
      .filter(({ steps }) => steps.length > 0)
      .map(({ at, steps }) => ({ at, basis: 'log', changes: changesOf(steps) })),
  );
}

/** What came in is named before what went out; both together are one change. */
function changesOf(steps: readonly Step[]): PackageChange[] {
  const before = new Map<string, string>();
  for (const { word, nevra } of steps) {
    const found = parseNevra(nevra);
    if (/^(?:Upgraded|Downgraded|Cleanup|Replaced)$/.test(word) && found !== undefined)
      before.set(`${found.name}.${found.architecture}`, found.version);
  }
  return steps.flatMap(({ word, nevra }): PackageChange[] => {
    const found = parseNevra(nevra) ?? { name: nevra, version: undefined, architecture: undefined };
    const from = before.get(`${found.name}.${found.architecture}`);
    switch (word) {
      case 'Install':
      case 'Installed':
        return [change('installed', found, undefined, found.version)];
      case 'Upgrade':
        return [change('upgraded', found, from, found.version)];
      case 'Downgrade':
        return [change('downgraded', found, from, found.version)];
      case 'Reinstall':
        return [change('reinstalled', found, undefined, found.version)];
      case 'Erase':
      case 'Erased':
      case 'Remove':
      case 'Removed':
      case 'Obsoleted':
        return [change('removed', found, found.version)];
      default:
        return [];
    }
  });
}

/** `dnf5 history info 1..last --json`. Fails with `unexpected-json`. */
export function parseDnf5History(text: string): Parsed<readonly Found[]> {
  const json = parseJson(text);
  if (!json.ok) return json;
  if (!Array.isArray(json.value)) return unparsed('unexpected-json');
  const found: Found[] = [];
  for (const entry of json.value as readonly unknown[]) {
    const seconds = isObject(entry) ? entry['start_time'] : undefined;
    if (typeof seconds !== 'number' || !(seconds > 0 && seconds < 1e11)) return unparsed('unexpected-json');
    const steps = objectsIn(entry, 'packages').map((each) => ({
      word: textIn(each, 'action') ?? '',
      nevra: textIn(each, 'nevra') ?? '',
    }));
    const status = textIn(entry, 'status');
    found.push({
      at: instantOf(Math.trunc(seconds) * 1000),
      basis: 'log',
      commandLine: textIn(entry, 'description'),
      outcome: status === 'Ok' ? 'completed' : status === 'Error' ? 'failed' : 'unfinished',
      changes: changesOf(steps),
    });
  }
  return parsed(found.toSorted((a, b) => Date.parse(a.at) - Date.parse(b.at)));
}
