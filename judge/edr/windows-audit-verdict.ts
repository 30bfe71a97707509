/**
 * Whether Windows records what an investigation needs: logons, accounts and groups, processes with their
 * command line, changes of the policy itself, PowerShell. The subcategories are those that Microsoft's and
 * the CIS baselines share (learn.microsoft.com, audit-policy-recommendations).
 */
import type { Draft } from '../../collectors/collector.ts';
import type { Fact, Moment } from '../../schemas/generated/types.ts';
import { type Verdict, verdictOf } from '../verdict.ts';

type Need = { readonly id: string; readonly name: string; readonly success: boolean; readonly failure: boolean };

const needs: readonly Need[] = [
  { id: '0cce9215-69ae-11d9-bed3-505054503030', name: 'Logon', success: true, failure: true },
  { id: '0cce921b-69ae-11d9-bed3-505054503030', name: 'Special Logon', success: true, failure: false },
  { id: '0cce9235-69ae-11d9-bed3-505054503030', name: 'User Account Management', success: true, failure: false },
  { id: '0cce9237-69ae-11d9-bed3-505054503030', name: 'Security Group Management', success: true, failure: false },
  { id: '0cce922f-69ae-11d9-bed3-505054503030', name: 'Audit Policy Change', success: true, failure: false },
];
const processCreation = '0cce922b-69ae-11d9-bed3-505054503030';

export function judgeWindowsAudit(edr: Draft<'edr'>): Verdict {
  const faults: string[] = [];
  const unknowns: string[] = [];
  const { auditPolicy, auditSubcategoriesOverride: override, logClearings, logRetention } = edr;
  if (auditPolicy.status === 'observed') {
    for (const { id, name, success, failure } of needs) {
      const found = auditPolicy.value.find((each) => each.id === id);
      const missing = [
        ...(success && found?.success !== true ? ['successes'] : []),
        ...(failure && found?.failure !== true ? ['failures'] : []),
      ];
      if (missing.length > 0) faults.push(`${name}: ${missing.join(' and ')} are not logged`);
    }
  } else unknowns.push(`auditPolicy: ${auditPolicy.reason}`);
  processes(edr, faults, unknowns);
  powershell(edr, faults, unknowns);
  // Windows lets subcategories win where the value is not set.
  if (override.status === 'observed' && !override.value)
    faults.push('the old audit categories can overrule the subcategories (SCENoApplyLegacyAuditPolicy 0)');
  else if (override.status !== 'observed' && override.status !== 'absent')
    unknowns.push(`auditSubcategoriesOverride: ${override.reason}`);
  if (logClearings.status === 'observed')
    for (const { log, at } of logClearings.value.slice(0, 8))
      faults.push(
        `the log ${typeof log === 'string' ? log : 'with a name that is not UTF-8'} was cleared at ${dateOf(at)}`,
      );
  else unknowns.push(`logClearings: ${logClearings.reason}`);
  if (logRetention.status === 'observed') {
    const security = logRetention.value.find(({ log }) => log === 'Security');
    if (security?.enabled === false) faults.push('the log Security is off');
    if (security?.enabled === undefined) unknowns.push('whether the log Security is on');
  } else unknowns.push(`logRetention: ${logRetention.reason}`);
  return verdictOf(faults, unknowns);
}

/** Process creation with command lines, or Sysmon, which records both. */
function processes(
  { auditPolicy, commandLineAudit, sysmon }: Draft<'edr'>,
  faults: string[],
  unknowns: string[],
): void {
  if (sysmon.status === 'observed' && sysmon.value.running && sysmon.value.driverLoaded === true) return;
  if (auditPolicy.status === 'observed') {
    if (auditPolicy.value.find(({ id }) => id === processCreation)?.success !== true)
      faults.push('new processes are not logged, neither by Windows nor by Sysmon');
    else
      demand(commandLineAudit, 'commandLineAudit', faults, unknowns, (logged) =>
        logged ? undefined : 'new processes are logged without their command line',
      );
  }
  if (sysmon.status !== 'observed' && sysmon.status !== 'absent') unknowns.push(`sysmon: ${sysmon.reason}`);
}

function powershell(
  { powershellLogging, powershellVersion2 }: Draft<'edr'>,
  faults: string[],
  unknowns: string[],
): void {
  demand(powershellLogging, 'powershellLogging', faults, unknowns, (list) => {
    const silent = list.filter(({ scriptBlocks }) => !scriptBlocks).map(({ edition }) => edition);
    return silent.length === 0 ? undefined : `script blocks are not logged: ${[...new Set(silent)].join(', ')}`;
  });
  demand(powershellVersion2, 'powershellVersion2', faults, unknowns, (installed) =>
    installed ? 'the engine of PowerShell 2, which logs nothing, is installed' : undefined,
  );
}

function demand<T>(
  fact: Fact<T>,
  name: string,
  faults: string[],
  unknowns: string[],
  faultOf: (value: T) => string | undefined,
): void {
  if (fact.status !== 'observed') {
    unknowns.push(`${name}: ${fact.reason}`);
    return;
  }
  const fault = faultOf(fact.value);
  if (fault !== undefined) faults.push(fault);
}

function dateOf(moment: Moment): string {
  return 'at' in moment ? moment.at : moment.on;
}
