/**
 * OpenSSH on Windows, by its configuration as written. It has no PAM, and asks Windows for a password itself: no
 * credential provider sees that. What Match blocks and lists of methods decide for whom is not worked out here, so
 * that a password which stands somewhere counts for everybody, and nothing passes by a method that was not read.
 */
import type { Draft } from '../../collectors/collector.ts';
import type { SshDirective, SshServer } from '../../schemas/generated/types.ts';
import { disabled, type Judged, type Success, undetermined, weigh } from './requirement.ts';
import { shownText } from './text.ts';
import { smartCardFlags, type WindowsAccount } from './windows-logon.ts';

/** Undefined where there is no SSH server. */
export function judgeWindowsSsh(mfa: Draft<'mfa'>, account: WindowsAccount): Judged | undefined {
  const { sshServers } = mfa;
  if (sshServers.status === 'absent' || sshServers.status === 'not-applicable') return undefined;
  if (sshServers.status !== 'observed') return undetermined(`SSH servers could not be seen: ${sshServers.reason}`);
  const [server] = sshServers.value;
  return server === undefined ? undefined : judgeServer(server, mfa, account);
}

function judgeServer({ running, directives }: SshServer, mfa: Draft<'mfa'>, account: WindowsAccount): Judged {
  if (running.status === 'observed' && !running.value) return disabled('sshd does not run');
  if (directives.status !== 'observed')
    return undetermined(`the configuration of sshd could not be seen: ${directives.reason}`);
  const written = directives.value;
  if (named(written, 'authenticationmethods').length > 0)
    return undetermined('sshd names its methods, which is not worked out on Windows');
  const limited = written.some(({ keyword }) => /^(?:allow|deny)(?:users|groups)$/.test(keyword));
  const doubt = limited ? { unknown: 'whom sshd lets in (AllowGroups and the like) is not worked out on Windows' } : {};
  const successes: Success[] = [];
  if (isOn(written, 'passwordauthentication')) successes.push(...passwords(mfa, account, doubt));
  if (isOn(written, 'pubkeyauthentication'))
    successes.push({
      factors: ['possession'],
      steps: ['sshd: a key'],
      unknown: 'which keys sshd takes of this account is not read on Windows',
    });
  if (written.some(({ keyword, arguments: [word] }) => keyword === 'gssapiauthentication' && isYes(word)))
    successes.push({ factors: ['knowledge'], steps: ['sshd: a Kerberos ticket'], ...doubt });
  return weigh(successes, 'sshd takes neither password nor key');
}

function passwords(mfa: Draft<'mfa'>, account: WindowsAccount, doubt: { unknown?: string }): Success[] {
  const flags = smartCardFlags(mfa, account);
  // Nobody knows the password of an account that demands a smart card.
  if (flags?.smartCardRequired === true) return [];
  const unseen = flags === undefined ? { unknown: 'whether the account itself demands a smart card was not seen' } : {};
  return [{ factors: ['knowledge'], steps: ['sshd: the password of Windows'], ...unseen, ...doubt }];
}

function named(written: readonly SshDirective[], name: string): readonly SshDirective[] {
  return written.filter(({ keyword }) => keyword === name);
}

/** On by default (sshd_config(5)), and where any line says so, for whomever. */
function isOn(written: readonly SshDirective[], name: string): boolean {
  const lines = named(written, name);
  return !lines.some(({ match }) => match === undefined) || lines.some(({ arguments: [word] }) => !isNo(word));
}

function isNo(word: SshDirective['arguments'][number] | undefined): boolean {
  return word !== undefined && shownText(word).toLowerCase() === 'no';
}

function isYes(word: SshDirective['arguments'][number] | undefined): boolean {
  return word !== undefined && shownText(word).toLowerCase() === 'yes';
}
