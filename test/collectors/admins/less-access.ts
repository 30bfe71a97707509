/** Looks for the worst that the judge of administrators can do: to name less access because something could not be seen. */
import type { Host } from '../../../agent/host/host.ts';
import { admins } from '../../../collectors/admins/index.ts';
import type { Draft } from '../../../collectors/collector.ts';
import { shownText } from '../../../judge/mfa/text.ts';
import { type RootVerdict, waysToRoot } from '../../../judge/ways-to-root.ts';
import { assertValid, digests, type Interference, spoilt } from '../each-source-denied.ts';
import { watched } from '../edr/false-fine.ts';

const hows: readonly Interference[] = ['denied', 'timed-out', 'failed', 'unsupported', 'truncated', 'garbled'];

export async function verdictOn(host: Host, at: string): Promise<RootVerdict> {
  const drafts = await admins.collect(host, digests);
  assertValid(drafts, 'admins');
  return waysToRoot(drafts.admins as Draft<'admins'>, at);
}

type Access = { readonly way: string; readonly free: boolean; readonly far: number };
const far = { no: 0, unknown: 1, yes: 2 } as const;

/** Every way of everybody, by a name for each. */
function accessIn({ accounts }: RootVerdict): Map<string, Access> {
  return new Map(
    accounts.flatMap(({ name, ways }) =>
      ways.map(({ kind, via, withoutPassword, reaches }): [string, Access] => {
        const way = `${shownText(name)} by ${kind} through ${via}`;
        return [way, { way, free: withoutPassword, far: far[reaches] }];
      }),
    ),
  );
}

/**
 * What the second verdict no longer says of access: a way that is gone, asks for a password now, or no longer leads to
 * root; an account that is no longer open; a fault. Nothing where it passes less and names an unknown that the first had not.
 */
export function lessAccess(before: RootVerdict, after: RootVerdict): readonly string[] {
  if (after.outcome === 'pass' && before.outcome !== 'pass') return ['passes'];
  if (after.unknowns.some((unknown) => !before.unknowns.includes(unknown))) return [];
  const left = accessIn(after);
  const lost = [...accessIn(before).values()].flatMap(({ way, free, far: reach }) => {
    const now = left.get(way);
    if (now === undefined) return [`${way} is gone`];
    return [
      ...(free && !now.free ? [`${way} asks for a password`] : []),
      ...(now.far < reach ? [`${way} is short`] : []),
    ];
  });
  const states = new Map(after.accounts.map(({ name, state }) => [shownText(name), state]));
  const closed = before.accounts.flatMap(({ name, state }) => {
    const now = states.get(shownText(name));
    return state === 'enabled' && (now === 'locked' || now === 'expired') ? [`${shownText(name)} is ${now}`] : [];
  });
  const faults = before.faults.filter((fault) => !after.faults.includes(fault));
  return [...lost, ...closed, ...faults.map((fault) => `no longer: ${fault}`)];
}

/** Every source that the collector asks for, spoilt in every way that tells nothing. */
export async function silentLosses(host: () => Host, at: string): Promise<{ cases: number; wrong: string[] }> {
  const sources = new Set<string>();
  const before = await verdictOn(watched(host(), sources), at);
  const wrong: string[] = [];
  let cases = 0;
  for (const source of sources)
    for (const how of hows) {
      // What is no key is none to sshd either, which passes over it (sshd(8)): such a file says truly that it holds none.
      if (how === 'garbled' && source.includes('authorized_keys')) continue;
      const after = await verdictOn(spoilt(host(), source, how), at);
      wrong.push(...lessAccess(before, after).map((lost) => `${source} ${how}: ${lost}`));
      cases += 1;
    }
  return { cases, wrong };
}
