/** What clocks of administrators and of their factors look at in a bundle. */
import { type AttestationOf, attestationsOf } from './attestations.ts';
import type { AuditContext } from './context.ts';
import { type Day, dayOf, type When } from './days.ts';
import type { History } from './history-model.ts';
import { over } from './measure-facts.ts';
import type { MfaCell } from './model.ts';
import { oneFactorWays } from './one-factor.ts';
import type { CompiledClock } from './policy/fix-clock.ts';
import { cited, type Measure, type State } from './standing.ts';

/** Of accounts without any known login: since they were first seen. */
export function dormant({ entries }: History): Measure {
  const firstSeen = new Map<string, Day>();
  for (const entry of entries)
    if (entry.seen.admins?.status === 'observed')
      for (const { name } of entry.seen.admins.value) if (!firstSeen.has(name)) firstSeen.set(name, entry.day);
  return {
    states: (entry) => {
      const fact = entry.seen.admins;
      if (fact?.status !== 'observed') return undefined;
      return new Map(
        fact.value
          .filter(({ state, isMachine }) => isMachine !== true && (state === 'enabled' || state === 'unknown'))
          .map(({ name, lastLoginAt }): [string, State] => {
            const start: When = lastLoginAt ?? firstSeen.get(name) ?? entry.day;
            const reason =
              lastLoginAt === undefined
                ? `no login of ${name} is recorded; it is known since ${start}`
                : `${name} logged in last on ${dayOf(lastLoginAt)}`;
            return [name, { kind: 'bad', reason, start, evidence: cited({ ...fact, pointer: '/lastLogins' }, reason) }];
          }),
      );
    },
    title: (subject) => `the administrator ${subject} is not used and not disabled`,
    startKind: 'last-logon',
    startText: 'the last login, or the first evidence of the account',
    ages: true,
  };
}

/**
 * A review counts for the administrators that it looked at: those of the named bundle or document, as long as no
 * later bundle shows others. One of another server's, or of none that is here, says nothing of these.
 */
export function review(history: History, context: AuditContext): Measure {
  const { host, entries } = history;
  const first = entries[0]?.day;
  const reviews = attestationsOf(context.attestations, 'admins-reviewed', host, context.at)
    .filter(({ predicate }) => predicate.decision === 'accepted')
    .flatMap(({ predicate }) => {
      const upTo = lookedAtUntil(predicate, history);
      return upTo === undefined ? [] : [{ predicate, upTo }];
    });
  return {
    states: (entry) => {
      const fact = entry.seen.admins;
      if (fact?.status !== 'observed') return undefined;
      const last = reviews
        .filter(
          ({ predicate: { madeAt, expiresAt } }) =>
            dayOf(madeAt) <= entry.day && (expiresAt === undefined || dayOf(expiresAt) > entry.day),
        )
        .toSorted((one, other) => (dayOf(one.upTo) < dayOf(other.upTo) ? -1 : 1))
        .at(-1);
      const start = last?.upTo ?? first ?? entry.day;
      const reason =
        last === undefined
          ? 'nobody has attested that the administrators were reviewed'
          : `the administrators of ${dayOf(start)} were the last to be reviewed, by ${last.predicate.author.name}`;
      return new Map([
        [
          'administrators',
          {
            kind: 'bad',
            reason,
            start: dayOf(start),
            evidence: cited(fact, `${fact.value.length} administrators`),
          },
        ],
      ]);
    },
    title: () => 'the administrators were not reviewed in time',
    startKind: 'last-review',
    startText: 'the last signed review, or the first evidence where there is none',
    ages: true,
  };
}

/** The moment of the review, or the day of the last bundle with what it looked at, where others came before the review. */
function lookedAtUntil(
  { reviewed, madeAt }: AttestationOf<'admins-reviewed'>['predicate'],
  { entries }: History,
): When | undefined {
  const before = entries.filter(({ day }) => day <= dayOf(madeAt));
  const bundles = new Set(reviewed.flatMap((thing) => ('bundle' in thing ? [thing.bundle] : [])));
  const documents = new Set([
    ...reviewed.flatMap((thing) => ('document' in thing ? [thing.document] : [])),
    ...before.filter(({ bundle }) => bundles.has(bundle)).map((entry) => entry.documents['admins'] ?? ''),
  ]);
  const known = before.filter((entry) => entry.documents['admins'] !== undefined);
  const at = known.findLastIndex((entry) => documents.has(entry.documents['admins'] ?? ''));
  return at < 0 ? undefined : at === known.length - 1 ? madeAt : known[at]?.day;
}

/**
 * The built-in root account is left out: it cannot be taken away, and ways into it are judged as second factors.
 * So are accounts of machines, which are there as long as the machine is.
 */
export function standing({ clock }: CompiledClock, { host }: History, context: AuditContext): Measure {
  const glass = attestationsOf(context.attestations, 'break-glass', host, context.at);
  return {
    states: (entry) => {
      const fact = entry.seen.admins;
      if (fact === undefined) return undefined;
      return over(fact, 'standing administrators', (list) => {
        const declared = new Set(
          glass
            .filter(({ predicate }) => dayOf(predicate.madeAt) <= entry.day && dayOf(predicate.expiresAt) > entry.day)
            .flatMap(({ predicate }) => predicate.accounts.map(({ name }) => name)),
        );
        const held = list.filter(
          ({ name, standing: always, state, isMachine }) =>
            always &&
            isMachine !== true &&
            state !== 'locked' &&
            state !== 'expired' &&
            name !== 'root' &&
            !declared.has(name),
        );
        if (held.length <= (clock.atMost ?? 0)) {
          // A list that may lack some is none that is short enough.
          const [why] = entry.seen.adminsUnseen ?? [];
          return why === undefined
            ? { kind: 'ok' }
            : {
                kind: 'unknown',
                reason: `whether these are all administrators could not be seen: ${why}`,
                evidence: cited(fact, why),
              };
        }
        const names = held.map(({ name }) => name).join(', ');
        return {
          kind: 'bad',
          reason: `${held.length} accounts are administrators all the time: ${names}`,
          evidence: cited(fact, names.slice(0, 300)),
        };
      });
    },
    title: (_subject, verdict) =>
      verdict === 'fail' ? 'administrator rights are held all the time' : 'who holds administrator rights is not known',
    startKind: 'state-began',
    startText: 'the first bundle that shows it',
  };
}

/** By what was seen, which is one object for all bundles that saw the same; several clocks ask. */
type KnownFactors = WeakMap<object, ReadonlyMap<string, State>>;
const knownFactors: { readonly any: KnownFactors; readonly resistant: KnownFactors } = {
  any: new WeakMap(),
  resistant: new WeakMap(),
};

export function factors(resistant: boolean): Measure {
  const known = resistant ? knownFactors.resistant : knownFactors.any;
  const isWeak = ({ requirement, phishingResistant }: MfaCell): boolean =>
    oneFactorWays.has(requirement) || (resistant && requirement === 'required' && phishingResistant !== true);
  return {
    states: ({ seen: { factors: fact } }) => {
      if (fact?.status !== 'observed') return undefined;
      const before = known.get(fact);
      if (before !== undefined) return before;
      const accounts = new Map<string, State>();
      const ways = fact.value.cells.filter(({ kind }) => kind === 'entry');
      for (const account of new Set(ways.map((cell) => cell.account))) {
        const own = ways.filter((cell) => cell.account === account);
        const open = own.filter(isWeak);
        const unclear = own.filter(({ requirement }) => requirement === 'undetermined');
        const words = open.map(({ way, requirement }) => `${way}: ${inWords(requirement)}`).join('; ');
        const place = { ...fact, pointer: '' };
        if (open.length > 0)
          accounts.set(account, {
            kind: 'bad',
            reason: `${account} gets in with one factor: ${words}`,
            evidence: cited(place, words),
          });
        else if (unclear.length > 0)
          accounts.set(account, {
            kind: 'unknown',
            reason: unclear.map(({ way, witness }) => `${way}: ${witness[0] ?? 'not known'}`).join('; '),
            evidence: cited(place, unclear.map(({ way }) => way).join(', ')),
          });
        else accounts.set(account, { kind: 'ok' });
      }
      known.set(fact, accounts);
      return accounts;
    },
    title: (subject, verdict) =>
      verdict === 'fail'
        ? `the administrator ${subject} gets in without ${resistant ? 'a second factor that resists phishing' : 'a second factor'}`
        : `whether ${subject} has to show a second factor is not known`,
    startKind: 'state-began',
    startText: 'the first bundle that shows it',
  };
}

function inWords(requirement: string): string {
  const words: Readonly<Record<string, string>> = {
    notRequired: 'one factor is enough',
    optional: 'one is enough, two can be used',
    conditional: 'one is enough at times',
    requiredWithBypass: 'two, unless a bypass is used',
    required: 'two, that do not resist phishing',
  };
  return words[requirement] ?? requirement;
}

export const passwords: Measure = {
  states: (entry) => {
    const { admins, factors: ways } = entry.seen;
    if (admins?.status !== 'observed' || ways?.status !== 'observed') return undefined;
    const single = new Set(
      ways.value.cells
        .filter(({ kind, requirement }) => kind === 'entry' && oneFactorWays.has(requirement))
        .map(({ account }) => account),
    );
    return new Map(
      admins.value.flatMap(({ name, passwordChangedOn, state }): [string, State][] =>
        passwordChangedOn === undefined || state === 'locked' || !single.has(name)
          ? []
          : [
              [
                name,
                {
                  kind: 'bad',
                  reason: `the password of ${name}, enough to get in, is of ${passwordChangedOn}`,
                  start: passwordChangedOn,
                  evidence: cited({ ...admins, pointer: '/passwordStates' }, `changed ${passwordChangedOn}`),
                },
              ],
            ],
      ),
    );
  },
  title: (subject) => `the password of ${subject} is old, and the only factor`,
  startKind: 'state-began',
  startText: 'the password was changed',
  ages: true,
};
