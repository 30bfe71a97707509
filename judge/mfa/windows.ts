/** All ways into a Windows server for one account. The inputs come with the Windows collector. */
import type { Draft } from '../../collectors/collector.ts';
import type { Text } from '../../schemas/generated/types.ts';
import type { NamedJudged } from './machine-ways.ts';
import { type Requirement, worstOf } from './requirement.ts';
import { judgeExchange } from './windows-exchange.ts';
import {
  judgeNetworkLogon,
  judgeRadius,
  judgeRemoteDesktop,
  judgeWindowsConsole,
  judgeWinRm,
  smartCardFlags,
  type WindowsAccount,
} from './windows-logon.ts';
import { judgeWindowsSsh } from './windows-ssh.ts';

export type WindowsWays = { readonly worst: Requirement; readonly ways: readonly NamedJudged[] };

/** `mailbox` as Exchange's authentication policies name the account. */
export function judgeWindows(mfa: Draft<'mfa'>, account: WindowsAccount, mailbox?: Text): WindowsWays {
  const radius = judgeRadius(mfa);
  const ssh = judgeWindowsSsh(mfa, account);
  const ways: NamedJudged[] = [
    { way: 'console', judged: judgeWindowsConsole(mfa, account) },
    { way: 'rdp', judged: judgeRemoteDesktop(mfa, account) },
    { way: 'network', judged: judgeNetworkLogon(mfa, account) },
    { way: 'winrm', judged: judgeWinRm(mfa, account) },
    ...(radius === undefined ? [] : [{ way: 'radius', judged: radius }]),
    ...(ssh === undefined ? [] : [{ way: 'ssh', judged: ssh }]),
    ...judgeExchange(mfa, mailbox, smartCardFlags(mfa, account)?.smartCardRequired === true),
  ];
  return { worst: worstOf(ways.map(({ judged }) => judged.requirement)), ways };
}
