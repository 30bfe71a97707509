/** The kernel's audit system and its daemon: in a container they are the machine's, and not ours to read. */
import type { Host } from '../../../agent/host/host.ts';
import type { AuditRule, AuditService, Fact, Scope } from '../../../schemas/generated/types.ts';
import type { Draft } from '../../collector.ts';
import { missed, observed, unseen } from '../../fact.ts';
import { wholeFile, wholeOutput } from '../../updates/whole-text.ts';
import type { SystemView } from '../system-view.ts';
import { enabledFact } from '../traces.ts';
import { parseAuditdConf, parseAuditRules, parseAuditStatus } from './auditctl.ts';

type AuditFacts = Pick<
  Draft<'edr'>,
  'auditd' | 'auditdService' | 'auditdSettings' | 'auditRulesLoaded' | 'auditRulesConfigured'
>;

const rulesFolder = '/etc/audit/rules.d';
const maxRuleFiles = 50;

export async function readAudit(host: Host, system: SystemView, scope: Fact<Scope>): Promise<AuditFacts> {
  if (scope.status === 'observed' && scope.value.kind === 'container') {
    const why = unseen('unsupported', 'container-scope', scope.sources);
    return { auditd: why, auditdService: why, auditdSettings: why, auditRulesLoaded: why, auditRulesConfigured: why };
  }
  return {
    auditd: deniedToUsers(wholeOutput(await host.exec('auditctl-status'), parseAuditStatus)),
    auditdService: serviceOf(system),
    auditdSettings: wholeFile(await host.readFile('/etc/audit/auditd.conf'), parseAuditdConf),
    auditRulesLoaded: deniedToUsers(wholeOutput(await host.exec('auditctl-list'), (text) => parseAuditRules(text))),
    auditRulesConfigured: await configuredRules(host),
  };
}

/** auditctl ends with 4 and words where it was not started by root, or the kernel refuses: that is a denial, no failure. */
function deniedToUsers<T>(fact: Fact<T>): Fact<T> {
  const isDenied = fact.status === 'failed' && /must be root|operation not permitted/i.test(fact.detail ?? '');
  return isDenied ? unseen('denied', 'permission-denied', fact.sources) : fact;
}

function serviceOf({ units }: SystemView): Fact<AuditService> {
  if (units.status !== 'observed') return units;
  const unit = units.value.get('auditd.service');
  if (unit?.known !== true) return unseen('absent', 'no-such-unit', units.sources);
  const enabled = enabledFact(unit, units.sources);
  if (enabled.status !== 'observed') return enabled;
  return observed({ running: unit.active && !unit.exited, enabledAtBoot: enabled.value }, ...units.sources);
}

/** augenrules(8) joins the files of rules.d in their order; without the folder audit.rules itself counts. */
async function configuredRules(host: Host): Promise<Fact<AuditRule[]>> {
  const names = await host.list(rulesFolder);
  if (names.status === 'absent') {
    const path = '/etc/audit/audit.rules';
    return wholeFile(await host.readFile(path), (text) => parseAuditRules(text, path));
  }
  if (names.status !== 'observed') return missed(names);
  const files = names.value.filter((name) => name.endsWith('.rules'));
  if (files.length > maxRuleFiles) return unseen('failed', 'too-many-files', [names.source]);
  const rules: AuditRule[] = [];
  const sources = [names.source];
  for (const name of files) {
    const path = `${rulesFolder}/${name}`;
    const found = wholeFile(await host.readFile(path), (text) => parseAuditRules(text, path));
    // Half of the rules would mislead as much as none.
    if (found.status !== 'observed') return found.status === 'absent' ? { ...found, status: 'failed' } : found;
    rules.push(...found.value);
    sources.push(...found.sources);
  }
  return rules.length > 10_000 ? unseen('failed', 'too-many-entries', sources) : observed(rules, ...sources);
}
