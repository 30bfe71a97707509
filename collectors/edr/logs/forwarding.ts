/** What sends logs away: as it is told to, and, where anything shows it, whether it arrives. Told is not delivered. */
import type { Host } from '../../../agent/host/host.ts';
import type { Fact, ForwardingTarget, LogForwarder } from '../../../schemas/generated/types.ts';
import { missed, observed, type Parsed, unseen } from '../../fact.ts';
import { wholeFile } from '../../updates/whole-text.ts';
import { parseWazuhState } from '../products/wazuh.ts';
import type { SystemView } from '../system-view.ts';
import { enabledFact } from '../traces.ts';
import { readConnection } from './connections.ts';
import {
  parseAudispRemote,
  parseFluentBit,
  parseJournalUpload,
  parseOssecConf,
  parseSplunkOutputs,
  parseSyslogNg,
} from './other-forwarders.ts';
import { readRsyslog } from './rsyslog-files.ts';
import { readRsyslogState } from './rsyslog-state.ts';
import { readSyslogNgState } from './syslog-ng-state.ts';

type Forwarder = {
  readonly kind: LogForwarder['kind'];
  readonly unit: string;
  /** The first that is there is the one in use. Marked secret where it may hold a password. */
  readonly files: readonly string[];
  readonly secret?: true;
  readonly parse?: (text: string, path: string) => Parsed<ForwardingTarget[]>;
  /** Without its own, whether a connection to its targets stands. */
  readonly delivering?: (
    host: Host,
    configured: Fact<ForwardingTarget[]> | undefined,
  ) => Promise<LogForwarder['delivering']>;
};

const forwarders: readonly Forwarder[] = [
  {
    kind: 'syslog-ng',
    unit: 'syslog-ng.service',
    files: ['/etc/syslog-ng/syslog-ng.conf'],
    secret: true,
    parse: parseSyslogNg,
    delivering: readSyslogNgState,
  },
  {
    kind: 'journal-upload',
    unit: 'systemd-journal-upload.service',
    files: ['/etc/systemd/journal-upload.conf'],
    parse: parseJournalUpload,
    delivering: uploadState,
  },
  {
    kind: 'audisp-remote',
    unit: 'auditd.service',
    files: ['/etc/audit/audisp-remote.conf', '/etc/audisp/audisp-remote.conf'],
    parse: parseAudispRemote,
  },
  {
    kind: 'fluent-bit',
    unit: 'fluent-bit.service',
    files: ['/etc/fluent-bit/fluent-bit.conf'],
    secret: true,
    parse: parseFluentBit,
  },
  { kind: 'vector', unit: 'vector.service', files: [] },
  { kind: 'azure-monitor-agent', unit: 'azuremonitoragent.service', files: [] },
  {
    kind: 'splunk-forwarder',
    unit: 'SplunkForwarder.service',
    files: ['/opt/splunkforwarder/etc/system/local/outputs.conf'],
    secret: true,
    parse: parseSplunkOutputs,
  },
  { kind: 'nxlog', unit: 'nxlog.service', files: [] },
  { kind: 'filebeat', unit: 'filebeat.service', files: [] },
  { kind: 'elastic-agent', unit: 'elastic-agent.service', files: [] },
  {
    kind: 'wazuh-agent',
    unit: 'wazuh-agent.service',
    files: ['/var/ossec/etc/ossec.conf'],
    parse: parseOssecConf,
    delivering: wazuhState,
  },
];

/** Empty only where systemd answered and every configuration was looked at. */
export async function readForwarding(host: Host, system: SystemView): Promise<Fact<LogForwarder[]>> {
  const found: LogForwarder[] = [];
  const unanswered: Fact<unknown>[] = system.units.status === 'observed' ? [] : [system.units];
  const sources = [...system.units.sources];
  const rsyslog = await readRsyslog(host);
  const rsyslogForwarder: Forwarder = {
    kind: 'rsyslog',
    unit: 'rsyslog.service',
    files: [],
    delivering: (door, configured) => readRsyslogState(door, configured, rsyslog.statistics),
  };
  for (const forwarder of [rsyslogForwarder, ...forwarders]) {
    const configured = forwarder.kind === 'rsyslog' ? rsyslog.targets : await readConfiguration(host, forwarder);
    if (configured !== undefined) sources.push(...configured.sources);
    const known =
      system.units.status === 'observed' ? system.units.value.get(forwarder.unit)?.known === true : undefined;
    const plugin = forwarder.kind === 'audisp-remote';
    const told = configured?.status === 'observed' && configured.value.length > 0;
    const gone = configured === undefined || configured.status === 'absent';
    // A configuration that is only shipped, without its program, forwards nothing.
    if (plugin ? !told : gone && known !== true) {
      if (configured !== undefined && configured.status !== 'observed' && configured.status !== 'absent')
        unanswered.push(configured);
      continue;
    }
    if (known === false && !plugin && !told) continue;
    found.push(await entryOf(host, forwarder, configured, system));
  }
  if (found.length > 0) return observed(found, ...sources.slice(0, 60));
  const [why] = unanswered;
  return why === undefined || why.status === 'observed' ? observed([], ...sources.slice(0, 60)) : why;
}

async function entryOf(
  host: Host,
  forwarder: Forwarder,
  configured: Fact<ForwardingTarget[]> | undefined,
  { units }: SystemView,
): Promise<LogForwarder> {
  const unit = units.status === 'observed' ? units.value.get(forwarder.unit) : undefined;
  const notThere = unseen('absent', 'no-such-unit', units.sources);
  return {
    kind: forwarder.kind,
    name: forwarder.unit,
    running:
      units.status !== 'observed' ? units : unit?.known === true ? observed(unit.active, ...units.sources) : notThere,
    enabledAtBoot:
      units.status !== 'observed' ? units : unit?.known === true ? enabledFact(unit, units.sources) : notThere,
    configured:
      configured === undefined || configured.status === 'absent'
        ? unseen('unsupported', 'configuration-not-covered', configured?.sources ?? units.sources)
        : configured,
    delivering: withSources(await (forwarder.delivering ?? readConnection)(host, configured), units.sources),
  };
}

/** A fact names at least one source; where nothing was asked it is the list of services. */
function withSources<T>(fact: Fact<T>, others: readonly string[]): Fact<T> {
  return fact.sources.length > 0 ? fact : { ...fact, sources: [...others] };
}

async function readConfiguration(
  host: Host,
  { files, secret, parse }: Forwarder,
): Promise<Fact<ForwardingTarget[]> | undefined> {
  let last: Fact<ForwardingTarget[]> | undefined;
  if (parse === undefined) return undefined;
  for (const path of files) {
    const answer = await host.readFile(path, secret === true ? { secret } : {});
    last = wholeFile(answer, (text) => parse(text, path));
    if (answer.status !== 'absent') return last;
  }
  return last;
}

/** systemd-journal-upload writes its place in the journal after each upload that was taken. */
async function uploadState(host: Host): Promise<LogForwarder['delivering']> {
  const stat = await host.stat('/var/lib/systemd/journal-upload/state');
  return stat.status === 'observed'
    ? observed({ lastAcknowledgedAt: { at: stat.value.mtime } }, stat.source)
    : missed(stat);
}

async function wazuhState(host: Host): Promise<LogForwarder['delivering']> {
  const path = '/var/ossec/var/run/wazuh-agentd.state';
  const state = wholeFile(await host.readFile(path, { volatile: true }), parseWazuhState);
  if (state.status !== 'observed') return state;
  const { connected, lastContactAt } = state.value.cloudContact ?? {};
  if (connected === undefined) return unseen('unsupported', 'not-stated', state.sources);
  return observed(
    { connected, ...(lastContactAt !== undefined && { lastAcknowledgedAt: lastContactAt }) },
    ...state.sources,
  );
}
