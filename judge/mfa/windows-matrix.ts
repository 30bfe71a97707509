/** Administrators of a Windows machine × ways in. */
import type { Draft } from '../../collectors/collector.ts';
import type { Text, Unseen } from '../../schemas/generated/types.ts';
import { verdictOf } from '../verdict.ts';
import { type AccountWays, waysToRoot } from '../ways-to-root.ts';
import {
  type AdministratorWays,
  agentsOf,
  inWords,
  isAdministrator,
  isFault,
  type MfaVerdict,
  outOfBand,
} from './matrix.ts';
import { disabled, undetermined, worstOf } from './requirement.ts';
import { shownText } from './text.ts';
import { judgeWindows } from './windows.ts';

/** Everyone, Network, Authenticated Users, Users: what every token over the network holds. */
const everybody = ['S-1-1-0', 'S-1-5-2', 'S-1-5-11', 'S-1-5-32-545'];
/** Local account; local account and member of Administrators. */
const localAccount = ['S-1-5-113', 'S-1-5-114'];

const none: Unseen = { status: 'not-applicable', reason: 'local-account', sources: [] };
const noExchange = { exchangeVirtualDirectories: none, exchangeMailProtocols: none };

export function judgeWindowsMfa(mfa: Draft<'mfa'>, admins: Draft<'admins'>): MfaVerdict {
  const found = waysToRoot(admins);
  const administrators = found.accounts
    .filter(isAdministrator)
    .filter(isPerson)
    .map((account) => judgeOne(mfa, account));
  const faults = administrators.flatMap(({ name, ways }) =>
    ways.filter(isFault).map(({ way, judged }) => `${shownText(name)}, ${way}: ${inWords(judged)}`),
  );
  const unknowns = administrators.flatMap(({ name, ways }) =>
    ways
      .filter(({ judged }) => judged.requirement === 'undetermined')
      .map(({ way, judged }) => `${shownText(name)}, ${way}: ${judged.unknowns[0] ?? 'not known'}`),
  );
  const nobody = administrators.length === 0 ? ['no administrator is known'] : [];
  return {
    ...verdictOf(faults, [...found.unknowns, ...unknowns, ...nobody]),
    administrators,
    outOfBand: [...outOfBand, ...agentsOf(admins)],
  };
}

/** Machines and accounts that Windows keeps by itself have no factors. */
function isPerson({ kind, sid = '' }: AccountWays): boolean {
  return kind !== 'computer' && kind !== 'managed-service-account' && !/^S-1-5-(?:18|19|20|8[0-9].*)$/.test(sid);
}

function judgeOne(mfa: Draft<'mfa'>, account: AccountWays): AdministratorWays {
  const { name } = account;
  const ways = waysOf(mfa, account, name).map((each) => ({ ...each, kind: 'entry' as const }));
  return {
    name,
    worst: worstOf(ways.map(({ judged }) => judged.requirement)),
    worstEscalation: 'pathDisabled',
    ways,
  };
}

function waysOf(mfa: Draft<'mfa'>, { sid, local, state, kind, groups = [] }: AccountWays, name: Text) {
  if (state === 'locked') return [{ way: 'console', judged: disabled('the account is disabled or gone') }];
  const unseen = state === 'unknown' && kind === 'unknown';
  if (kind === 'group' || kind === 'foreign' || unseen || sid === undefined)
    return [{ way: 'any', judged: undetermined('who stands behind this name could not be seen') }];
  const token = [...groups, ...everybody, ...(local ? localAccount : [])];
  // Exchange knows accounts of the directory alone.
  const seen = local ? { ...mfa, ...noExchange } : mfa;
  return judgeWindows(seen, { id: sid, groups: token }, name).ways;
}
