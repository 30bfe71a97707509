/** The interpreter of PAM stacks as the judge of ways uses it: one function, and its ways in our words. */
import type { PamVerdict } from './pam/judge-pam.ts';
import type { PamSubject } from './pam/outcome.ts';
import type { WitnessStep } from './pam/search.ts';
import type { Success } from './requirement.ts';

/** What a service's auth and account stacks ask of a subject. Pure. */
export type JudgePam = (subject: PamSubject) => PamVerdict;

/** Successes of a verdict. Nothing that was not read comes out as "nobody gets in". */
export function pamSuccesses({ requirement, ways, stops, reasons }: PamVerdict, service: string): Success[] {
  const named = `PAM service ${service}`;
  if (ways.length === 0) {
    if (requirement === 'pathDisabled') return [];
    const why = `${named}: ${reasons.join(', ') || 'not known'}`;
    return [{ factors: [], steps: [why], unknown: why }];
  }
  const successes = ways.map(({ factors, certainty, when, witness }): Success => {
    const notes = witness.flatMap(({ because }) => (because === undefined ? [] : [because]));
    const why = [...new Set(notes)].join(', ') || reasons.join(', ') || 'not known';
    const proof =
      factors.length < 2
        ? []
        : stops.flatMap(({ holds, at }) => at.map((place) => `${holder(holds)} is stopped at ${place}`));
    return {
      factors,
      steps: [named, ...witness.map(stepText), ...proof],
      ...(when.length === 0 ? {} : { when: when.join(' and ') }),
      ...(certainty === 'bypass' ? { bypass: `${named}: ${why}` } : {}),
      ...(certainty === 'perhaps' ? { unknown: `${named}: ${why}` } : {}),
    };
  });
  // Only the smallest sets stand among the ways: that more can be asked is in the verdict alone.
  const more = requirement === 'optional' || requirement === 'conditional' || requirement === 'requiredWithBypass';
  return more
    ? [...successes, { factors: ['knowledge', 'possession'], steps: [`${named}: both can be used`] }]
    : successes;
}

function holder(holds: readonly string[]): string {
  return holds.length === 0 ? 'someone with nothing' : `someone with ${holds.join(' and ')} alone`;
}

function stepText({ file, line, module, outcome, because }: WitnessStep): string {
  return `${file}:${line} ${module}: ${outcome}${because === undefined ? '' : ` (${because})`}`;
}
