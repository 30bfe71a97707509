/** Whether the audit system records, and whether logs leave the server. */
import type { Draft } from '../../collectors/collector.ts';
import type { LogForwarder } from '../../schemas/generated/types.ts';
import { type Verdict, verdictOf } from '../verdict.ts';
import { hoursBetween } from './dates.ts';
import type { EdrLimits } from './product-verdict.ts';
import { judgeWindowsAudit } from './windows-audit-verdict.ts';

/** On, with a daemon that takes what the kernel records, rules to record by, and nothing lost. */
export function judgeAudit(edr: Draft<'edr'>): Verdict {
  const { auditd, auditRulesLoaded, auditdService } = edr;
  if (auditd.status === 'not-applicable' && auditd.reason === 'windows') return judgeWindowsAudit(edr);
  const faults: string[] = [];
  const unknowns: string[] = [];
  if (auditd.status === 'observed') {
    const { enabled, pid, lost } = auditd.value;
    if (enabled === 0) faults.push('the audit system is off');
    if (pid === 0) faults.push('no daemon listens: records of the kernel go nowhere');
    if (lost > 0) faults.push(`${lost} audit records were lost since the start`);
  } else unknowns.push(`auditd: ${auditd.reason}`);
  if (auditRulesLoaded.status === 'observed') {
    const rules = auditRulesLoaded.value.filter(({ kind }) => kind !== 'control');
    if (rules.length === 0) faults.push('the kernel holds no audit rules');
  } else unknowns.push(`auditRulesLoaded: ${auditRulesLoaded.reason}`);
  if (auditdService.status === 'observed') {
    if (!auditdService.value.running) faults.push('the audit daemon does not run');
    if (!auditdService.value.enabledAtBoot) faults.push('the audit daemon is not told to start with the system');
  } else if (auditdService.status === 'absent') faults.push('there is no audit daemon');
  else unknowns.push(`auditdService: ${auditdService.reason}`);
  return verdictOf(faults, unknowns);
}

/** One forwarder must be told where to, run, and be seen to deliver. Told and running alone is undetermined. */
export function judgeForwarding({ logForwarding }: Draft<'edr'>, at: string, limits: EdrLimits): Verdict {
  if (logForwarding.status !== 'observed') return verdictOf([], [`logForwarding: ${logForwarding.reason}`]);
  const verdicts = logForwarding.value.map((each) => judgeForwarder(each, at, limits));
  const good = verdicts.find(({ outcome }) => outcome === 'pass');
  if (good !== undefined) return good;
  const unknowns = verdicts.filter(({ outcome }) => outcome === 'undetermined').flatMap((each) => each.unknowns);
  if (unknowns.length > 0) return verdictOf([], unknowns);
  const faults = verdicts.flatMap((each) => each.faults);
  return verdictOf(faults.length > 0 ? faults : ['nothing sends logs away'], []);
}

function judgeForwarder(forwarder: LogForwarder, at: string, limits: EdrLimits): Verdict {
  const { kind, running, enabledAtBoot, configured, delivering } = forwarder;
  const faults: string[] = [];
  const unknowns: string[] = [];
  if (configured.status === 'observed') {
    if (configured.value.length === 0) faults.push(`${kind} is told to send nothing away`);
  } else unknowns.push(`${kind}, where to: ${configured.reason}`);
  if (running.status === 'observed') {
    if (!running.value) faults.push(`${kind} does not run`);
  } else if (running.status === 'absent') faults.push(`${kind} has no service`);
  else unknowns.push(`${kind}, running: ${running.reason}`);
  if (enabledAtBoot.status === 'observed') {
    if (!enabledAtBoot.value) faults.push(`${kind} is not told to start with the system`);
  } else if (enabledAtBoot.status !== 'absent') unknowns.push(`${kind}, start at boot: ${enabledAtBoot.reason}`);
  if (delivering.status !== 'observed') unknowns.push(`${kind}, delivery: ${delivering.reason}`);
  else {
    const { connected, lastAcknowledgedAt, waiting, dropped } = delivering.value;
    const hours = lastAcknowledgedAt === undefined ? undefined : hoursBetween(lastAcknowledgedAt, at);
    if (connected === false) faults.push(`${kind} has no connection to its target`);
    if (hours !== undefined && hours > limits.acknowledgedHours)
      faults.push(`what ${kind} sent was last taken more than ${limits.acknowledgedHours} hours ago`);
    if (dropped === true) faults.push(`${kind} has thrown messages away`);
    if (waiting === true && connected !== false)
      unknowns.push(`${kind}, delivery: messages wait in its queue, and whether they go out does not show`);
    if (connected !== true && hours === undefined) unknowns.push(`${kind}, delivery: nothing shows that it arrives`);
  }
  return verdictOf(faults, unknowns);
}
