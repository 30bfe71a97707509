/**
 * MSFT_MpPreference: what Microsoft Defender Antivirus was told. Where exclusions are hidden from who asks
 * a sentence stands in their place, which is no exclusion.
 * https://learn.microsoft.com/powershell/module/defender/get-mppreference
 */
import type { Fact, ProtectionExclusion } from '../../../../schemas/generated/types.ts';
import type { Digests } from '../../../collector.ts';
import { observed, unseen } from '../../../fact.ts';
import { integerOf, type Raw, textOf, textsOf } from '../../../raw-objects.ts';
import type { FactName, Values } from '../../product.ts';
import { windowsExclusionOf } from '../../windows-path-class.ts';

export const preferenceGives: readonly FactName[] = ['cloudProtection', 'attackSurfaceRules'];

export function preferenceValues(preference: Raw): Values {
  const maps = integerOf(preference['MAPSReporting']);
  const level = integerOf(preference['CloudBlockLevel']);
  const samples = integerOf(preference['SubmitSamplesConsent']);
  const rules = rulesOf(preference);
  return {
    ...(maps !== undefined && {
      cloudProtection: {
        enabled: maps > 0,
        ...(level !== undefined && { level: String(level) }),
        ...(samples !== undefined && { sampleSubmission: String(samples) }),
      },
    }),
    ...(rules !== undefined && { attackSurfaceRules: rules }),
  };
}

/** Not configured (5) and every number that we do not know is not "off": such a list is not stated. */
const actions: Readonly<Record<number, 'off' | 'block' | 'audit' | 'warn'>> = {
  0: 'off',
  1: 'block',
  2: 'audit',
  6: 'warn',
};

function rulesOf(preference: Raw): Values['attackSurfaceRules'] {
  if (!('AttackSurfaceReductionRules_Ids' in preference)) return undefined;
  const ids = textsOf(preference['AttackSurfaceReductionRules_Ids']);
  const given: unknown = preference['AttackSurfaceReductionRules_Actions'];
  const numbers: readonly unknown[] =
    given === null || given === undefined ? [] : Array.isArray(given) ? given : [given];
  if (ids === undefined || ids.length !== numbers.length) return undefined;
  const rules: NonNullable<Values['attackSurfaceRules']> = [];
  for (const [at, id] of ids.entries()) {
    const number = integerOf(numbers[at]);
    const plain = id.toLowerCase().replaceAll(/[{}]/g, '');
    if (!/^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(plain) || number === undefined) return undefined;
    if (number === 5) continue;
    const action = Object.hasOwn(actions, number) ? actions[number] : undefined;
    if (action === undefined) return undefined;
    rules.push({ id: plain, action });
  }
  return rules.slice(0, 128);
}

/** Allow and no action (learn.microsoft.com, MSFT_MpPreference); 0 and what is not stated leave it to the signatures. */
const sparing: ReadonlySet<number | undefined> = new Set([6, 9]);

/** Whether threats that it takes for high or severe are left alone when they are found. */
export function sparesThreats(preference: Raw): boolean {
  return ['HighThreatDefaultAction', 'SevereThreatDefaultAction'].some((name) =>
    sparing.has(integerOf(preference[name])),
  );
}

/** After how many days detections are forgotten; 0 is never. */
export function keptDaysOf(preference: Raw): number | undefined {
  const days = integerOf(preference['ScanPurgeItemsAfterDelay']);
  return days !== undefined && days > 0 ? days : undefined;
}

const kinds = [
  ['ExclusionPath', 'path'],
  ['ExclusionProcess', 'process'],
  ['ExclusionExtension', 'extension'],
  ['ExclusionIpAddress', 'address'],
] as const;

/** `N/A: Must be an administrator to view exclusions` and its kin. */
const hidden = /^N\/A\b/i;
const maxListed = 10_000;

/** Denied where any of the lists is hidden; a list that an old version does not know is none of its own. */
export function exclusionsOf(
  preference: Raw,
  digests: Digests,
  sources: readonly string[],
): Fact<ProtectionExclusion[]> {
  const list: ProtectionExclusion[] = [];
  if (!('ExclusionPath' in preference)) return unseen('unsupported', 'not-stated', sources);
  for (const [member, kind] of kinds) {
    const values = textsOf(preference[member]);
    if (values === undefined) return unseen('failed', 'unexpected-object', sources);
    if (values.some((value) => hidden.test(value))) return unseen('denied', 'exclusions-hidden', sources);
    for (const value of values) {
      // An exclusion without a text, or one that was cut off on its way, is not none.
      if (textOf(value) === undefined) return unseen('failed', 'unexpected-object', sources);
      list.push(windowsExclusionOf(value, { kind, ...(kind === 'path' && { recursive: true }) }, digests));
    }
  }
  return list.length > maxListed ? unseen('failed', 'too-many-entries', sources) : observed(list, ...sources);
}
