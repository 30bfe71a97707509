/** SSH as a whole: every server of the machine, every class of clients that its configuration tells apart. */
import type { Draft } from '../../collectors/collector.ts';
import type { SshConnectionClass, SshServer } from '../../schemas/generated/types.ts';
import type { Administrator } from './account.ts';
import type { JudgePam } from './pam-judge.ts';
import { acrossCircumstances, disabled, type Judged, undetermined, worstOf } from './requirement.ts';
import { judgeSshLogin } from './ssh-login.ts';
import { sshSettings } from './ssh-settings.ts';
import { equalText, shownText } from './text.ts';

/** Whoever wants in may choose the server and the port, but not from where the request comes. */
export function judgeSsh(mfa: Draft<'mfa'>, person: Administrator, judgePam: JudgePam): Judged {
  const { sshServers } = mfa;
  if (sshServers.status === 'absent') return disabled('no SSH server');
  if (sshServers.status !== 'observed') return undetermined(`the SSH servers could not be seen: ${sshServers.reason}`);
  const judged = sshServers.value.map((server) => judgeServer(mfa, server, person, judgePam));
  return worst(judged) ?? disabled('no SSH server');
}

function judgeServer(mfa: Draft<'mfa'>, server: SshServer, person: Administrator, judgePam: JudgePam): Judged {
  const { implementation, connectionClasses, classesLeftOut, running } = server;
  if (implementation !== 'openssh') {
    if (running.status === 'observed' && !running.value) return disabled(`${server.id} does not run`);
    return undetermined(`${server.id}: how ${implementation} lets people in is not worked out`);
  }
  if (connectionClasses.status !== 'observed')
    return undetermined(`${server.id}: its settings could not be seen: ${connectionClasses.reason}`);
  const classes = connectionClasses.value.filter(({ accounts }) =>
    accounts.some((name) => equalText(name, person.name)),
  );
  if (classes.length === 0) return undetermined(`${server.id}: it was not asked about this account`);
  const parts = clientsOf(classes).map(({ address, own }) => ({
    of: `${server.id}, from ${address}`,
    judged:
      worst(own.map((one) => judgeClass(mfa, server, one, address, person, judgePam))) ??
      undetermined('nothing was asked'),
  }));
  const left =
    classesLeftOut > 0
      ? [
          {
            of: `${server.id}, other clients`,
            judged: undetermined(`${classesLeftOut} more classes of logins that were not asked about`),
          },
        ]
      : [];
  return acrossCircumstances([...parts, ...left]);
}

/** Addresses with the classes that one can choose from there; addresses with the same choice count once. */
function clientsOf(classes: readonly SshConnectionClass[]): { address: string; own: SshConnectionClass[] }[] {
  const found = new Map<string, { address: string; own: SshConnectionClass[] }>();
  const addresses = new Set(
    classes.flatMap(({ addresses: tried = [], connection }) => [connection.address ?? '', ...tried]),
  );
  for (const address of addresses) {
    const own = classes.filter(
      ({ addresses: tried = [], connection }) => connection.address === address || tried.includes(address),
    );
    const key = own.map((one) => classes.indexOf(one)).join(' ');
    if (!found.has(key)) found.set(key, { address, own });
  }
  return [...found.values()];
}

function judgeClass(
  mfa: Draft<'mfa'>,
  server: SshServer,
  one: SshConnectionClass,
  address: string,
  person: Administrator,
  judgePam: JudgePam,
): Judged {
  if (one.settings.status !== 'observed')
    return undetermined(`${server.id}: its settings could not be seen: ${one.settings.reason}`);
  const host = one.connection.host === undefined ? address : shownText(one.connection.host);
  return judgeSshLogin({
    mfa,
    person,
    settings: sshSettings(one.settings.value),
    client: { host, address },
    judgePam,
    service: pamServiceOf(server),
  });
}

/** Up to 9.7 the name of the program, since then `sshd` (OpenSSH auth-pam.c, SSHD_PAM_SERVICE). */
function pamServiceOf({ program, version }: SshServer): string {
  const name = program === undefined ? 'sshd' : shownText(program).replace(/^.*\//, '');
  const match = version.status === 'observed' ? /OpenSSH_(\d+)\.(\d+)/.exec(version.value) : null;
  const older = match !== null && (Number(match[1]) < 9 || (Number(match[1]) === 9 && Number(match[2]) < 8));
  return older ? name : 'sshd';
}

function worst(judged: readonly Judged[]): Judged | undefined {
  const requirement = worstOf(judged.map((each) => each.requirement));
  const found = judged.find((each) => each.requirement === requirement);
  if (found === undefined) return undefined;
  return {
    ...found,
    unknowns: [...new Set(judged.flatMap(({ unknowns }) => unknowns))],
    bypasses: [...new Set(judged.flatMap(({ bypasses }) => bypasses))],
  };
}
