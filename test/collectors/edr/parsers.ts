/** Every parser of the domain by name, with a sample: for tests that feed all of them the same rubbish. */
import { parseAuditdConf, parseAuditRules, parseAuditStatus } from '../../../collectors/edr/audit/auditctl.ts';
import { parseFanotify } from '../../../collectors/edr/fanotify.ts';
import { parseModules } from '../../../collectors/edr/kernel-modules.ts';
import { columnValues, keyValues } from '../../../collectors/edr/key-values.ts';
import { parseAuditStops } from '../../../collectors/edr/logs/clearings.ts';
import { parseEstablished } from '../../../collectors/edr/logs/connections.ts';
import { parseImpstats } from '../../../collectors/edr/logs/impstats.ts';
import * as others from '../../../collectors/edr/logs/other-forwarders.ts';
import { parseBoots, parseJournaldConf } from '../../../collectors/edr/logs/retention.ts';
import { parseRsyslog } from '../../../collectors/edr/logs/rsyslog.ts';
import { parseRsyslogMessages } from '../../../collectors/edr/logs/rsyslog-state.ts';
import { parseSyslogNgStats } from '../../../collectors/edr/logs/syslog-ng-state.ts';
import { parseBduitool } from '../../../collectors/edr/products/bitdefender.ts';
import { parseRepcli } from '../../../collectors/edr/products/carbon-black.ts';
import { parseAmpAbout, parseAmpStatus } from '../../../collectors/edr/products/cisco.ts';
import { clamdExclusions, parseClamdConf } from '../../../collectors/edr/products/clamav-conf.ts';
import { parseDatabaseHeader } from '../../../collectors/edr/products/clamav-database.ts';
import { freshclamRuns, parseFreshclamLog } from '../../../collectors/edr/products/clamav-freshclam.ts';
import { parseClamdLog } from '../../../collectors/edr/products/clamav-log.ts';
import { parseClamVersion } from '../../../collectors/edr/products/clamav-version.ts';
import { parseCortexContent, parseCortexInfo, parseCortexRuntime } from '../../../collectors/edr/products/cortex.ts';
import { parseExclusions } from '../../../collectors/edr/products/defender-exclusions.ts';
import { healthValues, parseHealthJson, parseHealthText } from '../../../collectors/edr/products/defender-health.ts';
import { parseThreats } from '../../../collectors/edr/products/defender-threats.ts';
import { parseElasticStatus } from '../../../collectors/edr/products/elastic.ts';
import { parseEsetLicence, parseEsetModules } from '../../../collectors/edr/products/eset.ts';
import { falconValues, parseFalconctl } from '../../../collectors/edr/products/falcon.ts';
import { parseKesl } from '../../../collectors/edr/products/kaspersky.ts';
import * as sentinel from '../../../collectors/edr/products/sentinelone.ts';
import { parseSavdstatus, parseSavdVersion } from '../../../collectors/edr/products/sophos.ts';
import { parseSisapStatus } from '../../../collectors/edr/products/symantec.ts';
import { parseAccessProtection, parseOnAccess, parseTrellixVersion } from '../../../collectors/edr/products/trellix.ts';
import { parseAgentStatus, parseComponentInfo } from '../../../collectors/edr/products/trend.ts';
import { parseWazuhInfo, parseWazuhState, parseWazuhStatus } from '../../../collectors/edr/products/wazuh.ts';
import { parseSystemctlShow } from '../../../collectors/edr/systemctl-show.ts';
import { watchedUnits } from '../../../collectors/edr/watched-units.ts';
import { digests } from '../each-source-denied.ts';
import type { NamedParser } from '../mutations.ts';
import { clamHeader, systemctlShow } from './machine.ts';
import { samples } from './samples.ts';

function parser(name: string, sample: string | undefined, parse: (text: string) => unknown): NamedParser {
  return { name, sample: sample ?? '', parse };
}

const etc = '/etc/example.conf';

export const parsers: readonly NamedParser[] = [
  parser('mdatp health, JSON', samples['mdatp-health-json'], (text) => {
    const health = parseHealthJson(text);
    return health.ok ? { ok: true, value: healthValues(health.value) } : health;
  }),
  parser('mdatp health, text', samples['mdatp-health'], (text) => {
    const health = parseHealthText(text);
    return health.ok ? { ok: true, value: healthValues(health.value) } : health;
  }),
  parser('mdatp exclusions', samples['mdatp-exclusions'], (text) => parseExclusions(text, digests)),
  parser('mdatp threats', samples['mdatp-threats'], (text) => parseThreats(text, digests)),
  parser('falconctl', samples['falconctl-options'], (text) => {
    const found = parseFalconctl(text);
    return found.ok ? { ok: true, value: falconValues(found.value, digests) } : found;
  }),
  parser('sentinelctl version', samples['sentinelctl-version'], sentinel.parseSentinelVersion),
  parser('sentinelctl engines', samples['sentinelctl-engines'], sentinel.parseSentinelEngines),
  parser('sentinelctl control', samples['sentinelctl-control'], sentinel.parseSentinelControl),
  parser('sentinelctl management', samples['sentinelctl-management'], sentinel.parseSentinelManagement),
  parser('savdstatus', samples.savdstatus, parseSavdstatus),
  parser('savdstatus --version', samples['savdstatus-version'], parseSavdVersion),
  parser('dsa_query status', samples['dsa-query-status'], parseAgentStatus),
  parser('dsa_query components', samples['dsa-query-components'], parseComponentInfo),
  parser('eset modules', samples['eset-modules'], parseEsetModules),
  parser('eset licence', samples['eset-licence'], parseEsetLicence),
  parser('bduitool', samples['bduitool-status'], parseBduitool),
  parser('mfetpcli version', samples['mfetpcli-version'], parseTrellixVersion),
  parser('mfetpcli on access', samples['mfetpcli-on-access'], parseOnAccess),
  parser('mfetpcli access protection', samples['mfetpcli-access-protection'], parseAccessProtection),
  parser('sisap', 'version=1 mode=ENA flags=0\n', parseSisapStatus),
  parser('repcli', samples['repcli-status'], parseRepcli),
  parser('cytool runtime', samples['cytool-runtime'], parseCortexRuntime),
  parser('cytool info', samples['cytool-info'], parseCortexInfo),
  parser('cytool info query', samples['cytool-info-query'], parseCortexContent),
  parser('kesl', samples['kesl-app-info'], parseKesl),
  parser('elastic-agent', samples['elastic-agent-status'], parseElasticStatus),
  parser('wazuh status', samples['wazuh-status'], parseWazuhStatus),
  parser('wazuh info', samples['wazuh-info'], parseWazuhInfo),
  parser(
    'wazuh state',
    "status='connected'\nlast_keepalive='2026-11-23 06:00:00'\nlast_ack='2026-11-23 06:00:02'\n",
    parseWazuhState,
  ),
  parser('clamdscan', samples['clamdscan-version'], parseClamVersion),
  parser(
    'clamd.conf',
    'LogFile /var/log/clamav/clamav.log\nExcludePath ^/proc/\nOnAccessIncludePath /home\n',
    (text) => {
      const conf = parseClamdConf(text);
      return conf.ok ? { ok: true, value: clamdExclusions(conf.value, digests) } : conf;
    },
  ),
  parser('cvd', clamHeader, parseDatabaseHeader),
  parser(
    'clamd log',
    'Mon Nov 23 05:10:00 2026 -> /srv/a.php: Php.Webshell-1(0123456789abcdef0123456789abcdef:68) FOUND\n',
    (text) => parseClamdLog(text, digests, false),
  ),
  parser(
    'freshclam',
    'ClamAV update process started at Mon Nov 23 05:00:00 2026\ndaily.cld database is up-to-date (version: 28200, sigs: 1, f-level: 90, builder: x)\n',
    (text) => [freshclamRuns(text), parseFreshclamLog(text)],
  ),
  parser('ampcli status', samples['ampcli-status'], parseAmpStatus),
  parser('ampcli about', samples['ampcli-about'], parseAmpAbout),
  parser('auditctl -s', samples['auditctl-status'], parseAuditStatus),
  parser('auditctl -l', samples['auditctl-list'], (text) => parseAuditRules(text)),
  parser('auditd.conf', 'log_file = /var/log/audit/audit.log\nspace_left_action = SYSLOG\n', parseAuditdConf),
  parser('list of boots', samples['journalctl-boots'], parseBoots),
  parser('journald.conf', '[Journal]\nStorage=persistent\nSystemMaxUse=1G\n', parseJournaldConf),
  parser(
    'rsyslog.conf',
    '*.* @@siem.example.org:6514\naction(type="omfwd" target="192.0.2.1" port="514" protocol="tcp" StreamDriver="gtls" queue.type="LinkedList" queue.filename="q")\n',
    (text) => parseRsyslog(text, etc),
  ),
  parser(
    'impstats',
    'Mon Nov 30 17:00:56 2026: siem queue: origin=core.queue size=20 enqueued=60 full=40 discarded.full=40 discarded.nf=0 maxqsize=20 \nMon Nov 30 17:01:02 2026: { "name": "action-0-builtin:omfwd", "origin": "core.action", "processed": 60, "failed": 117, "suspended": 1, "resumed": 0 }\n',
    (text) => parseImpstats(text, { actions: ['siem'], resets: false, failover: false }),
  ),
  parser('syslog-ng.conf', 'destination d_net { network("siem" port(6514) transport("tls")); };\n', (text) =>
    others.parseSyslogNg(text, etc),
  ),
  parser('journal-upload.conf', '[Upload]\nURL=https://u:p@siem.example.org:19532\n', (text) =>
    others.parseJournalUpload(text, etc),
  ),
  parser('audisp-remote.conf', 'remote_server = siem.example.org\nport = 60\n', (text) =>
    others.parseAudispRemote(text, etc),
  ),
  parser('outputs.conf', '[tcpout:x]\nserver = a:9997, b:9997\nsslPassword = x\n', (text) =>
    others.parseSplunkOutputs(text, etc),
  ),
  parser('fluent-bit.conf', '[OUTPUT]\n    Name forward\n    Host siem\n    Port 24224\n    tls on\n', (text) =>
    others.parseFluentBit(text, etc),
  ),
  parser(
    'ossec.conf',
    '<ossec_config><client><server><address>wazuh</address><port>1514</port></server></client></ossec_config>\n',
    (text) => others.parseOssecConf(text, etc),
  ),
  parser(
    'messages of rsyslogd',
    "1609175219.123456 web1 rsyslogd[423]: cannot connect to siem:514: Connection refused [v8.2302.0 try https://www.rsyslog.com/e/2027 ]\n1609175219.123456 web1 rsyslogd[423]: action 'action-8-builtin:omfwd' suspended (module 'builtin:omfwd'), retry 0. [v8.2302.0 try https://www.rsyslog.com/e/2007 ]\n1609175229.123456 web1 rsyslogd[423]: action 'action-8-builtin:omfwd' resumed (module 'builtin:omfwd') [v8.2302.0 try https://www.rsyslog.com/e/2359 ]\n",
    parseRsyslogMessages,
  ),
  parser(
    'syslog-ng-ctl stats',
    'SourceName;SourceId;SourceInstance;State;Type;Number\ndst.tcp;d_network#0;10.50.0.111:514;a;dropped;5080\ndst.network;d_siem#0;tls,siem.example.org:6514;a;queued;0\n',
    parseSyslogNgStats,
  ),
  parser(
    'established connections',
    '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n   0: 0100007F:0016 0A00A8C0:9C40 01 00000000:00000000 00:00000000 00000000     0        0 1 1 0 100 0 0 10 0\n   1: 00000000000000000000000000000000:0016 0000000000000000FFFF00000100000A:1962 01 00000000:00000000 00:00000000 00000000     0        0 1 1 0 100 0 0 10 0\n',
    parseEstablished,
  ),
  parser(
    'stops of the audit system',
    'type=DAEMON_END msg=audit(1616153103.158:2811): op=terminate auid=1000 uid=0 ses=3 pid=411 res=success\ntype=CONFIG_CHANGE msg=audit(1616153110.002:91): op=set audit_enabled=0 old=1 auid=1000 ses=3 res=1\n',
    parseAuditStops,
  ),
  parser('systemctl show', systemctlShow({ 'mdatp.service': {} }), (text) => parseSystemctlShow(text, watchedUnits)),
  parser('/proc/modules', 'falcon_lsm_serviceable 724992 1 - Live 0x0000000000000000 (POE)\n', parseModules),
  parser(
    'fdinfo',
    'pos:\t0\nfanotify flags:10 event-flags:0\nfanotify mnt_id:12 mflags:0 mask:30008 ignored_mask:0\n',
    parseFanotify,
  ),
  parser('key: value', 'A b:  c\n', (text) => keyValues(text)),
  parser('columns', 'Agent state      Enabled\n', (text) => columnValues(text)),
];
