/**
 * OSCAL assessment results 1.1.2: each finding of an audit as a finding, each piece of its evidence as an
 * observation that names the signed bundle. https://pages.nist.gov/OSCAL/reference/ (assessment-results)
 *
 * OSCAL knows satisfied and not-satisfied. What could not be decided is not satisfied, with the reason
 * `other` and the words: it must never read as satisfied.
 */
import type { EvidenceRef, Finding } from '../model.ts';
import { type ExportSource, hostName, momentOf, uuidOf } from './source.ts';

type Prop = { readonly name: string; readonly value: string; readonly ns: string };

const ns = 'urn:affiant:oscal:1';
const prop = (name: string, value: string): Prop => ({ name, value, ns });

/** A value of OSCAL is one line that begins and ends with a character; what is empty is left out. */
function props(list: readonly Prop[]): { readonly props?: readonly Prop[] } {
  const kept = list
    .map((each) => ({ ...each, value: each.value.replace(/\s+/g, ' ').trim() }))
    .filter(({ value }) => value !== '');
  return kept.length === 0 ? {} : { props: kept };
}

export function oscalResults(source: ExportSource): object {
  const { audit, version } = source;
  const name = hostName(audit);
  const at = momentOf(source);
  const id = (...parts: readonly string[]): string => uuidOf('oscal', audit.host.id, audit.at, ...parts);
  const component = uuidOf('oscal', 'host', audit.host.id);
  const observations = new Map<string, object>();
  const findings = audit.findings.map((finding) => {
    const seen = finding.evidence.map((evidence) => {
      const uuid = id('observation', evidence.bundle, evidence.document, evidence.pointer, evidence.says);
      observations.set(uuid, observation(uuid, evidence, component));
      return { 'observation-uuid': uuid };
    });
    return findingOf(finding, id('finding', finding.id), seen);
  });
  const controls = [...new Set(audit.findings.map(targetOf))].toSorted();
  return {
    'assessment-results': {
      uuid: id('results'),
      metadata: {
        title: `Posture of ${name} on ${audit.at}`,
        'last-modified': at,
        version: audit.at,
        'oscal-version': '1.1.2',
        ...props([
          prop('generator', `affiant ${version}`),
          prop('bundles', String(audit.bundles)),
          ...(audit.history.replayed ? [prop('replayed', 'true')] : []),
        ]),
      },
      // An assessment plan must be named; this one is the policy set of the audit.
      'import-ap': { href: 'urn:affiant:assessment-plan:continuous' },
      results: [
        {
          uuid: id('result'),
          title: `Continuous assessment of ${name}`,
          description: `Findings of ${audit.bundles} signed bundles${audit.firstDay === undefined ? '' : ` of ${audit.firstDay} to ${audit.lastDay ?? audit.firstDay}`}.${audit.history.replayed ? ' Replayed evidence: it proves nothing about a real server.' : ''}`,
          start: `${audit.firstDay ?? audit.at}T00:00:00Z`,
          end: at < `${audit.firstDay ?? audit.at}T00:00:00Z` ? `${audit.at}T00:00:00Z` : at,
          'local-definitions': {
            components: [
              {
                uuid: component,
                type: 'this-system',
                title: name,
                description: `The server ${name}.`,
                ...props([prop('target-id', audit.host.id), prop('exposure', audit.inventory.exposure)]),
                // Whether a server of which nothing is known runs, nobody can say.
                status:
                  audit.bundles > 0
                    ? { state: 'operational' }
                    : { state: 'other', remarks: 'There is no evidence of this server.' },
              },
            ],
          },
          'reviewed-controls': {
            'control-selections': [
              controls.length === 0
                ? { 'include-all': {} }
                : { 'include-controls': controls.map((control) => ({ 'control-id': control })) },
            ],
          },
          ...(observations.size > 0 && { observations: [...observations.values()] }),
          ...(findings.length > 0 && { findings }),
        },
      ],
    },
  };
}

/** A token of OSCAL: it begins with a letter or `_`, and holds letters, digits, `.`, `-` and `_`. */
export function token(text: string): string {
  const kept = text.replace(/[^\p{L}\p{N}._-]/gu, '_');
  return /^[\p{L}_]/u.test(kept) ? kept : `_${kept}`;
}

/** The control that a finding speaks of, else its rule. */
function targetOf({ controls, rule }: Finding): string {
  return token(controls[0]?.id ?? rule);
}

function findingOf(finding: Finding, uuid: string, seen: readonly object[]): object {
  const { clock, interval, state, verdict } = finding;
  const satisfied = state === 'ended';
  return {
    uuid,
    title: finding.title,
    description: finding.reason,
    ...props([
      prop('finding-id', finding.id),
      prop('rule', finding.rule),
      prop('subject', finding.subject),
      prop('verdict', verdict),
      prop('level', finding.level),
      prop('state', state),
      prop('from', interval.from),
      ...(interval.to === undefined ? [] : [prop('to', interval.to)]),
      ...(finding.breachDay === undefined ? [] : [prop('breach-day', finding.breachDay)]),
      ...(clock === undefined
        ? []
        : [prop('clock', `${clock.title}, ${clock.limit}`), prop('clock-verified', String(clock.verified))]),
    ]),
    target: {
      type: 'objective-id',
      'target-id': targetOf(finding),
      status: {
        state: satisfied ? 'satisfied' : 'not-satisfied',
        reason: satisfied ? 'pass' : verdict === 'undetermined' ? 'other' : 'fail',
        ...(verdict === 'undetermined' && { remarks: 'It could not be decided: evidence that it needs was not seen.' }),
      },
    },
    ...(seen.length > 0 && { 'related-observations': seen }),
    ...(finding.attestation !== undefined && {
      remarks: `${finding.attestation.kind} by ${finding.attestation.by}, ${finding.attestation.at}: ${finding.attestation.text}`,
    }),
  };
}

function observation(uuid: string, evidence: EvidenceRef, component: string): object {
  return {
    uuid,
    description: evidence.says === '' ? 'A fact of a signed bundle.' : evidence.says,
    methods: ['TEST'],
    subjects: [{ 'subject-uuid': component, type: 'component' }],
    'relevant-evidence': [
      {
        href: `urn:affiant:bundle:sha256:${evidence.bundle}`,
        description: `${evidence.document}${evidence.pointer} in the bundle with that digest`,
        ...props([
          prop('document', evidence.document),
          ...(evidence.pointer === '' ? [] : [prop('pointer', evidence.pointer)]),
          ...(evidence.documentDigest === undefined ? [] : [prop('document-sha256', evidence.documentDigest)]),
          ...(evidence.logIndex === undefined ? [] : [prop('log-index', String(evidence.logIndex))]),
          ...evidence.sources.filter((each) => each.trim() !== '').map((each) => prop('source', each)),
        ]),
      },
    ],
    collected: evidence.claimedAt,
  };
}
