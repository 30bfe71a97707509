/**
 * The ways into one SSH server for one account and one kind of client, as OpenSSH combines them
 * (auth2.c, auth.c; sshd_config(5) AuthenticationMethods, PermitRootLogin, AllowUsers).
 */
import type { Draft } from '../../collectors/collector.ts';
import { type Administrator, conditionGroupsOf, pamAccount } from './account.ts';
import { type JudgePam, pamSuccesses } from './pam-judge.ts';
import { disabled, type Judged, type Success, undetermined, weigh } from './requirement.ts';
import { keySuccesses } from './ssh-keys.ts';
import { type Client, matchesPattern, matchesUserPattern } from './ssh-patterns.ts';
import type { SshSettings } from './ssh-settings.ts';
import { shownText } from './text.ts';

export type SshLogin = {
  readonly mfa: Draft<'mfa'>;
  readonly person: Administrator;
  readonly settings: SshSettings;
  readonly client: Client;
  readonly judgePam: JudgePam;
  /** The PAM service where PAMServiceName does not name one. */
  readonly service: string;
};

/** More combinations than any list of methods that a person writes. */
const maxCombinations = 4_000;

export function judgeSshLogin(login: SshLogin): Judged {
  const { settings, person, mfa } = login;
  if (settings.words('authenticationmethods').length === 0)
    return undetermined('the settings of sshd do not name its methods');
  if (settings.isOn('refuseconnection')) return disabled('RefuseConnection yes');
  const allowed = isAllowed(login);
  if (allowed.outcome === 'no') return disabled(allowed.why);
  const pam = settings.isOn('usepam') ? verdictOfPam(login) : undefined;
  if (pam?.denied === true) return disabled("PAM's account stack lets this account in by no method");
  const methods = methodsOf(login, pam?.successes);
  const lists = settings.words('authenticationmethods').filter((list) => list !== 'any');
  const sequences =
    lists.length === 0 ? [...methods.keys()].map((name) => [name]) : lists.map((list) => list.split(','));
  const successes: Success[] = [];
  for (const sequence of sequences) {
    const combined = combine(sequence, methods, person, settings);
    if (combined === undefined) return undetermined('more combinations of methods than are worked out');
    successes.push(...combined);
  }
  const doubt = allowed.outcome === 'maybe' ? allowed.why : lockDoubt(login);
  const doubted =
    doubt === undefined ? successes : successes.map((success) => ({ ...success, unknown: success.unknown ?? doubt }));
  const written = lists.length === 0 ? 'any method' : lists.join(' or ');
  return weigh(
    doubted,
    `no method is left: AuthenticationMethods ${written}, for ${shownText(person.name)}${mfa.sshServers.status === 'observed' ? '' : ', servers not seen'}`,
  );
}

type Pam = { readonly successes: readonly Success[]; readonly denied: boolean };

function verdictOfPam({ settings, person, judgePam, service: usual }: SshLogin): Pam {
  const service = settings.words('pamservicename')[0] ?? usual;
  const account = pamAccount(person);
  // sshd forbids empty passwords by PAM_DISALLOW_NULL_AUTHTOK, whatever `nullok` says.
  const guarded =
    account.password === 'empty' && !settings.isOn('permitemptypasswords')
      ? { ...account, password: 'locked' as const }
      : account;
  const verdict = judgePam({ service, account: guarded, origin: 'remote' });
  return { successes: pamSuccesses(verdict, service), denied: verdict.reasons.includes('denied-by-account-stack') };
}

/** Enabled methods with the ways through each; a method that is on and lets nobody through has none. */
function methodsOf(login: SshLogin, pam: readonly Success[] | undefined): Map<string, readonly Success[]> {
  const { settings, mfa, person } = login;
  const methods = new Map<string, readonly Success[]>();
  if (settings.isOn('pubkeyauthentication'))
    methods.set(
      'publickey',
      keySuccesses(
        mfa,
        person.name,
        settings,
        person.uid === 0 && settings.words('permitrootlogin')[0] === 'forced-commands-only',
      ),
    );
  if (settings.isOn('passwordauthentication'))
    methods.set('password', [...passwordSuccesses(login, pam), ...kerberos(settings)]);
  const challenge = settings.words('challengeresponseauthentication')[0] ?? 'yes';
  if (settings.isOn('kbdinteractiveauthentication') && challenge === 'yes')
    methods.set(
      'keyboard-interactive',
      (pam ?? []).map((success) => ({ ...success, steps: ['keyboard-interactive', ...success.steps] })),
    );
  if (settings.isOn('hostbasedauthentication'))
    methods.set('hostbased', [
      {
        factors: [],
        steps: ['hostbased: the client machine vouches for its user'],
        unknown: 'which machines sshd trusts for hostbased is not seen',
      },
    ]);
  if (settings.isOn('gssapiauthentication') && !(mfa.kerberosKeytab.status === 'observed' && !mfa.kerberosKeytab.value))
    methods.set('gssapi-with-mic', [
      {
        factors: ['knowledge'],
        steps: ['gssapi-with-mic: a Kerberos ticket; PAM asks for nothing'],
        unknown: 'what the Kerberos realm asks for before it gives a ticket is not seen here',
      },
    ]);
  return methods;
}

function passwordSuccesses({ person, settings }: SshLogin, pam: readonly Success[] | undefined): Success[] {
  if (person.uid === 0 && settings.words('permitrootlogin')[0] !== 'yes') return [];
  // Every question of PAM gets the same answer by this method, so two different ones cannot be answered.
  if (pam !== undefined)
    return pam.map((success) => ({
      ...success,
      steps: ['password: one answer for all that PAM asks', ...success.steps],
    }));
  const steps = ['password, UsePAM no: the account file alone'];
  if (person.password === 'set') return [{ factors: ['knowledge'], steps }];
  if (person.password === 'empty')
    return settings.isOn('permitemptypasswords') ? [{ factors: [], steps: [...steps, 'the password is empty'] }] : [];
  return person.password === 'locked'
    ? []
    : [{ factors: ['knowledge'], steps, unknown: 'whether the account has a password was not seen' }];
}

function kerberos(settings: SshSettings): Success[] {
  if (!settings.isOn('kerberosauthentication')) return [];
  return [
    {
      factors: ['knowledge'],
      steps: ['password, checked by Kerberos'],
      unknown: 'which accounts the Kerberos realm knows is not seen here',
    },
  ];
}

/** One list of methods: every step must succeed. Undefined where there are too many combinations. */
function combine(
  sequence: readonly string[],
  methods: ReadonlyMap<string, readonly Success[]>,
  { uid }: Administrator,
  settings: SshSettings,
): Success[] | undefined {
  let combined: Success[] = [
    { factors: [], steps: sequence.length > 1 ? [`AuthenticationMethods ${sequence.join(',')}`] : [] },
  ];
  const used = new Map<string, number>();
  for (const step of sequence) {
    const [name = '', device] = step.split(':', 2);
    const method = name === 'gssapi-keyex' ? 'gssapi-with-mic' : name;
    // sshd passes over a list with a method that is switched off, and refuses who has no list left.
    const ways = device !== undefined && device !== 'pam' ? [] : (methods.get(method) ?? []);
    const allowed = uid === 0 ? ways.filter(() => rootMayUse(method, settings)) : ways;
    const times = (used.get(method) ?? 0) + 1;
    used.set(method, times);
    if (allowed.length * combined.length > maxCombinations) return undefined;
    combined = combined.flatMap((held) =>
      allowed.filter((way) => times === 1 || !held.steps.includes(way.steps[0] ?? '')).map((way) => joined(held, way)),
    );
  }
  return combined.map((success) => (uid === 0 ? forced(success, settings) : success));
}

function joined(first: Success, second: Success): Success {
  const when = [first.when, second.when].filter((each) => each !== undefined).join(' and ');
  const bypass = first.bypass ?? second.bypass;
  const unknown = first.unknown ?? second.unknown;
  const resistant =
    second.phishingResistant === true && (first.factors.length === 0 || first.phishingResistant === true);
  return {
    factors: [...new Set([...first.factors, ...second.factors])],
    steps: [...first.steps, ...second.steps],
    ...(when === '' ? {} : { when }),
    ...(bypass === undefined ? {} : { bypass }),
    ...(unknown === undefined ? {} : { unknown }),
    ...(first.latent === true || second.latent === true ? { latent: true as const } : {}),
    ...(resistant ? { phishingResistant: true as const } : {}),
  };
}

/** OpenSSH auth.c `auth_root_allowed`: asked again at each step, so that a second one by PAM closes the door. */
function rootMayUse(method: string, settings: SshSettings): boolean {
  const [mode] = settings.words('permitrootlogin');
  if (mode === 'yes') return true;
  if (mode === 'forced-commands-only') return method === 'publickey';
  return mode !== 'no' && (method === 'publickey' || method === 'hostbased' || method === 'gssapi-with-mic');
}

function forced(success: Success, settings: SshSettings): Success {
  if (settings.words('permitrootlogin')[0] !== 'forced-commands-only') return success;
  return {
    ...success,
    unknown:
      success.unknown ?? 'root may only run the commands that its keys are bound to; what they open is not worked out',
  };
}

/** Without PAM sshd itself turns locked accounts away, but only where `!` locks them, which is not told apart here. */
function lockDoubt({ settings, person }: SshLogin): string | undefined {
  return !settings.isOn('usepam') && person.password === 'locked'
    ? 'whether sshd takes the account for locked'
    : undefined;
}

type Allowed = { readonly outcome: 'yes' } | { readonly outcome: 'no' | 'maybe'; readonly why: string };

/** In OpenSSH's order: DenyUsers, AllowUsers, DenyGroups, AllowGroups. */
function isAllowed({ settings, person, client, mfa }: SshLogin): Allowed {
  const user = shownText(person.name);
  const denied = settings.words('denyusers').find((pattern) => matchesUserPattern(user, client, pattern));
  if (denied !== undefined) return { outcome: 'no', why: `DenyUsers ${denied}` };
  const allowUsers = settings.words('allowusers');
  if (allowUsers.length > 0 && !allowUsers.some((pattern) => matchesUserPattern(user, client, pattern)))
    return { outcome: 'no', why: `AllowUsers ${allowUsers.join(' ')} leaves it out` };
  const denyGroups = settings.words('denygroups');
  const allowGroups = settings.words('allowgroups');
  if (denyGroups.length === 0 && allowGroups.length === 0) return { outcome: 'yes' };
  const groups = conditionGroupsOf(mfa, person.name);
  if (groups === undefined)
    return { outcome: 'maybe', why: 'whether its groups let it in (AllowGroups, DenyGroups) was not seen' };
  const matching = (patterns: readonly string[]): string | undefined =>
    patterns.find((pattern) => groups.some((group) => matchesPattern(group, pattern)));
  const deny = matching(denyGroups);
  if (deny !== undefined) return { outcome: 'no', why: `DenyGroups ${deny}` };
  if (denyGroups.length > 0 && !person.wholeView)
    return { outcome: 'maybe', why: 'its groups also come from elsewhere than local files (DenyGroups)' };
  if (allowGroups.length === 0 || matching(allowGroups) !== undefined) return { outcome: 'yes' };
  if (!person.wholeView)
    return { outcome: 'maybe', why: 'its groups also come from elsewhere than local files (AllowGroups)' };
  return { outcome: 'no', why: `AllowGroups ${allowGroups.join(' ')} leaves it out` };
}
