/** The registry that every recorded server has. */
import type { RecordedWindows } from '../../powershell/engine.ts';

type Values = Readonly<Record<string, string | number | readonly string[]>>;

export function key(values: Values): { values: Record<string, { kind: string; value: unknown }> } {
  return {
    values: Object.fromEntries(
      Object.entries(values).map(([name, value]) => [
        name,
        { kind: typeof value === 'number' ? 'DWord' : typeof value === 'string' ? 'String' : 'MultiString', value },
      ]),
    ),
  };
}

export const hklm = 'HKEY_LOCAL_MACHINE';
const current = String.raw`${hklm}\SOFTWARE\Microsoft\Windows\CurrentVersion`;
const control = String.raw`${hklm}\SYSTEM\CurrentControlSet\Control`;
const services = String.raw`${hklm}\SYSTEM\CurrentControlSet\Services`;
const auth = String.raw`${current}\Authentication`;

const passwordProvider = '{60b78e88-ead8-445c-9cfd-0b87f74ea6cd}';
const genericFilter = '{DDC0EED2-ADBE-40b6-A217-EDE16A79A0DE}';

export function baseRegistry(): NonNullable<RecordedWindows['registry']> {
  return {
    [String.raw`${current}\Policies\System`]: key({ EnableLUA: 1, ConsentPromptBehaviorAdmin: 5, scforceoption: 0 }),
    [String.raw`${current}\Policies\System\Audit`]: key({ ProcessCreationIncludeCmdLine_Enabled: 1 }),
    [String.raw`${hklm}\SOFTWARE\Microsoft\Windows NT\CurrentVersion\Winlogon`]: key({
      AutoAdminLogon: '0',
      CachedLogonsCount: '10',
      DefaultPassword: 'must never be read',
      ScRemoveOption: '1',
    }),
    [String.raw`${control}\Lsa`]: key({ SCENoApplyLegacyAuditPolicy: 1, LmCompatibilityLevel: 5, RunAsPPL: 1 }),
    [String.raw`${control}\Terminal Server`]: key({ fDenyTSConnections: 0 }),
    [String.raw`${control}\Terminal Server\WinStations\RDP-Tcp`]: key({
      UserAuthentication: 1,
      SecurityLayer: 2,
      MinEncryptionLevel: 3,
      PortNumber: 3389,
    }),
    [String.raw`${hklm}\SOFTWARE\Policies\Microsoft\Windows\PowerShell\ScriptBlockLogging`]: key({
      EnableScriptBlockLogging: 1,
    }),
    [String.raw`${hklm}\SOFTWARE\Policies\Microsoft\Windows\EventLog\EventForwarding\SubscriptionManager`]: key({
      '1': 'Server=https://wec.corp.example:5986/wsman/SubscriptionManager/WEC,Refresh=60',
    }),
    [String.raw`${hklm}\SOFTWARE\Microsoft\AMSI\Providers\{2781761E-28E0-4109-99FE-B9D127C57AFE}`]: key({}),
    [String.raw`${hklm}\SOFTWARE\Microsoft\Windows\CurrentVersion\WSMAN\Listener\*+HTTP`]: key({ Port: 5985 }),
    [String.raw`${hklm}\SOFTWARE\Microsoft\Windows\CurrentVersion\WSMAN\Service`]: key({ auth_basic: 0 }),
    [String.raw`${current}\Uninstall\7-Zip`]: key({ DisplayName: '7-Zip 24.08 (x64)', DisplayVersion: '24.08' }),
    [String.raw`${current}\Policies\LAPS`]: key({ BackupDirectory: 2, PasswordAgeDays: 30 }),
    [`${auth}\\Credential Providers\\${passwordProvider}`]: key({ '(default)': 'PasswordProvider' }),
    [`${auth}\\Credential Provider Filters\\${genericFilter}`]: key({ '(default)': 'GenericFilter' }),
    [String.raw`${services}\WdFilter\Instances\WdFilter Instance`]: key({ Altitude: '328010' }),
    [String.raw`${services}\EventLog`]: key({ Start: 2 }),
  };
}
