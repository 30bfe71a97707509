/** Settings by which somebody becomes administrator and nothing is asked. */
import type { Admins } from '../ways.ts';

type Rule = { readonly name: string; readonly value: string; readonly fault: string };

const rules: readonly Rule[] = [
  {
    name: 'EnableLUA',
    value: '0',
    fault: 'User Account Control is off (EnableLUA 0): whatever an administrator starts has all rights',
  },
  {
    name: 'ConsentPromptBehaviorAdmin',
    value: '0',
    fault: 'administrators get all rights without being asked (ConsentPromptBehaviorAdmin 0)',
  },
  {
    name: 'LocalAccountTokenFilterPolicy',
    value: '1',
    fault: 'local administrators have all rights over the network too (LocalAccountTokenFilterPolicy 1)',
  },
  {
    name: 'AlwaysInstallElevated',
    value: '1',
    fault: 'installers of anybody whose own policy says the same run as the system (AlwaysInstallElevated 1)',
  },
  {
    name: 'DSRMAdminLogonBehavior',
    value: '2',
    fault: 'the password of directory restore mode logs on at any time (DSRMAdminLogonBehavior 2)',
  },
  {
    name: 'UseLogonCredential',
    value: '1',
    fault: 'passwords of who logs on are kept in clear in memory (WDigest, UseLogonCredential 1)',
  },
];

export function settingFaults({ privilegedSettings: fact }: Admins): string[] {
  if (fact.status !== 'observed') return [];
  const valueOf = (name: string): string | undefined => fact.value.find((each) => each.name === name)?.value;
  const faults = rules.filter(({ name, value }) => valueOf(name) === value).map(({ fault }) => fault);
  if (valueOf('AutoAdminLogon') === '1')
    faults.push(
      `${valueOf('DefaultUserName') ?? 'an account'} is logged on at the console without being asked (AutoAdminLogon 1)`,
    );
  return faults;
}
