/**
 * Exceptions: what somebody bears for a while. Each suspends what it names and nothing beside it: an update that mends
 * thirty holes is not borne because one of them is, nor a finding that breaks three controls because one is excepted.
 */
import { type AttestationOf, attestationRef, attestationsOf, expiryOf } from './attestations.ts';
import type { AuditContext } from './context.ts';
import { dayOf } from './days.ts';
import type { Finding } from './finding.ts';
import type { HostIdentity } from './history-model.ts';

type Exception = AttestationOf<'exception'>;

/**
 * Suspends, from the day on which they were made until they expire. `cvesOf`: of each fix of this server what it
 * mends. What is named in part stays open and says so.
 */
export function suspend(
  findings: readonly Finding[],
  host: HostIdentity,
  context: AuditContext,
  cvesOf: ReadonlyMap<string, readonly string[]>,
): Finding[] {
  const exceptions = attestationsOf(context.attestations, 'exception', host, context.at);
  if (exceptions.length === 0) return [...findings];
  return findings.map((finding) => {
    if (finding.state !== 'open') return finding;
    const cves = cvesOf.get(finding.subject);
    const named = exceptions.filter((each) => partsNamed(each, finding, cves).length > 0);
    const inForce = named.filter(({ predicate }) => dayOf(expiryOf(predicate) ?? '9999') > context.at);
    const any = inForce[0] ?? named.at(-1);
    if (any === undefined) return finding;
    const { predicate } = any;
    const until = dayOf(predicate.expiresAt);
    if (inForce.length === 0)
      return { ...finding, attestation: attestationRef(any, `an exception for it expired on ${until}`) };
    const borne = new Set(inForce.flatMap((each) => partsNamed(each, finding, cves)));
    const rest = restOf(finding, cves, borne);
    const words = `${predicate.reason}; instead: ${predicate.compensatingMeasure}`;
    return rest.length === 0
      ? { ...finding, state: 'suspended', attestation: attestationRef(any, `exception until ${until}: ${words}`) }
      : {
          ...finding,
          attestation: attestationRef(
            any,
            `exception until ${until} for ${[...borne].join(', ')} alone, not for ${shortened(rest)}: ${words}`,
          ),
        };
  });
}

/** Stands for the finding as a whole. */
const whole = '';

/** What of a finding an exception names; nothing where it is of something else. */
function partsNamed({ predicate }: Exception, finding: Finding, cves: readonly string[] | undefined): string[] {
  const { kind, id } = predicate.about;
  switch (kind) {
    case 'fix':
      // What is no fix may have any subject: an account, a chain.
      if (cves === undefined) return [];
      return finding.subject === id ? [whole] : cves.filter((cve) => cve === id);
    case 'control':
      return finding.controls.some((control) => control.id === id) ? [id] : [];
    case 'rule':
    case 'clock':
      return finding.rule === id || finding.clock?.id === id ? [whole] : [];
  }
}

/** What nobody bears: by all of the holes, or by all of the controls, a finding is borne as well. */
function restOf(
  { controls }: Finding,
  cves: readonly string[] | undefined,
  borne: ReadonlySet<string>,
): readonly string[] {
  if (borne.has(whole)) return [];
  const holes = cves?.filter((id) => !borne.has(id));
  const broken = controls.map(({ id }) => id).filter((id) => !borne.has(id));
  if (holes?.length === 0 || broken.length === 0) return [];
  return holes !== undefined && holes.length < (cves?.length ?? 0) ? holes : broken;
}

function shortened(words: readonly string[]): string {
  return words.length > 5 ? `${words.slice(0, 4).join(', ')} and ${words.length - 4} more` : words.join(', ');
}
