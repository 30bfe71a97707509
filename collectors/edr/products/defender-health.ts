/** `mdatp health`, both forms, under the names of the text form: `real_time_protection_enabled`. */
import { type Parsed, parsed, unparsed } from '../../fact.ts';
import { toText } from '../../text.ts';
import { shortText } from '../key-values.ts';
import { momentOfEnglish, momentOfMilliseconds } from '../moments.ts';
import type { FactName, Values } from '../product.ts';

/** Values by name; `unavailable` and nothing at all are left out, lists of texts stay lists. */
export type Health = {
  readonly values: ReadonlyMap<string, string | boolean | readonly string[]>;
  /** Names that the console has set, which nobody can change here. */
  readonly managed: ReadonlySet<string>;
};

/** The JSON form: camelCase names; what can be managed stands in a wrapper with `value`, states in one with `$type`. */
export function parseHealthJson(text: string): Parsed<Health> {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return unparsed('not-json');
  }
  if (typeof json !== 'object' || json === null || Array.isArray(json)) return unparsed('unexpected-json');
  const values = new Map<string, string | boolean | readonly string[]>();
  const managed = new Set<string>();
  for (const [name, member] of Object.entries(json)) {
    const value = plainValue(member);
    if (value !== undefined) values.set(snakeCase(name), value);
    if (typeof member === 'object' && member !== null && 'isManaged' in member && member.isManaged === true)
      managed.add(snakeCase(name));
  }
  return values.has('healthy') || values.has('app_version') ? parsed({ values, managed }) : unparsed('unexpected-json');
}

function plainValue(member: unknown, depth = 0): string | boolean | readonly string[] | undefined {
  if (typeof member === 'string') return member === 'unavailable' ? undefined : member;
  if (typeof member === 'boolean') return member;
  if (typeof member === 'number') return String(member);
  if (Array.isArray(member)) return member.every((each) => typeof each === 'string') ? member : undefined;
  if (typeof member !== 'object' || member === null || depth > 0) return undefined;
  const { value, $type }: { value?: unknown; $type?: unknown } = member;
  return plainValue(value ?? $type, 1);
}

/** `definitionsUpdatedMinutesAgo` is `definitions_updated_minutes_ago`; `upToDate` stays as it is. */
function snakeCase(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

/**
 * The text form, `name : value` with the mark `[managed]`. Lines that warn come before it, comment marks
 * and curly quotes where somebody copied it.
 */
export function parseHealthText(text: string): Parsed<Health> {
  const values = new Map<string, string | boolean | readonly string[]>();
  const managed = new Set<string>();
  for (const line of text.split('\n')) {
    const match = /^[\s/#]*([a-z][a-z0-9_]{2,63})[ \t]*:[ \t]*(\S.*?)?\s*$/.exec(line);
    const [, name, written = ''] = match ?? [];
    if (name === undefined || values.has(name)) continue;
    if (written.endsWith('[managed]')) managed.add(name);
    const value = textValue(written.replace(/\s*\[managed\]$/, ''));
    if (value !== undefined) values.set(name, value);
  }
  return [...values.keys()].some((name) => known.has(name))
    ? parsed({ values, managed })
    : unparsed('unexpected-output');
}

function textValue(written: string): string | boolean | readonly string[] | undefined {
  if (written === 'true' || written === 'false') return written === 'true';
  if (written === '' || written === 'unavailable') return undefined;
  if (written.startsWith('[') && written.endsWith(']')) {
    const inside = written.slice(1, -1).trim();
    if (inside === '') return [];
    return inside.split(/,(?=\s*["“])/).map((each) => each.trim().replaceAll(/^["“]|["”]$/g, ''));
  }
  return /^["“].*["”]$/.test(written) ? written.slice(1, -1) : written;
}

const known = new Set(['healthy', 'app_version', 'real_time_protection_enabled', 'definitions_status', 'licensed']);

/** Every fact that the health speaks of. */
export const healthGives: readonly FactName[] = [
  'version',
  'engineVersion',
  'mode',
  'realTimeProtection',
  'behaviourMonitoring',
  'cloudProtection',
  'signatureVersion',
  'signatureUpdatedAt',
  'tamperProtection',
  'licence',
  'conflicts',
  'vendorHealth',
];

export function healthValues({ values: health, managed }: Health): Values {
  const text = (name: string): string | undefined => {
    const value = health.get(name);
    return typeof value === 'string' && value !== '' ? value : undefined;
  };
  const flag = (name: string): boolean | undefined => {
    const value = health.get(name);
    return typeof value === 'boolean' ? value : undefined;
  };
  const list = (name: string): readonly string[] | undefined => {
    const value = health.get(name);
    return typeof value === 'object' ? value : undefined;
  };
  const version = shortText(text('app_version'));
  const engine = shortText(text('engine_version'));
  const signatures = shortText(text('definitions_version'));
  const updated = text('definitions_updated');
  const moment = momentOfMilliseconds(updated) ?? (updated === undefined ? undefined : momentOfEnglish(updated));
  const healthy = flag('healthy');
  const issues = list('health_issues');
  const conflicts = list('conflicting_applications');
  const mode = modeOf(flag('passive_mode_enabled'), flag('troubleshooting_mode'));
  const realTime = realTimeOf(
    flag('real_time_protection_enabled'),
    flag('real_time_protection_available'),
    text('real_time_protection_subsystem'),
  );
  const behaviour = text('behavior_monitoring');
  const cloud = flag('cloud_enabled');
  const sample = text('cloud_automatic_sample_submission_consent');
  const tamper = tamperOf(text('tamper_protection'));
  const licensed = flag('licensed');
  const expiration = text('product_expiration');
  const expires =
    momentOfMilliseconds(expiration) ?? (expiration === undefined ? undefined : momentOfEnglish(expiration));
  return {
    ...(version !== undefined && { version }),
    ...(engine !== undefined && { engineVersion: engine }),
    ...(signatures !== undefined && { signatureVersion: signatures }),
    ...(moment !== undefined && { signatureUpdatedAt: { moment, basis: 'installed' } }),
    ...(mode !== undefined && { mode }),
    ...(realTime !== undefined && {
      realTimeProtection: {
        ...realTime,
        ...(managed.has('real_time_protection_enabled') && { setBy: 'policy' as const }),
      },
    }),
    ...(/^(?:enabled|disabled)$/.test(behaviour ?? '') && { behaviourMonitoring: behaviour === 'enabled' }),
    ...(cloud !== undefined && {
      cloudProtection: { enabled: cloud, ...(sample !== undefined && { sampleSubmission: toText(sample) }) },
    }),
    ...(tamper !== undefined && {
      tamperProtection: { ...tamper, ...(managed.has('tamper_protection') && { setBy: 'policy' as const }) },
    }),
    ...(licensed !== undefined && {
      licence: { state: licensed ? 'licensed' : 'unlicensed', ...(expires !== undefined && { expires }) },
    }),
    ...(conflicts !== undefined && { conflicts: conflicts.slice(0, 128).map(toText) }),
    ...((healthy !== undefined || issues !== undefined) && {
      vendorHealth: {
        ...(healthy !== undefined && { healthy }),
        ...(issues !== undefined && { issues: issues.slice(0, 128).map(toText) }),
      },
    }),
  };
}

/** A mode is only known where the product says whether it is passive. */
function modeOf(passive: boolean | undefined, troubleshooting: boolean | undefined): Values['mode'] {
  if (passive === undefined) return undefined;
  return {
    mode: passive ? 'passive' : 'active',
    verbatim: `passive_mode_enabled: ${passive}`,
    ...(troubleshooting !== undefined && { troubleshooting }),
  };
}

function realTimeOf(
  enabled: boolean | undefined,
  available: boolean | undefined,
  subsystem: string | undefined,
): Values['realTimeProtection'] {
  if (enabled === undefined) return undefined;
  return {
    enabled,
    ...(available !== undefined && { available }),
    ...(subsystem !== undefined && { subsystem: toText(subsystem) }),
  };
}

function tamperOf(word: string | undefined): Values['tamperProtection'] {
  const states: Readonly<Record<string, 'on' | 'audit' | 'off'>> = { block: 'on', audit: 'audit', disabled: 'off' };
  const state = word === undefined || !Object.hasOwn(states, word) ? undefined : states[word];
  return state === undefined || word === undefined ? undefined : { state, verbatim: word };
}
