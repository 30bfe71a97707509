/** What it takes to become root once one is in: su, sudo, polkit, doas. */
import type { Draft } from '../../collectors/collector.ts';
import type { EscalationProgram } from '../../schemas/generated/types.ts';
import { type Administrator, pamAccount } from './account.ts';
import type { NamedJudged } from './machine-ways.ts';
import { type JudgePam, pamSuccesses } from './pam-judge.ts';
import { disabled, type Judged, type Success, undetermined, weigh } from './requirement.ts';
import { shownText } from './text.ts';

type Mfa = Draft<'mfa'>;
type Admins = Draft<'admins'>;

export function judgeEscalation(
  mfa: Mfa,
  admins: Admins,
  person: Administrator,
  root: Administrator | undefined,
  judgePam: JudgePam,
): NamedJudged[] {
  if (person.uid === 0) return [];
  return [
    { way: 'su', judged: judgeSu(mfa, person, root, judgePam) },
    { way: 'sudo', judged: judgeSudo(admins, person, root, judgePam) },
    { way: 'polkit', judged: judgePolkit(mfa, admins, person, judgePam) },
    ...judgeDoas(mfa, person, judgePam),
    ...unasked(person),
  ];
}

/** Undefined where it was not seen whether the program is there. */
function program({ escalationPrograms }: Mfa, kind: EscalationProgram['kind']): EscalationProgram | 'none' | undefined {
  if (escalationPrograms.status !== 'observed') return undefined;
  return escalationPrograms.value.find((each) => each.kind === kind) ?? 'none';
}

/** su asks for root's password, not one's own; `su -` has a service of its own, and the weaker of both counts. */
function judgeSu(mfa: Mfa, person: Administrator, root: Administrator | undefined, judgePam: JudgePam): Judged {
  const su = program(mfa, 'su');
  if (su === 'none') return disabled('su is not there');
  if (su !== undefined && !su.setUserId) return disabled('su has no set-user-id bit');
  const services = [
    'su',
    ...(mfa.pamStacks.status === 'observed' && mfa.pamStacks.value.some(({ service }) => service === 'su-l')
      ? ['su-l']
      : []),
  ];
  const successes = services.flatMap((service) =>
    pamSuccesses(
      judgePam({
        service,
        ...(root === undefined ? {} : { account: pamAccount(root) }),
        caller: { name: shownText(person.name) },
        origin: 'local',
      }),
      service,
    ),
  );
  return weigh(successes, 'PAM lets nobody become root by su');
}

/** sudo asks for one's own password, unless rules or settings say otherwise (sudoers(5) NOPASSWD, authenticate, rootpw, targetpw). */
function judgeSudo(admins: Admins, person: Administrator, root: Administrator | undefined, judgePam: JudgePam): Judged {
  const { sudoInstalled, sudoRules, sudoDefaults } = admins;
  if (sudoInstalled.status === 'observed' && !sudoInstalled.value) return disabled('sudo is not there');
  const rules = person.ways.filter(({ kind }) => kind === 'sudo-all' || kind === 'sudo-limited');
  const open: Success[] = rules
    .filter(({ withoutPassword }) => withoutPassword)
    .map(({ via }) => ({ factors: [], steps: [`sudo asks for nothing: ${via}`] }));
  if (rules.length === 0) {
    if (sudoRules.status === 'observed' || sudoRules.status === 'absent')
      return disabled('no sudo rule is for the account');
    return undetermined(`the sudo rules could not be seen: ${sudoRules.reason}`);
  }
  const defaults = sudoDefaults.status === 'observed' ? sudoDefaults.value : [];
  const asks = (setting: string): boolean =>
    defaults.some((each) => each.setting === setting && each.operation === 'on');
  const other = asks('rootpw') || asks('targetpw') || asks('runaspw');
  const account = other ? root : person;
  const services = [
    ...new Set([
      'sudo',
      ...defaults.flatMap(({ setting, value }) =>
        (setting === 'pam_service' || setting === 'pam_login_service') && value !== undefined ? [shownText(value)] : [],
      ),
    ]),
  ];
  const closed = rules.every(({ withoutPassword }) => withoutPassword);
  const asked = closed
    ? []
    : services.flatMap((service) =>
        pamSuccesses(
          judgePam({
            service,
            ...(account === undefined ? {} : { account: pamAccount(account) }),
            caller: { name: shownText(person.name) },
            origin: 'local',
          }),
          service,
        ),
      );
  return weigh([...open, ...asked], 'PAM lets nobody through sudo');
}

/** Rules are programs: one that lets somebody through without asking leaves it open for whom. */
function judgePolkit(mfa: Mfa, { polkitRules }: Admins, person: Administrator, judgePam: JudgePam): Judged {
  const pkexec = program(mfa, 'pkexec');
  const none = polkitRules.status === 'not-applicable' || polkitRules.status === 'absent';
  if (none && pkexec === 'none') return disabled('polkit is not there');
  const found: Success[] = person.ways
    .filter(({ kind, withoutPassword }) => kind === 'polkit' && withoutPassword)
    .map(({ via }) => ({ factors: [], steps: [`polkit asks for nothing: ${via}`] }));
  if (polkitRules.status !== 'observed' && !none)
    found.push({ factors: [], steps: ['polkit'], unknown: `its rules could not be seen: ${polkitRules.reason}` });
  for (const { path, grantsYes } of polkitRules.status === 'observed' ? polkitRules.value.files : []) {
    const rule = shownText(path);
    if (grantsYes)
      found.push({
        factors: [],
        steps: [`polkit rule ${rule}`],
        unknown: `for whom ${rule} asks for nothing is not worked out`,
      });
  }
  const verdict = judgePam({
    service: 'polkit-1',
    account: pamAccount(person),
    caller: { name: shownText(person.name) },
    origin: 'local',
  });
  return weigh([...pamSuccesses(verdict, 'polkit-1'), ...found], 'PAM lets nobody through polkit');
}

/** doas asks for one's own password, by the PAM service doas, unless the rule says nopass (doas.conf(5)). */
function judgeDoas(mfa: Mfa, person: Administrator, judgePam: JudgePam): NamedJudged[] {
  const rules = person.ways.filter(({ kind }) => kind === 'doas');
  if (rules.length === 0 || program(mfa, 'doas') === 'none') return [];
  const open = rules.filter(({ withoutPassword }) => withoutPassword);
  const verdict = judgePam({
    service: 'doas',
    account: pamAccount(person),
    caller: { name: shownText(person.name) },
    origin: 'local',
  });
  const successes = [
    ...open.map(({ via }): Success => ({ factors: [], steps: [`doas asks for nothing: ${via}`] })),
    ...(open.length === rules.length ? [] : pamSuccesses(verdict, 'doas')),
  ];
  return [{ way: 'doas', judged: weigh(successes, 'PAM lets nobody through doas') }];
}

/** Groups and sockets of daemons that do as root what they are told, and files that root runs: nothing asks there. */
function unasked({ ways }: Administrator): NamedJudged[] {
  return (['group', 'socket', 'job'] as const).flatMap((kind) => {
    const own = ways.filter((way) => way.kind === kind && way.reaches === 'yes');
    if (own.length === 0) return [];
    const successes = own.map(({ chain }): Success => ({ factors: [], steps: [chain.join(' → ')] }));
    return [{ way: kind, judged: weigh(successes, '') }];
  });
}
