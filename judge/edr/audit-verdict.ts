/** Whether the audit system records, and whether logs leave the server. */
import type { Draft } from '../../collectors/collector.ts';
import type { AuditRule, ForwardingTarget, LogForwarder } from '../../schemas/generated/types.ts';
import { shownText } from '../mfa/text.ts';
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
    faults.push(...faultsOfRules(auditRulesLoaded.value));
  } else unknowns.push(`auditRulesLoaded: ${auditRulesLoaded.reason}`);
  if (auditdService.status === 'observed') {
    if (!auditdService.value.running) faults.push('the audit daemon does not run');
    if (!auditdService.value.enabledAtBoot) faults.push('the audit daemon is not told to start with the system');
  } else if (auditdService.status === 'absent') faults.push('there is no audit daemon');
  else unknowns.push(`auditdService: ${auditdService.reason}`);
  settings(edr, faults, unknowns);
  return verdictOf(faults, unknowns);
}

/**
 * Rules that record something, and none before them by which nothing is: Fedora and what derives from it load
 * `-a never,task`, which takes every process out of auditing before any other rule is asked (auditctl(8), task).
 */
function faultsOfRules(loaded: readonly AuditRule[]): string[] {
  const rules = loaded.filter(({ kind }) => kind !== 'control');
  if (rules.length === 0) return ['the kernel holds no audit rules'];
  const blind = rules.find((rule) => rule.action === 'never' && rule.list === 'task' && !isLimited(rule));
  if (blind !== undefined) return ['no process is audited: the rule -a never,task stands before all others'];
  const recording = rules.findIndex(
    ({ kind, action, list }) => kind === 'watch' || (action !== 'never' && list !== 'exclude' && list !== 'filesystem'),
  );
  if (recording < 0) return ['no audit rule records anything: all of them leave something out'];
  // The first rule of a list that matches decides.
  const silent = rules.findIndex((rule) => rule.action === 'never' && rule.list === 'exit' && !isLimited(rule));
  return silent >= 0 && silent < recording
    ? ['no audit rule is reached: one that leaves out everything stands first']
    : [];
}

/** Whether it is for some calls, files or people alone. */
function isLimited({ text, syscalls = [], path }: AuditRule): boolean {
  const words = typeof text === 'string' ? text : '';
  const old = /^LIST_RULES: \S+\s*(.*)$/.exec(words)?.[1];
  if (old !== undefined) return old !== '' && old !== 'syscall=all';
  return path !== undefined || /\s-[FC]\s/.test(` ${words}`) || syscalls.some((name) => name !== 'all');
}

/** What auditd.conf(5) has it throw away. */
function settings({ auditdSettings }: Draft<'edr'>, faults: string[], unknowns: string[]): void {
  if (auditdSettings.status !== 'observed') {
    if (auditdSettings.status !== 'absent') unknowns.push(`auditdSettings: ${auditdSettings.reason}`);
    return;
  }
  const { local_events: local, write_logs: writes, log_format: format } = auditdSettings.value;
  if (local === 'no') faults.push('the audit daemon leaves out what happens on the server itself (local_events no)');
  if (writes === 'no' || format === 'nolog')
    unknowns.push('the audit daemon writes no log: whether one of its plugins takes the records was not seen');
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

type Sends = 'yes' | 'no' | 'unknown';

/** One target that takes them is enough. */
function bestOf(answers: readonly Sends[]): Sends | undefined {
  return (['yes', 'unknown', 'no'] as const).find((each) => answers.includes(each));
}

/**
 * Whether a selector of rsyslog lets messages of authentication pass (rsyslog.conf(5), SELECTORS): what sshd and sudo
 * write is of the facility auth or authpriv and no more severe than a notice. `*.*;auth,authpriv.none`, as Debian
 * has it for its own files, leaves them out.
 */
function sendsLogins({ selects }: ForwardingTarget): Sends {
  if (selects === undefined || selects.length === 0) return 'yes';
  return bestOf(selects.map((each) => selectsLogins(shownText(each)))) ?? 'yes';
}

const severities = ['debug', 'info', 'notice', 'warning', 'err', 'crit', 'alert', 'emerg'];
const otherNames: Readonly<Record<string, string>> = { warn: 'warning', error: 'err', panic: 'emerg' };

function selectsLogins(selector: string): Sends {
  if (!/^[\w*,.;=! ]+$/.test(selector)) return 'unknown';
  const passes = { auth: false, authpriv: false };
  for (const part of selector.split(';')) {
    const [, names = '', not, exactly, level = ''] = /^\s*([\w*,]+)\.(!?)(=?)(\*|\w+)\s*$/.exec(part) ?? [];
    const wanted = severities.indexOf(otherNames[level] ?? level);
    if (names === '' || (level !== '*' && level !== 'none' && wanted < 0)) return 'unknown';
    const notice = severities.indexOf('notice');
    const meant = level === '*' || (exactly === '=' ? wanted === notice : wanted <= notice);
    for (const facility of ['auth', 'authpriv'] as const) {
      if (!names.split(',').some((name) => name === '*' || name === facility)) continue;
      if (level === 'none') passes[facility] = false;
      else if (meant) passes[facility] = not !== '!';
    }
  }
  // Which of the two sshd and sudo write to is theirs and their distribution's choice.
  if (passes.auth !== passes.authpriv) return 'unknown';
  return passes.auth ? 'yes' : 'no';
}

function judgeForwarder(forwarder: LogForwarder, at: string, limits: EdrLimits): Verdict {
  const { kind, running, enabledAtBoot, configured, delivering } = forwarder;
  const faults: string[] = [];
  const unknowns: string[] = [];
  if (configured.status === 'observed') {
    if (configured.value.length === 0) faults.push(`${kind} is told to send nothing away`);
    const logins = bestOf(configured.value.map(sendsLogins));
    const selected = configured.value.flatMap(({ selects = [] }) => selects.map(shownText)).join(', ');
    if (logins === 'no') faults.push(`${kind} sends no logins away, only ${selected}`);
    if (logins === 'unknown') unknowns.push(`${kind}: whether logins are among what it sends (${selected})`);
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
