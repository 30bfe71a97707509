/** What auditpol and SecEdit write. */
import { type Language, words } from './languages.ts';

/** 59 subcategories with consecutive GUIDs, in the words of the language; all log both. */
export function auditLines(language: Language, off: readonly string[] = []): string[] {
  const ids = Array.from({ length: 59 }, (_, at) => (0x0cce_9210 + at).toString(16).toUpperCase().padStart(8, '0'));
  return [
    'Machine Name,Policy Target,Subcategory,Subcategory GUID,Inclusion Setting,Exclusion Setting,Setting Value',
    ...ids.map((id) => {
      const none = off.includes(id.toLowerCase());
      return `SRV1,${words[language].system},${language}-${id},{${id}-69AE-11D9-BED3-505054503030},${words[language].successAndFailure},,${none ? 0 : 3}`;
    }),
    `SRV1,S-1-5-21-1-2-3-1001,${language},{0CCE9215-69AE-11D9-BED3-505054503030},x,,0`,
    'SRV1,,Option:CrashOnAuditFail,,Disabled,,0',
  ];
}

export const rightLines = [
  '\uFEFF[Unicode]',
  'Unicode=yes',
  '[Privilege Rights]',
  'SeNetworkLogonRight = *S-1-5-32-544,*S-1-5-11',
  'SeDenyNetworkLogonRight = *S-1-5-32-546',
  'SeDebugPrivilege = *S-1-5-32-544',
  'SeBackupPrivilege = *S-1-5-32-544,*S-1-5-32-551',
  'SeRestorePrivilege = *S-1-5-32-544,*S-1-5-32-551',
  'SeTakeOwnershipPrivilege = *S-1-5-32-544',
  'SeLoadDriverPrivilege = *S-1-5-32-544',
  'SeImpersonatePrivilege = *S-1-5-19,*S-1-5-20,*S-1-5-32-544,*S-1-5-6',
  '[Version]',
  'signature="$CHICAGO$"',
];
