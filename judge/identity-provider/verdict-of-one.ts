import type { DirectoryAdministrator } from '../../schemas/generated/types.ts';
import type { Requirement } from '../mfa/requirement.ts';

/** The answer for one administrator, with what it rests on. */
export type JudgedAdministrator = {
  readonly id: string;
  readonly name: string;
  readonly class: DirectoryAdministrator['class'];
  readonly requirement: Requirement;
  /** The policies or settings that ask for a second factor, by name. */
  readonly decidedBy: readonly string[];
  /** Policies that would ask, and why they leave this account out or do not count. */
  readonly exclusions: readonly string[];
  /** By what someone gets in with least, or what shows that two factors are always asked for. */
  readonly witness: readonly string[];
  readonly bypasses: readonly string[];
  readonly unknowns: readonly string[];
  /** Whether every way in resists phishing. */
  readonly phishingResistant: boolean;
};

export type Answer = Omit<JudgedAdministrator, 'id' | 'name' | 'class'>;

/** Best first: what several settings ask for together is the best of them. */
const better: readonly Requirement[] = [
  'pathDisabled',
  'required',
  'requiredWithBypass',
  'conditional',
  'undetermined',
  'optional',
  'notRequired',
];

export function best(answers: readonly Answer[], otherwise: Answer): Answer {
  return (
    answers.toSorted((one, other) => better.indexOf(one.requirement) - better.indexOf(other.requirement))[0] ??
    otherwise
  );
}

export function unknownAnswer(why: string): Answer {
  return {
    requirement: 'undetermined',
    decidedBy: [],
    exclusions: [],
    witness: [why],
    bypasses: [],
    unknowns: [why],
    phishingResistant: false,
  };
}
