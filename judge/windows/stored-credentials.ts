/**
 * Passwords of administrators of the domain that this machine keeps for a service or a task: who controls
 * this machine has them.
 */
import type { WindowsGroup } from '../../schemas/generated/types.ts';
import { shownText } from '../mfa/text.ts';
import type { Admins } from '../ways.ts';
import { membersOf } from './groups.ts';

/** Domain Admins, Schema Admins, Enterprise Admins. */
const domainWide = /^S-1-5-21-.*-(?:512|518|519)$/;

export function storedCredentials(
  { serviceAccounts, taskAccounts, windowsDomain }: Admins,
  groups: readonly WindowsGroup[],
  unknowns: string[],
): string[] {
  // A domain controller holds the passwords of all of them anyway.
  if (windowsDomain.status === 'observed' && windowsDomain.value.role !== 'member') return [];
  if (serviceAccounts.status !== 'observed') unknowns.push(`serviceAccounts: ${serviceAccounts.reason}`);
  if (taskAccounts.status !== 'observed') unknowns.push(`taskAccounts: ${taskAccounts.reason}`);
  const powerful = new Set(
    groups
      .filter(({ sid }) => domainWide.test(sid))
      .flatMap(({ sid }) => membersOf(sid, groups).list.flatMap(({ member }) => member.sid ?? [])),
  );
  const faults: string[] = [];
  if (serviceAccounts.status === 'observed')
    for (const { service, account, sid } of serviceAccounts.value)
      if (sid !== undefined && powerful.has(sid))
        faults.push(
          `the service ${shownText(service)} keeps the password of ${shownText(account)}, an administrator of the domain`,
        );
  if (taskAccounts.status === 'observed')
    for (const { task, account, sid, storedPassword } of taskAccounts.value)
      if (sid !== undefined && powerful.has(sid) && storedPassword !== false)
        faults.push(
          `the task ${shownText(task)} keeps the password of ${shownText(account)}, an administrator of the domain`,
        );
  return faults;
}
