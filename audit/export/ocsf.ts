/**
 * Events of the Open Cybersecurity Schema Framework 1.5.0, one JSON object a line: a Compliance Finding
 * (2003) for each finding, Operating System Patch State (5004) with the fixes that are missing or were, User
 * Inventory Info (5003) for each administrator. https://schema.ocsf.io
 */
import type { Exposure, Finding } from '../model.ts';
import { missingSince, stillMissing } from '../report/answer.ts';
import { type ExportSource, hostName, momentOf, uuidOf } from './source.ts';

const schemaVersion = '1.5.0';
const ms = (when: string): number => Date.parse(when.length === 10 ? `${when}T00:00:00Z` : when);

export type OcsfEvents = {
  readonly events: readonly object[];
  /** What could not be said in this schema, and why. */
  readonly leftOut: readonly string[];
};

export function ocsfEvents(source: ExportSource): OcsfEvents {
  const { audit } = source;
  const findings = audit.findings.map((finding) => complianceFinding(finding, source));
  const patches = patchState(source);
  return {
    events: [...findings, ...(patches === undefined ? [] : [patches]), ...users(source)],
    leftOut:
      patches === undefined && audit.exposures.length > 0
        ? ['the patch state (5004): it needs the version of the operating system, which was not seen']
        : [],
  };
}

/** Members that every class needs. `activity` is the class's own number. */
function base(
  source: ExportSource,
  event: { readonly category: number; readonly class: number; readonly activity: number; readonly severity: number },
  uid: string,
): object {
  const { audit, version } = source;
  return {
    activity_id: event.activity,
    category_uid: event.category,
    class_uid: event.class,
    type_uid: event.class * 100 + event.activity,
    severity_id: event.severity,
    metadata: {
      version: schemaVersion,
      uid: uuidOf('ocsf', audit.host.id, uid),
      product: { name: 'Affiant', vendor_name: 'Affiant', version },
      ...(audit.history.replayed && { labels: ['replayed'] }),
    },
  };
}

function complianceFinding(finding: Finding, source: ExportSource): object {
  const { audit } = source;
  const { interval, state, verdict, level, clock } = finding;
  const undecided = verdict === 'undetermined';
  const activity = state === 'ended' ? 3 : 1;
  const severity = undecided ? 0 : level === 'breach' ? 4 : 3;
  const standards = [
    ...new Set([...(clock === undefined ? [] : [clock.source]), ...finding.controls.map((each) => each.source)]),
  ];
  const device = deviceOf(source);
  return {
    ...base(source, { category: 2, class: 2003, activity, severity }, `finding ${finding.id}`),
    time: ms(interval.from),
    start_time: ms(finding.start.at.slice(0, 10)),
    ...(interval.to !== undefined && { end_time: ms(interval.to) }),
    message: finding.reason,
    status_id: { open: 1, ended: 4, suspended: 3 }[state],
    finding_info: {
      uid: finding.id,
      title: finding.title,
      desc: finding.reason,
      first_seen_time: ms(interval.from),
      last_seen_time: ms(interval.to ?? audit.at),
      types: [finding.rule],
    },
    compliance: {
      control: finding.controls[0]?.id ?? finding.rule,
      ...(standards.length > 0 && { standards }),
      // 2 is the schema's word for a check without a result for want of information.
      status_id: undecided ? 2 : state === 'ended' ? 1 : 3,
      status: undecided ? 'Warning' : state === 'ended' ? 'Pass' : 'Fail',
      status_details: [finding.reason],
    },
    resources: [
      {
        uid: audit.host.id,
        name: hostName(audit),
        type: 'server',
        // 1.5.0 has no member for a role.
        ...(audit.inventory.role !== undefined && { labels: [`role: ${audit.inventory.role}`] }),
      },
    ],
    ...(device !== undefined && { device }),
    ...(finding.evidence.length > 0 && {
      evidences: finding.evidence.map(({ says, bundle, logIndex, document, documentDigest, pointer, claimedAt }) => ({
        name: says,
        data: {
          bundle,
          document,
          pointer,
          claimedAt,
          ...(logIndex !== undefined && { logIndex }),
          ...(documentDigest !== undefined && { documentDigest }),
        },
      })),
    }),
    unmapped: {
      rule: finding.rule,
      subject: finding.subject,
      level,
      ...(clock !== undefined && {
        clock: { id: clock.id, title: clock.title, limit: clock.limit, verified: clock.verified },
      }),
      ...(finding.breachDay !== undefined && { breachDay: finding.breachDay }),
      ...(finding.attestation !== undefined && { attestation: finding.attestation }),
    },
  };
}

const families: readonly (readonly [RegExp, number])[] = [
  [/windows/i, 100],
  [/macos|mac os/i, 300],
  [/linux|debian|ubuntu|red hat|rhel|centos|fedora|suse|alpine|arch|rocky|alma|oracle|amazon/i, 200],
];

function osOf({
  newest,
}: ExportSource): { readonly name: string; readonly type_id: number; readonly version: string } | undefined {
  const os = newest?.seen.os;
  if (os?.status !== 'observed') return undefined;
  const version = /\d[\w.]*/.exec(os.value)?.[0];
  return version === undefined
    ? undefined
    : { name: os.value, type_id: families.find(([words]) => words.test(os.value))?.[1] ?? 0, version };
}

function deviceOf(source: ExportSource): object | undefined {
  const os = osOf(source);
  const { host } = source.audit;
  return os === undefined
    ? undefined
    : { uid: host.id, hostname: hostName(source.audit), type_id: 1, type: 'Server', os };
}

const severityIds: Readonly<Record<Exposure['severity'], string>> = {
  critical: 'Critical',
  high: 'High',
  medium: 'Medium',
  low: 'Low',
  unknown: 'Unknown',
};

function patchState(source: ExportSource): object | undefined {
  const os = osOf(source);
  const device = deviceOf(source);
  if (os === undefined || device === undefined) return undefined;
  const { audit } = source;
  return {
    ...base(source, { category: 5, class: 5004, activity: 2, severity: 1 }, `patches ${audit.at}`),
    time: ms(momentOf(source)),
    message: `${audit.exposures.filter(stillMissing).length} published fixes are missing`,
    device,
    kb_article_list: audit.exposures.map((exposure) => ({
      uid: exposure.fixId,
      title: exposure.title,
      severity: severityIds[exposure.severity],
      install_state_id: stillMissing(exposure) ? 2 : 1,
      install_state: stillMissing(exposure) ? 'Not Installed' : 'Installed',
      ...(exposure.releasedAt !== undefined && { created_time: ms(exposure.releasedAt) }),
      os,
    })),
    unmapped: {
      missing: audit.exposures
        .filter(stillMissing)
        .map((each) => ({ uid: each.fixId, cves: each.cves, since: missingSince(each) })),
    },
  };
}

/** One event an administrator; `has_mfa` only where a second factor is required on every way in that was judged. */
function users(source: ExportSource): object[] {
  const { audit, newest } = source;
  const seen = newest?.seen.admins;
  const admins = new Map((seen?.status === 'observed' ? seen.value : []).map((admin) => [admin.name, admin]));
  const cells = audit.mfa?.cells.filter(({ kind }) => kind === 'entry') ?? [];
  const names = [...new Set([...admins.keys(), ...cells.map(({ account }) => account)])].filter((name) => name !== '');
  return names.map((name) => {
    const own = cells.filter(({ account }) => account === name);
    const admin = admins.get(name);
    const open = own.filter(({ requirement }) => requirement !== 'pathDisabled');
    return {
      ...base(source, { category: 5, class: 5003, activity: 2, severity: 1 }, `user ${name} ${audit.at}`),
      time: ms(momentOf(source)),
      message: `${name} is an administrator of ${hostName(audit)}`,
      user: {
        name,
        type_id: 2,
        type: 'Admin',
        ...(open.length > 0 && open.every(({ requirement }) => requirement === 'required') && { has_mfa: true }),
      },
      unmapped: {
        host: { uid: audit.host.id, name: hostName(audit) },
        ...(admin !== undefined && { ways: admin.ways, standing: admin.standing, state: admin.state }),
        waysIn: own.map(({ way, requirement, since }) => ({ way, requirement, since })),
      },
    };
  });
}
