/**
 * What needs-restarting says, for dnf 4, yum and dnf5, in English under LC_ALL=C:
 *
 *     Core libraries or services have been updated since boot-up:
 *       * glibc
 *
 *     Reboot is required to fully utilize these updates.
 *
 * and as JSON `[{"type": "reboot", "reboot_required": true, "packages": ["glibc"]}]`. Its exit code 1 stands
 * for yes and for every error alike, so only what it prints counts.
 */
import type { RebootRequired } from '../../schemas/generated/types.ts';
import { type Parsed, parsed, unparsed } from '../fact.ts';
import { fieldText } from './field-text.ts';
import { isObject, listIn, parseJson } from './json-value.ts';

/** Fails with `no-answer`. */
export function parseNeedsRestarting(text: string): Parsed<RebootRequired> {
  if (/^Reboot (?:is required|is probably not necessary|should not be necessary)/im.test(text)) {
    const required = /^Reboot is required/im.test(text);
    const names = [...text.matchAll(/^ +\* (\S+)/gm)].map(([, name = '']) => name);
    return parsed(answer(required, names));
  }
  return unparsed('no-answer');
}

/** Fails with `no-answer`, `not-json` and `empty-output`. */
export function parseNeedsRestartingJson(text: string): Parsed<RebootRequired> {
  const json = parseJson(text);
  if (!json.ok) return json;
  const entries = Array.isArray(json.value) ? (json.value as readonly unknown[]) : [json.value];
  const entry = entries.find((each) => isObject(each) && typeof each['reboot_required'] === 'boolean');
  if (!isObject(entry)) return unparsed('no-answer');
  const names = listIn(entry, 'packages').filter((name) => typeof name === 'string');
  return parsed(answer(entry['reboot_required'] === true, names));
}

function answer(required: boolean, names: readonly string[]): RebootRequired {
  const packages = [...new Set(names)].slice(0, 1000).map((name) => fieldText(name, 256));
  return { required, ...(packages.length === 0 ? {} : { packages }) };
}
