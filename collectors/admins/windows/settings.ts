/** Settings that decide how an account becomes administrator without being asked, or what a stolen one gives. */
import type { Host } from '../../../agent/host/host.ts';
import type { Fact, PrivilegedSetting } from '../../../schemas/generated/types.ts';
import { readNamedValues } from '../../named-values.ts';

/** By key; no other value of these keys is ever read, since passwords stand beside some of them (Winlogon). */
const wanted: readonly (readonly [string, readonly string[]])[] = [
  [
    String.raw`HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\Policies\System`,
    [
      'EnableLUA',
      'ConsentPromptBehaviorAdmin',
      'PromptOnSecureDesktop',
      'FilterAdministratorToken',
      'LocalAccountTokenFilterPolicy',
    ],
  ],
  [String.raw`HKLM\SOFTWARE\Policies\Microsoft\Windows\Installer`, ['AlwaysInstallElevated']],
  [
    String.raw`HKLM\SYSTEM\CurrentControlSet\Control\Lsa`,
    [
      'RunAsPPL',
      'LimitBlankPasswordUse',
      'NoLMHash',
      'LmCompatibilityLevel',
      'DisableDomainCreds',
      'DisableRestrictedAdmin',
    ],
  ],
  [String.raw`HKLM\SYSTEM\CurrentControlSet\Control\SecurityProviders\WDigest`, ['UseLogonCredential']],
  [
    String.raw`HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion\Winlogon`,
    ['AutoAdminLogon', 'DefaultUserName', 'DefaultDomainName'],
  ],
  [String.raw`HKLM\SYSTEM\CurrentControlSet\Services\NTDS\Parameters`, ['DSRMAdminLogonBehavior']],
];

/** Observed only where each of them was looked at. */
export async function readPrivilegedSettings(host: Host): Promise<Fact<PrivilegedSetting[]>> {
  return readNamedValues(host, wanted);
}
