/** What is asked of Windows about protection, administrators and second factors; part of the one list in queries.ts. */
import type { QuerySpec } from './queries.ts';

const mib = 1024 * 1024;

export const protectionQueries = {
  'Get-MpComputerStatus': {
    file: 'collectors/edr/queries/mp-computer-status.ps1',
    privilege: 'user',
    reason: 'state of Microsoft Defender Antivirus (MSFT_MpComputerStatus)',
    // It is known to hang beside another antivirus.
    timeoutMs: 30_000,
    volatile: true,
  },
  'Get-MpPreference': {
    file: 'collectors/edr/queries/mp-preference.ps1',
    privilege: 'administrator',
    reason: 'what Microsoft Defender Antivirus was told; exclusions are kept as classes and keyed digests',
    timeoutMs: 30_000,
    maxBytes: 4 * mib,
  },
  'Get-MpThreat': {
    file: 'collectors/edr/queries/mp-threat.ps1',
    privilege: 'user',
    reason: 'names of the threats that Microsoft Defender Antivirus found',
    timeoutMs: 30_000,
    maxBytes: 4 * mib,
  },
  'Get-MpThreatDetection': {
    file: 'collectors/edr/queries/mp-threat-detection.ps1',
    privilege: 'user',
    reason: 'each detection that Microsoft Defender Antivirus remembers',
    timeoutMs: 60_000,
    maxBytes: 16 * mib,
  },
  services: {
    file: 'collectors/edr/queries/services.ps1',
    privilege: 'user',
    reason: 'services, whether they run and start, and as whom',
    timeoutMs: 60_000,
    maxBytes: 8 * mib,
  },
  drivers: {
    file: 'collectors/edr/queries/drivers.ps1',
    privilege: 'user',
    reason: 'drivers of the kernel and of file systems',
    timeoutMs: 60_000,
    maxBytes: 8 * mib,
  },
  'uninstall-entries': {
    file: 'collectors/edr/queries/uninstall-entries.ps1',
    privilege: 'user',
    reason: 'names and versions of installed programs',
    timeoutMs: 60_000,
    maxBytes: 8 * mib,
  },
  'filter-drivers': {
    file: 'collectors/edr/queries/filter-drivers.ps1',
    privilege: 'user',
    reason: 'file-system filters and their altitudes, as they are registered',
    timeoutMs: 60_000,
    maxBytes: 4 * mib,
  },
  'program-versions': {
    file: 'collectors/edr/queries/program-versions.ps1',
    privilege: 'user',
    reason: 'versions of the programs behind the services of protection products',
    timeoutMs: 30_000,
  },
  'audit-policy': {
    file: 'collectors/edr/queries/audit-policy.ps1',
    privilege: 'administrator',
    reason: 'the audit policy by GUID; auditpol writes it to a folder of our own, which is deleted',
    timeoutMs: 60_000,
  },
  'powershell-v2': {
    file: 'collectors/edr/queries/powershell-v2.ps1',
    privilege: 'user',
    reason: 'whether the engine of PowerShell 2, which logs nothing, is installed',
    timeoutMs: 60_000,
  },
  'event-logs': {
    file: 'collectors/edr/queries/event-logs.ps1',
    privilege: 'administrator',
    reason: 'how far back the event logs reach; no event is kept',
    timeoutMs: 60_000,
    volatile: true,
  },
  'log-clearings': {
    file: 'collectors/edr/queries/log-clearings.ps1',
    privilege: 'administrator',
    reason: 'who cleared a log, and when (events 1102 and 104)',
    timeoutMs: 60_000,
    maxBytes: 4 * mib,
  },
  'computer-system': {
    file: 'collectors/admins/queries/computer-system.ps1',
    privilege: 'user',
    reason: 'whether this machine is a member of a domain, or its controller',
    timeoutMs: 30_000,
  },
  'local-groups': {
    file: 'collectors/admins/queries/local-groups.ps1',
    privilege: 'user',
    reason: 'members of the local groups that open a way to administrator, by SID',
    timeoutMs: 120_000,
    maxBytes: 32 * mib,
  },
  'local-accounts': {
    file: 'collectors/admins/queries/local-accounts.ps1',
    privilege: 'user',
    reason: 'accounts of this machine, their state and the dates of password and logon',
    timeoutMs: 60_000,
    maxBytes: 16 * mib,
  },
  'directory-root': {
    file: 'collectors/admins/queries/directory-root.ps1',
    privilege: 'user',
    reason:
      'the SID of the domain, whether memberships can end by themselves, when the password of LAPS runs out; never the password',
    timeoutMs: 60_000,
  },
  'directory-rights': {
    file: 'collectors/admins/queries/directory-rights.ps1',
    privilege: 'user',
    reason: 'on a domain controller, who may change what the domain stands on, and what is trusted to act for others',
    timeoutMs: 120_000,
    maxBytes: 32 * mib,
  },
  'directory-objects': {
    file: 'collectors/admins/queries/directory-objects.ps1',
    privilege: 'user',
    reason:
      'groups and accounts of the domain that a local group or a privileged group leads to, within a budget of look-ups',
    timeoutMs: 120_000,
    maxBytes: 64 * mib,
    // It says when it read, to the moment.
    volatile: true,
  },
  'user-rights': {
    file: 'collectors/admins/queries/user-rights.ps1',
    privilege: 'administrator',
    reason: 'who holds which user right; secedit writes it to a folder of our own, which is deleted',
    timeoutMs: 60_000,
    maxBytes: 4 * mib,
  },
  'scheduled-tasks': {
    file: 'collectors/admins/queries/scheduled-tasks.ps1',
    privilege: 'administrator',
    reason: 'scheduled tasks and as whom they run',
    timeoutMs: 60_000,
    maxBytes: 8 * mib,
  },
  'account-sids': {
    file: 'collectors/admins/queries/account-sids.ps1',
    privilege: 'user',
    reason: 'SIDs of the accounts that services and tasks run as',
    timeoutMs: 60_000,
    maxBytes: 4 * mib,
  },
  'registry-values': {
    file: 'collectors/admins/queries/registry-values.ps1',
    privilege: 'user',
    reason: 'single registry values by name, where a secret may stand beside them that is not read',
    timeoutMs: 30_000,
  },
  'credential-providers': {
    file: 'collectors/mfa/queries/credential-providers.ps1',
    privilege: 'user',
    reason: 'credential providers and filters, their libraries and who signed them',
    timeoutMs: 60_000,
    maxBytes: 4 * mib,
  },
  'exchange-virtual-directories': {
    file: 'collectors/mfa/queries/exchange-virtual-directories.ps1',
    privilege: 'user',
    reason: 'what the virtual directories of this Exchange server accept, as the directory holds it',
    timeoutMs: 60_000,
    maxBytes: 4 * mib,
  },
  'exchange-settings': {
    file: 'collectors/mfa/queries/exchange-settings.ps1',
    privilege: 'administrator',
    reason: 'authentication policies, modern authentication, mail protocols and connectors of Exchange',
    timeoutMs: 120_000,
    maxBytes: 8 * mib,
  },
} as const satisfies Record<string, QuerySpec>;
