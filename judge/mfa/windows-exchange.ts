/**
 * Exchange: each virtual directory and mail protocol is a way of its own. A second factor in front of
 * OWA is worth nothing while another directory takes a password.
 */
import type { Draft } from '../../collectors/collector.ts';
import type { ExchangeAuthenticationPolicy, ExchangeVirtualDirectory, Text } from '../../schemas/generated/types.ts';
import type { NamedJudged } from './machine-ways.ts';
import { type Success, undetermined, weigh } from './requirement.ts';
import { equalText, shownText } from './text.ts';

type Mfa = Draft<'mfa'>;
type Method = ExchangeVirtualDirectory['authentication'][number];

const passwords: ReadonlySet<Method> = new Set([
  'basic',
  'digest',
  'forms',
  'windows-integrated',
  'ntlm',
  'negotiate',
  'kerberos',
  'live-id',
] as const);
const handedOn: ReadonlySet<Method> = new Set(['oauth', 'adfs', 'federated'] as const);
/** Names of protocols in authentication policies, where they differ from the directory's. */
const protocolOf: Readonly<Record<string, string>> = { 'outlook-anywhere': 'rpc' };

/** What a ticket of Kerberos opens, which an account that demands a smart card gets with its card. */
const tickets: ReadonlySet<Method> = new Set(['windows-integrated', 'negotiate', 'kerberos'] as const);

/** `account` as authentication policies name it; of one that demands a smart card nobody knows a password. */
export function judgeExchange(mfa: Mfa, account: Text | undefined, cardOnly = false): NamedJudged[] {
  return [...directories(mfa, account, cardOnly), ...mailProtocols(mfa, account, cardOnly)];
}

function directories(mfa: Mfa, account: Text | undefined, cardOnly: boolean): NamedJudged[] {
  const { exchangeVirtualDirectories: fact } = mfa;
  if (fact.status === 'absent' || fact.status === 'not-applicable') return [];
  if (fact.status !== 'observed')
    return [{ way: 'exchange', judged: undetermined(`the virtual directories could not be seen: ${fact.reason}`) }];
  const kinds = [...new Set(fact.value.map(({ kind }) => kind))];
  return kinds.map((kind) => {
    const own = fact.value.filter((each) => each.kind === kind);
    const blocked = legacyBlocked(mfa, account, protocolOf[kind] ?? kind);
    return {
      way: kind,
      judged: weigh(
        own.flatMap((each) => directorySuccesses(each, mfa, blocked, cardOnly)),
        `${kind} accepts nothing that this account may use`,
      ),
    };
  });
}

function directorySuccesses(
  directory: ExchangeVirtualDirectory,
  mfa: Mfa,
  blocked: boolean | undefined,
  cardOnly: boolean,
): Success[] {
  const { kind, name, authentication, externalAuthentication = [], clientCertificates } = directory;
  const where = name === undefined ? kind : shownText(name);
  const certificate = clientCertificates === 'require';
  const successes: Success[] = [];
  for (const method of new Set([...authentication, ...externalAuthentication])) {
    const steps = [`${where}: ${method}${certificate ? ', with a client certificate' : ''}`];
    if (passwords.has(method)) {
      if (blocked === true || (cardOnly && !tickets.has(method) && method !== 'ntlm')) continue;
      if (cardOnly) {
        successes.push(
          { factors: ['possession', 'knowledge'], steps },
          {
            factors: ['knowledge'],
            steps,
            bypass: 'the NT hash of an account that demands a smart card logs on too, and does not change by itself',
          },
        );
        continue;
      }
      const factors = certificate ? (['knowledge', 'possession'] as const) : (['knowledge'] as const);
      successes.push({
        factors,
        steps,
        ...(blocked === undefined
          ? { unknown: 'whether an authentication policy blocks legacy authentication was not seen' }
          : {}),
      });
    } else if (method === 'client-certificate') successes.push({ factors: ['possession'], steps });
    else if (handedOn.has(method))
      successes.push({
        factors: ['knowledge'],
        steps: [...steps, handedTo(mfa)],
        unknown: 'the identity provider decides; see its own document',
      });
    else if (method === 'other')
      successes.push({ factors: [], steps, unknown: `${where} accepts something that is not known` });
  }
  return successes;
}

function handedTo({ exchangeModernAuthentication: fact }: Mfa): string {
  if (fact.status !== 'observed') return 'which server gives the tokens was not seen';
  const { clientProfileEnabled, defaultAuthorizationServer } = fact.value;
  if (!clientProfileEnabled) return 'clients are not told of it (OAuth2ClientProfileEnabled False)';
  return defaultAuthorizationServer === undefined
    ? 'no authorization server is the default'
    : `tokens of ${shownText(defaultAuthorizationServer)}`;
}

/** Undefined where policies were not seen. Policies do not know OWA and ECP. */
function legacyBlocked(
  { exchangeAuthenticationPolicies: fact }: Mfa,
  account: Text | undefined,
  protocol: string,
): boolean | undefined {
  if (protocol === 'owa' || protocol === 'ecp') return false;
  if (fact.status === 'absent' || fact.status === 'not-applicable') return false;
  if (fact.status !== 'observed') return undefined;
  const policy = policyFor(fact.value, account);
  return policy?.legacyBlocked[protocol as keyof typeof policy.legacyBlocked] ?? false;
}

function policyFor(
  policies: readonly ExchangeAuthenticationPolicy[],
  account: Text | undefined,
): ExchangeAuthenticationPolicy | undefined {
  const own =
    account === undefined
      ? undefined
      : policies.find(({ assignedTo = [] }) => assignedTo.some((name) => equalText(name, account)));
  return own ?? policies.find(({ isDefault }) => isDefault);
}

function mailProtocols(mfa: Mfa, account: Text | undefined, cardOnly: boolean): NamedJudged[] {
  const { exchangeMailProtocols: fact } = mfa;
  if (fact.status === 'absent' || fact.status === 'not-applicable') return [];
  if (fact.status !== 'observed')
    return [{ way: 'mail protocols', judged: undetermined(`the mail protocols could not be seen: ${fact.reason}`) }];
  const kinds = [...new Set(fact.value.map(({ protocol }) => protocol))];
  return kinds.map((kind) => {
    const open = fact.value.filter(({ protocol, running }) => protocol === kind && running !== false);
    const blocked = legacyBlocked(mfa, account, kind);
    const successes =
      blocked === true || cardOnly
        ? []
        : open.flatMap(({ name, authentication, permissionGroups }) =>
            connector(shownText(name), authentication, permissionGroups, blocked),
          );
    return { way: kind, judged: weigh(successes, `${kind} takes no password of this account`) };
  });
}

/** A receive connector for other servers alone takes no user's password. */
function connector(
  name: string,
  authentication: readonly string[] | undefined,
  groups: readonly string[] | undefined,
  blocked: boolean | undefined,
): Success[] {
  if (groups !== undefined && !groups.some((group) => /^(?:ExchangeUsers|Custom)$/i.test(group))) return [];
  if (authentication === undefined)
    return [{ factors: ['knowledge'], steps: [name], unknown: `what ${name} accepts was not seen` }];
  if (!authentication.some((word) => /basic|plain|integrated|ntlm|login|securelogin/i.test(word))) return [];
  const unknown =
    blocked === undefined
      ? { unknown: 'whether an authentication policy blocks legacy authentication was not seen' }
      : {};
  return [{ factors: ['knowledge'], steps: [`${name}: ${authentication.join(', ')}`], ...unknown }];
}
