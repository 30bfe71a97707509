/**
 * The mail server after the fine of 20 October 2025, as it might come into order: the third replay. Which steps
 * were taken, and when, is not public; all of them are assumed. Builds and dates of updates are public.
 */
import { addDays, type Day } from '../../audit/days.ts';
import exchange from '../../catalogue/exchange.json' with { type: 'json' };
import type { DetectedThreat } from '../../schemas/generated/types.ts';
import { draftMaker } from './exchange-server.ts';
import { monthOf, passwordsEverywhere, sixStanding } from './fixtures.ts';
import { type AccessDrafts, type AccessState, collectAccess } from './mail-access.ts';
import type { Series } from './series.ts';

export const finedOn: Day = '2025-10-20';
export const recoveryEnds: Day = '2026-03-31';

/** What is done on which day. */
export const steps = {
  /** Exclusions withdrawn, logs forwarded, detection tested from then on each month. */
  detectorMended: '2025-11-03',
  /** Updates installed within three days from then on. */
  updatesCaughtUp: '2025-11-05',
  /** A file is removed by the scanner, and a person looks at it nine days later. */
  detectedOn: '2025-11-10',
  reviewedOn: '2025-11-19',
  /** Nobody is an administrator all the time any more, but for one day of haste. */
  adminsTemporary: '2025-12-01',
  relapse: '2025-12-20',
  /** OWA, EWS and ActiveSync take tokens alone; ECP is forgotten and follows. */
  modern: '2026-01-12',
  ecpFollows: '2026-01-26',
} as const;

/** The day after each month's updates: somebody is an administrator for two hours. */
export const maintenance: readonly Day[] = ['2025-12-10', '2026-01-14', '2026-02-11', '2026-03-11'];

const detected: DetectedThreat = {
  name: 'Backdoor:JS/Webshell.A',
  threatId: '2147734098',
  severity: 'severe',
  firstSeen: { at: `${steps.detectedOn}T08:30:00Z` },
  state: 'removed',
  pathClass: 'web-application',
  extension: 'aspx',
  sha256: 'f'.repeat(64),
};

function accessOn(day: Day): AccessState {
  const nobody = { domainAdmins: [], organizationManagement: [] };
  const who =
    day < steps.adminsTemporary
      ? sixStanding
      : { ...nobody, ...(day === steps.relapse && { domainAdmins: ['contractor'] as const }) };
  const ways =
    day < steps.modern
      ? passwordsEverywhere
      : { passwordsAt: day < steps.ecpFollows ? (['ecp'] as const) : [], modern: true, smartCards: true };
  return {
    ...who,
    ...ways,
    loggedOn: monthOf(day),
    ...(maintenance.includes(day) && { temporary: { day, people: ['alice'] as const } }),
  };
}

/** Exchange Subscription Edition, behind at first, then each update on the third day. */
function buildOn(day: Day): string {
  const released = new Map(exchange.updates.map(({ id, releasedOn }) => [id, releasedOn]));
  const until = day < steps.updatesCaughtUp ? '2025-10-01' : addDays(day, -2);
  const builds = exchange.builds.filter(
    ({ product, update }) => product === 'exchange-se' && (released.get(update) ?? '9') <= until,
  );
  const build = builds.at(-1)?.build;
  if (build === undefined) throw new Error(`the catalogue has no build of exchange-se on ${day}`);
  return build;
}

export async function recoverySeries(): Promise<Series> {
  const made = new Map<string, AccessDrafts>();
  for (let day = finedOn; day <= recoveryEnds; day = addDays(day, 1)) {
    const state = accessOn(day);
    const key = JSON.stringify(state);
    if (!made.has(key)) made.set(key, await collectAccess(state));
  }
  const make = draftMaker();
  return {
    name: 'recovery',
    from: finedOn,
    to: recoveryEnds,
    draftsOn: (day) => {
      const mended = day >= steps.detectorMended;
      const access = made.get(JSON.stringify(accessOn(day)));
      if (access === undefined) throw new Error(`nothing was collected for ${day}`);
      return make({
        server: { name: 'mail1', build: buildOn(day) },
        detector: {
          exclusions: mended ? [] : ['exchange-frontend-auth', 'iis-temporary', 'iis-system'],
          signaturesOn: day,
          detections: day < steps.detectedOn ? [] : [detected],
          forwarded: mended,
          ...(mended && { provedOn: day < '2025-12-01' ? steps.detectorMended : `${day.slice(0, 8)}01` }),
        },
        access,
      });
    },
  };
}
