/** What our parsers make of recorded outputs, under the names that the index of the recordings gives to the facts. */
import assert from 'node:assert/strict';
import { parseAuditRules, parseAuditStatus } from '../../../collectors/edr/audit/auditctl.ts';
import { keyValues } from '../../../collectors/edr/key-values.ts';
import { parseOssecConf } from '../../../collectors/edr/logs/other-forwarders.ts';
import { parseBduitool } from '../../../collectors/edr/products/bitdefender.ts';
import { freshclamRuns } from '../../../collectors/edr/products/clamav-freshclam.ts';
import { parseClamVersion } from '../../../collectors/edr/products/clamav-version.ts';
import { cortexProcesses, parseCortexContent, parseCortexInfo } from '../../../collectors/edr/products/cortex.ts';
import { healthValues, parseHealthJson, parseHealthText } from '../../../collectors/edr/products/defender-health.ts';
import { esetModules, parseEsetLicence, parseEsetModules } from '../../../collectors/edr/products/eset.ts';
import { parseFalconctl } from '../../../collectors/edr/products/falcon.ts';
import * as sentinel from '../../../collectors/edr/products/sentinelone.ts';
import { parseSavdstatus } from '../../../collectors/edr/products/sophos.ts';
import { parseWazuhInfo, wazuhDaemons } from '../../../collectors/edr/products/wazuh.ts';
import { enabledFact } from '../../../collectors/edr/traces.ts';
import type { Moment } from '../../../schemas/generated/types.ts';

export type Row = {
  readonly file: string;
  readonly command: string;
  readonly expected: Readonly<Record<string, unknown>>;
};
type Found = Readonly<Record<string, unknown>>;

/** Notes of whoever recorded it, which are no facts of the output. */
export const notFacts = new Set(['note', 'comment_marks']);

/** What our parsers make of an output, under the names of the index. */
export function found({ file, command }: Row, text: string): Found {
  if (command.includes('falconctl')) return falcon(text);
  if (file.includes('mdatp')) return mdatp(file, text);
  if (file.includes('macos-sentinelctl')) return macSentinel(text);
  if (command.includes('sentinelctl')) return sentinelone(text);
  if (command.startsWith('systemctl status')) return systemctlStatus(text);
  if (file.includes('freshclam')) return freshclam(text);
  if (file.includes('clamscan-version')) {
    const version = valueOf(parseClamVersion(text));
    return {
      version: version.version,
      daily_db: Number(version.signatures),
      db_date: text.trim().split('/').at(-1),
      ...dayOf(version.built),
    };
  }
  if (file.includes('bduitool')) {
    const { version, engineVersion, signatureUpdatedAt, mode } = valueOf(parseBduitool(text));
    const plain = keyValues(text);
    assert.deepEqual(signatureUpdatedAt?.moment, { at: '2023-08-24T09:44:37Z' });
    return {
      product_version: version,
      engine_version: engineVersion,
      signatures_updated: plain.get('last security content update'),
      product_update_available: plain.get('new product update available') !== 'no',
      content_update_available: plain.get('new security content available') !== 'no',
      antimalware: mode?.mode === 'active' ? 'On' : 'Off',
    };
  }
  if (command.startsWith('cytool')) return cortex(command, text);
  if (file.includes('eea')) {
    if (file.includes('lic')) {
      const { licence } = valueOf(parseEsetLicence(text));
      return {
        product: keyValues(text).get('product name'),
        status: licence?.verbatim,
        license_validity: dateOf(licence?.expires),
      };
    }
    const { signatureVersion, signatureUpdatedAt } = valueOf(parseEsetModules(text));
    return {
      detection_engine: signatureVersion,
      detection_engine_date: dateOf(signatureUpdatedAt?.moment)?.replaceAll('-', ''),
      modules: esetModules(text).length,
    };
  }
  if (file.includes('control-info')) {
    const values = keyValues(text, '=');
    return {
      version: valueOf(parseWazuhInfo(text)).version,
      revision: values.get('wazuh_revision')?.replaceAll('"', ''),
      type: values.get('wazuh_type')?.replaceAll('"', ''),
    };
  }
  if (file.includes('control-status')) {
    const daemons = wazuhDaemons(text);
    return { ...daemons, connected: daemons.running.includes('agentd') ? undefined : false };
  }
  if (file.includes('savdstatus')) {
    const { mode, realTimeProtection } = valueOf(parseSavdstatus(text));
    return { active: mode?.mode === 'active', on_access: realTimeProtection?.enabled };
  }
  if (command === 'auditctl -s') {
    const { enabled, failure, pid, lost, backlogLimit, loginuidImmutable } = valueOf(parseAuditStatus(text));
    return {
      enabled,
      flag: failure,
      pid,
      lost,
      backlog_limit: backlogLimit,
      loginuid_immutable: loginuidImmutable === true ? '1 locked' : '0 unlocked',
    };
  }
  if (command === 'auditctl -l') {
    const rules = valueOf(parseAuditRules(text));
    return { rules: rules.length, watches: rules.filter(({ kind }) => kind === 'watch').map(({ path }) => path) };
  }
  if (file.includes('ossec-agent.conf')) {
    const [target] = valueOf(parseOssecConf(text, '/var/ossec/etc/ossec.conf'));
    const disabled = (section: string): string | undefined =>
      new RegExp(`<${section}>\\s*(?:<!--[\\s\\S]*?-->\\s*)?<disabled>(\\w+)<`).exec(text)?.[1];
    return {
      server_address: target?.address,
      server_port: target?.port,
      placeholder_address: target?.address === 'IP',
      rootcheck_disabled: disabled('rootcheck'),
      syscheck_disabled: disabled('syscheck'),
    };
  }
  throw new Error(`no parser for ${file}`);
}

function valueOf<T>(result: { ok: true; value: T } | { ok: false; reason: string }): T {
  assert.ok(result.ok, JSON.stringify(result));
  return result.value;
}

function dateOf(moment: Moment | undefined): string | undefined {
  return moment === undefined ? undefined : 'on' in moment ? moment.on : moment.at;
}

function dayOf(built: Moment | undefined): Found {
  return { day: dateOf(built) };
}

function falcon(text: string): Found {
  const { agentId, version, reducedFunctionality, reducedReason, reducedCode, tags, backend } = valueOf(
    parseFalconctl(text),
  );
  return {
    aid: agentId ?? null,
    version,
    rfm_state: reducedFunctionality,
    // The index writes the reason with its code where the output has both on one line.
    rfm_reason: [reducedReason, `${reducedReason}, code=${reducedCode}`],
    code: reducedCode,
    tags: tags ?? null,
    backend: backend ?? null,
  };
}

function mdatp(file: string, text: string): Found {
  const health = valueOf(file.endsWith('.json') ? parseHealthJson(text) : parseHealthText(text));
  const { values, managed } = health;
  const facts = healthValues(health);
  const issues = values.get('health_issues');
  const updated = values.get('definitions_updated');
  const expires = values.get('product_expiration');
  if (typeof updated === 'string')
    assert.notEqual(facts.signatureUpdatedAt, undefined, `${file}: the date of the signatures`);
  return {
    ...Object.fromEntries(values),
    healthy: facts.vendorHealth?.healthy ?? null,
    health_issues: [issues, typeof issues === 'object' ? issues.length : undefined],
    org_id: values.get('org_id') ?? null,
    onboarded: values.has('org_id'),
    real_time_protection_enabled: facts.realTimeProtection?.enabled ?? null,
    passive_mode: facts.mode === undefined ? undefined : facts.mode.mode === 'passive',
    licensed: facts.licence?.state === 'licensed',
    managed: [...managed],
    definitions_updated_epoch_ms: Number(updated),
    product_expiration_epoch_ms: Number(expires),
    definitions_updated_minutes_ago: Number(values.get('definitions_updated_minutes_ago')),
  };
}

function sentinelone(text: string): Found {
  const engines = sentinel.parseSentinelEngines(text);
  const management = sentinel.parseSentinelManagement(text);
  const version = sentinel.parseSentinelVersion(text);
  const { mode } = valueOf(sentinel.parseSentinelControl(text));
  const processes = sentinel.sentinelProcesses(text);
  return {
    agent_version: version.ok ? version.value.version : undefined,
    agent_state: mode?.mode === 'disabled' ? 'Disabled' : 'Enabled',
    processes: [processes, processes.length],
    anti_tamper: management.ok
      ? { on: 'On', off: 'Off', audit: '' }[management.value.tamperProtection?.state ?? 'audit']
      : undefined,
    connectivity: management.ok && management.value.cloudContact?.connected === true ? 'On' : 'Off',
    dfi_engine: engines.ok && engines.value.realTimeProtection?.enabled === true ? 'Enabled' : 'Disabled',
    dynamic_engine: engines.ok && engines.value.behaviourMonitoring === true ? 'Enabled' : 'Disabled',
    management_url: /^URL +(\S+)$/m.exec(text)?.[1],
  };
}

/** Its macOS form, which we do not run: by the parser of `name: value` alone. */
function macSentinel(text: string): Found {
  const values = keyValues(text);
  return {
    version: values.get('version'),
    operational_state: values.get('agent operational state'),
    ready: values.get('ready'),
    protection: values.get('protection'),
    infected: values.get('infected'),
    network_quarantine: values.get('network quarantine'),
    es_framework: values.get('es framework'),
    install_date: values.get('install date'),
  };
}

/** We ask `systemctl show`; the same state in the words of `systemctl status`. */
function systemctlStatus(text: string): Found {
  const loaded = /Loaded: loaded \([^;]+; ([a-z-]+)/.exec(text)?.[1];
  const active = /Active: ([a-z]+) \(([a-z]+)\)/.exec(text);
  const unit = {
    known: true,
    active: active?.[1] === 'active',
    exited: active?.[2] === 'exited',
    state: '',
    unitFileState: loaded,
    masked: false,
  };
  const enabled = enabledFact(unit, ['command:systemctl']);
  return {
    active: unit.active,
    enabled_at_boot: enabled.status === 'observed' ? enabled.value : undefined,
    daily: Number(freshclamRuns(text).at(-1)?.databases.get('daily')),
  };
}

function freshclam(text: string): Found {
  const run = freshclamRuns(text).at(-1);
  return {
    started: run?.started,
    daily: Number(run?.databases.get('daily')),
    main: Number(run?.databases.get('main')),
    bytecode: Number(run?.databases.get('bytecode')),
    up_to_date: run?.updated,
    updated: run?.updated,
    outdated_engine: run?.outdatedEngine,
    local_version: run?.localEngine,
    recommended: run?.recommendedEngine,
    warning: run?.warnings.some((line) => line.includes('DNS')) === true ? 'DNS' : undefined,
    error: run?.errors.find((line) => line.startsWith("Can't connect"))?.replace(/ of host.*$/, ''),
  };
}

function cortex(command: string, text: string): Found {
  if (command.endsWith('info query')) {
    const { signatureVersion = '' } = valueOf(parseCortexContent(text));
    const [type, build] = signatureVersion.split('-');
    return { content_version: signatureVersion, content_type: type, content_build: build };
  }
  if (command.endsWith('info')) return { version: valueOf(parseCortexInfo(text)).version };
  const processes = cortexProcesses(text);
  const of = (status: string): string[] =>
    processes.filter((each) => each.status.toLowerCase() === status).map(({ name }) => name);
  return {
    running: of('running'),
    loaded: of('loaded'),
    not_running: processes.filter(({ status }) => !/^(?:running|loaded)$/i.test(status)).map(({ name }) => name),
  };
}
