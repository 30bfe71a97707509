/** Administrators × ways in: whether a second factor is really required, with a witness for each. */
import type { Draft } from '../../collectors/collector.ts';
import type { Text } from '../../schemas/generated/types.ts';
import { type Verdict, verdictOf } from '../verdict.ts';
import { type AccountWays, waysToRoot } from '../ways-to-root.ts';
import { type Administrator, administratorOf } from './account.ts';
import { judgeEscalation } from './escalation.ts';
import { judgeConsole, judgeLoginServices, judgeRescue, judgeWebConsoles, type NamedJudged } from './machine-ways.ts';
import { judgePam, pamFiles } from './pam/judge-pam.ts';
import type { JudgePam } from './pam-judge.ts';
import { type Judged, type Requirement, worstOf } from './requirement.ts';
import { judgeSsh } from './ssh.ts';
import { shownText } from './text.ts';
import { judgeWindowsMfa } from './windows-matrix.ts';

export type JudgedWay = {
  /** ssh, console, a service, su, sudo, polkit, rescue … */
  readonly way: string;
  /** entry: gets somebody in. escalation: makes somebody root who is in already. */
  readonly kind: 'entry' | 'escalation';
  readonly judged: Judged;
};

export type AdministratorWays = {
  readonly name: Text;
  /** The worst of all ways in. */
  readonly worst: Requirement;
  /** The worst of what then makes root; `pathDisabled` for root itself. */
  readonly worstEscalation: Requirement;
  readonly ways: readonly JudgedWay[];
};

export type MfaVerdict = Verdict & {
  readonly administrators: readonly AdministratorWays[];
  /** Ways past the system that no server can see; nothing is known of them. */
  readonly outOfBand: readonly string[];
};

/** What stands beside the operating system. Whether it is there, and how it asks, an inventory has to say. */
export const outOfBand: readonly string[] = [
  'management controller of the hardware (IPMI, iDRAC, iLO)',
  'console of the hypervisor',
  "the cloud provider's serial console and agent",
];

/**
 * Fails where an administrator gets in with one factor or none on some way, passes where every way asks
 * for two. `interpreter` is for tests; it is the interpreter of PAM stacks.
 */
export function judgeMfa(mfa: Draft<'mfa'>, admins: Draft<'admins'>, interpreter: JudgePam = pamOf(mfa)): MfaVerdict {
  if (admins.windowsGroups.status !== 'not-applicable') return judgeWindowsMfa(mfa, admins);
  const found = waysToRoot(admins);
  const people = found.accounts.filter(isAdministrator).map((account) => administratorOf(account, admins));
  const root = people.find(({ name }) => name === 'root') ?? people.find(({ uid }) => uid === 0);
  const administrators = people.map((person) => judgePerson(mfa, admins, person, root, interpreter));
  const faults = administrators.flatMap(({ name, ways }) =>
    ways.filter(isFault).map(({ way, judged }) => `${shownText(name)}, ${way}: ${inWords(judged)}`),
  );
  const unknowns = administrators.flatMap(({ name, ways }) =>
    ways
      .filter(({ kind, judged }) => kind === 'entry' && judged.requirement === 'undetermined')
      .map(({ way, judged }) => `${shownText(name)}, ${way}: ${judged.unknowns[0] ?? 'not known'}`),
  );
  const nobody = administrators.length === 0 ? ['no administrator is known'] : [];
  return {
    ...verdictOf(faults, [...found.unknowns, ...unknowns, ...nobody]),
    administrators,
    outOfBand: [...outOfBand, ...agentsOf(admins)],
  };
}

/** Agents that run as root what their own console says: who gets into that console is not seen here. */
export function agentsOf({ outOfBandAgents }: Draft<'admins'>): string[] {
  if (outOfBandAgents.status !== 'observed') return [];
  return outOfBandAgents.value.agents.map(({ id }) => `console of the agent ${id}`);
}

const words: Readonly<Partial<Record<Requirement, string>>> = {
  notRequired: 'one factor is enough',
  optional: 'one factor is enough, though two can be used',
  conditional: 'one factor is enough at times',
  requiredWithBypass: 'two factors, unless a bypass is used',
};

export function inWords({ requirement, factors }: Judged): string {
  return factors?.length === 0 ? 'nothing is asked' : (words[requirement] ?? requirement);
}

/** Who only comes near root, or is stopped before it, is none. */
export function isAdministrator({ ways }: AccountWays): boolean {
  return ways.some(({ kind, reaches }) => reaches !== 'no' && kind !== 'group-indirect');
}

/** A password for sudo is no fault by itself: whoever is asked got in by an entry, which is judged. Nothing at all is one. */
export function isFault({ kind, judged }: JudgedWay): boolean {
  if (kind === 'escalation')
    return judged.factors?.length === 0 && /^(?:notRequired|optional|conditional)$/.test(judged.requirement);
  return /^(?:notRequired|optional|conditional|requiredWithBypass)$/.test(judged.requirement);
}

function judgePerson(
  mfa: Draft<'mfa'>,
  admins: Draft<'admins'>,
  person: Administrator,
  root: Administrator | undefined,
  interpreter: JudgePam,
): AdministratorWays {
  const entries: NamedJudged[] = [
    { way: 'ssh', judged: judgeSsh(mfa, person, interpreter) },
    { way: 'console', judged: judgeConsole(mfa, person, interpreter) },
    ...judgeLoginServices(mfa, person, interpreter),
    ...judgeWebConsoles(mfa, person, interpreter),
    ...(person.uid === 0 ? [{ way: 'rescue', judged: judgeRescue(mfa, person) }] : []),
  ];
  const escalations = judgeEscalation(mfa, admins, person, root, interpreter);
  return {
    name: person.name,
    worst: worstOf(entries.map(({ judged }) => judged.requirement)),
    worstEscalation: worstOf(escalations.map(({ judged }) => judged.requirement)),
    ways: [
      ...entries.map((each) => ({ ...each, kind: 'entry' as const })),
      ...escalations.map((each) => ({ ...each, kind: 'escalation' as const })),
    ],
  };
}

/** The interpreter over the files of a document. The same question is asked again and again: its answer is kept. */
export function pamOf(mfa: Draft<'mfa'>): JudgePam {
  const files = pamFiles(mfa);
  const answers = new Map<string, ReturnType<JudgePam>>();
  return (subject) => {
    const key = JSON.stringify(subject);
    const known = answers.get(key) ?? judgePam(mfa, files, subject);
    answers.set(key, known);
    return known;
  };
}

/** One cell of the matrix; undefined where the account is no administrator that is known, or has no such way. */
export function wayOf(verdict: MfaVerdict, account: string, way: string): JudgedWay | undefined {
  const person = verdict.administrators.find(({ name }) => shownText(name) === account);
  return person?.ways.find((each) => each.way === way);
}
