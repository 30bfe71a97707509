/**
 * The replays: an Exchange server from 1 July 2020 to 31 December 2021 in ten lives. Builds and dates of updates
 * are public facts; what the mail server of the case ran, and the days on which it was broken into, are not
 * public, and are assumed (docs/case.md).
 */

import { addDays, type Day } from '../../audit/days.ts';
import type { DetectedThreat } from '../../schemas/generated/types.ts';
import { type DetectorState, draftMaker, type ServerState } from './exchange-server.ts';
import { type AccessDrafts, collectAccess } from './mail-access.ts';
import { everyDirectory } from './mail-answers.ts';
import type { Series } from './series.ts';

export const firstDay: Day = '2020-07-01';
export const lastDay: Day = '2021-12-31';
/** Assumed: the first web shell. */
export const compromisedOn: Day = '2021-08-16';
/** Assumed: the last detection, and the day on which the organisation noticed. */
export const lastDetectionOn: Day = '2021-11-16';
export const noticedOn: Day = '2021-12-01';
const detectionCount = 54;

/** The four folders whose exclusion Microsoft withdrew in 2023, and that every guide told to exclude until then. */
const exclusions = ['exchange-frontend-auth', 'iis-temporary', 'iis-system'] as const;

/** 54 files over 93 days; the first three within two days. */
export const detections: readonly DetectedThreat[] = Array.from({ length: detectionCount }, (_unused, at) => {
  const day =
    at < 3
      ? addDays(compromisedOn, at === 2 ? 1 : 0)
      : addDays(compromisedOn, 1 + Math.floor(((at - 2) * 91) / (detectionCount - 3)));
  return {
    name: at % 3 === 0 ? 'Backdoor:ASP/Chopper.F!dha' : 'Backdoor:JS/Webshell.A',
    threatId: '2147734098',
    severity: 'severe',
    firstSeen: { at: `${day}T0${at % 10}:30:00Z` },
    state: 'removed',
    pathClass: at % 2 === 0 ? 'web-application' : 'exchange-frontend-auth',
    extension: 'aspx',
    sha256: (at + 1).toString(16).padStart(64, '0'),
  };
});

/** Assumed: six people administer the server all the time, and every way into the mail takes a password. */
export const sixStanding = {
  domainAdmins: ['alice', 'bob', 'dana', 'erik'],
  organizationManagement: ['exadmin', 'contractor'],
} as const;
export const passwordsEverywhere = { passwordsAt: everyDirectory, modern: false } as const;
/** Somebody who logs on now and then is seen to have done so on the first of the month. */
export const monthOf = (day: Day): Day => `${day.slice(0, 8)}01`;
const access = new Map<Day, AccessDrafts>();
for (let day = firstDay; day <= lastDay; day = addDays(day, 1))
  if (day === monthOf(day))
    access.set(day, await collectAccess({ ...sixStanding, ...passwordsEverywhere, loggedOn: day }));

function accessOn(day: Day): AccessDrafts {
  const found = access.get(monthOf(day));
  if (found === undefined) throw new Error(`nothing was collected for ${day}`);
  return found;
}

function detectorOn(day: Day, attacked: boolean): DetectorState {
  return {
    exclusions: attacked ? exclusions : [],
    signaturesOn: day,
    detections: attacked
      ? detections.filter(
          ({ firstSeen }) => firstSeen !== undefined && 'at' in firstSeen && firstSeen.at.slice(0, 10) <= day,
        )
      : [],
    forwarded: !attacked,
    // Tested on the first of each month where somebody cares.
    ...(!attacked && { provedOn: `${day.slice(0, 8)}01` }),
  };
}

type Life = {
  readonly name: string;
  readonly attacked?: boolean;
  readonly on: (day: Day) => Omit<ServerState, 'name'> | undefined;
};

/** A build from a day on. */
function builds(steps: readonly (readonly [Day, string])[]): (day: Day) => { build: string } {
  return (day) => ({ build: steps.findLast(([from]) => from <= day)?.[1] ?? steps[0]?.[1] ?? '' });
}

/** Each cumulative update within 14 days, each security update within two. */
const wellKept: readonly (readonly [Day, string])[] = [
  ['2020-06-20', '15.1.2044.4'],
  ['2020-09-10', '15.1.2044.6'],
  ['2020-09-25', '15.1.2106.2'],
  ['2020-10-15', '15.1.2106.3'],
  ['2020-11-12', '15.1.2106.4'],
  ['2020-12-10', '15.1.2106.6'],
  ['2020-12-28', '15.1.2176.2'],
  ['2021-02-11', '15.1.2176.4'],
  ['2021-03-03', '15.1.2176.9'],
  ['2021-03-26', '15.1.2242.4'],
  ['2021-04-15', '15.1.2242.8'],
  ['2021-05-13', '15.1.2242.10'],
  ['2021-07-10', '15.1.2308.8'],
  ['2021-07-15', '15.1.2308.14'],
  ['2021-10-08', '15.1.2375.7'],
  ['2021-10-14', '15.1.2375.12'],
  ['2021-11-11', '15.1.2375.17'],
];

const neverAgain = builds([
  ['2020-06-01', '15.1.1979.3'],
  ['2020-07-08', '15.1.2044.4'],
]);

const lives: readonly Life[] = [
  { name: 'msg-2016', attacked: true, on: neverAgain },
  { name: 'msg-2013', attacked: true, on: builds([['2020-06-01', '15.0.1497.6']]) },
  {
    name: 'msg-2019',
    attacked: true,
    on: builds([
      ['2020-06-01', '15.2.595.3'],
      ['2020-07-08', '15.2.659.4'],
    ]),
  },
  {
    name: 'false-comfort',
    on: builds([
      ['2020-12-20', '15.1.2176.2'],
      ['2021-03-05', '15.1.2176.9'],
    ]),
  },
  {
    name: 'claimed-but-not',
    on: (day) => ({
      ...neverAgain(day),
      ...(day >= '2020-09-20' && { claimedKb: 'KB4577352', failedKb: 'KB4577352' }),
    }),
  },
  {
    name: 'half-installed',
    on: (day) =>
      day < '2020-09-10' ? neverAgain(day) : { build: '15.1.2044.6', oldFile: '15.1.2044.4', disabledService: 'W3SVC' },
  },
  { name: 'good', on: builds(wellKept) },
  {
    name: 'gap',
    attacked: true,
    on: (day) => (day >= '2020-11-01' && day <= '2020-11-20' ? undefined : neverAgain(day)),
  },
  {
    name: 'mitigated',
    on: (day) => ({
      ...builds([['2020-06-01', '15.1.2044.12']])(day),
      ...(day >= '2021-03-16' && { mitigations: ['M1.1'] }),
    }),
  },
  {
    name: 'rollback',
    on: builds([
      ['2020-06-01', '15.1.2044.4'],
      ['2020-10-01', '15.1.2044.6'],
      ['2020-10-02', '15.1.2044.4'],
    ]),
  },
];

/** `false-comfort` begins with the cumulative update that it speaks of. */
const begins: Readonly<Record<string, Day>> = { 'false-comfort': '2020-12-20' };

export const fixtureNames: readonly string[] = lives.map(({ name }) => name);

export function fixture(name: string): Series {
  const life = lives.find((each) => each.name === name);
  if (life === undefined) throw new Error(`there is no replay ${name}`);
  const make = draftMaker();
  return {
    name,
    from: begins[name] ?? firstDay,
    to: lastDay,
    draftsOn: (day) => {
      const state = life.on(day);
      return state === undefined
        ? undefined
        : make({
            server: { name: 'mail1', ...state },
            detector: detectorOn(day, life.attacked === true),
            // The other lives speak of updates; who administers them was not recorded.
            access: life.attacked === true ? accessOn(day) : { mfa: accessOn(firstDay).mfa },
          });
    },
  };
}
