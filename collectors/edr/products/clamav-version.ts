/**
 * `clamdscan --version`: `ClamAV 1.4.3/28046/Mon Jun 29 03:27:20 2026`, the signatures that the running
 * clamd has in use. Where clamd does not answer only its own version follows.
 */
import type { Fact } from '../../../schemas/generated/types.ts';
import { observed, type Parsed, parsed, unparsed, unseen } from '../../fact.ts';
import { dayOfAsctime } from '../moments.ts';
import type { Findings, Values } from '../product.ts';
import type { DatabaseHeader } from './clamav-database.ts';

export type ClamVersion = {
  readonly version: string;
  /** Number of the daily signatures. */
  readonly signatures?: string;
  /** A day: the zone of the time is clamd's. */
  readonly built?: NonNullable<Values['signatureUpdatedAt']>['moment'];
};

export function parseClamVersion(text: string): Parsed<ClamVersion> {
  // The whole answer, nothing beside it: half of one would leave the date to the file on disk.
  const match = /^ClamAV ([0-9]{1,4}\.[\w.+~-]{1,63})(?:\/([0-9]{1,8})\/([A-Z][^\n]{10,40}))?$/.exec(text.trim());
  const version = match?.[1];
  if (match === null || version === undefined) return unparsed('unexpected-output');
  const built = match[3] === undefined ? undefined : dayOfAsctime(match[3]);
  return parsed({
    version,
    ...(match[2] !== undefined && { signatures: match[2] }),
    ...(built !== undefined && { built }),
  });
}

/**
 * The signatures in use are those of the running clamd. The file on disk gives the exact time where it is the
 * same version; where it is another, clamd has not loaded it yet, and both are kept. Where clamd does not
 * answer nobody knows what it has loaded: a fresh file beside it proves nothing.
 */
export function signatureFacts(version: Fact<ClamVersion>, header: Fact<DatabaseHeader>): Findings {
  if (version.status !== 'observed') return { signatureUpdatedAt: version, signatureVersion: version };
  const used = version.value;
  if (used.signatures === undefined) {
    const onDisk = header.status === 'observed' ? `on disk: ${header.value.number}` : undefined;
    const why = unseen('failed', 'engine-did-not-answer', [...version.sources, ...header.sources], onDisk);
    return { signatureUpdatedAt: why, signatureVersion: why };
  }
  const signatureVersion = observed(used.signatures, ...version.sources);
  if (header.status === 'observed' && header.value.number === used.signatures)
    return {
      signatureVersion,
      signatureUpdatedAt: observed(
        { moment: header.value.moment, basis: 'built' },
        ...version.sources,
        ...header.sources,
      ),
    };
  if (used.built === undefined)
    return { signatureVersion, signatureUpdatedAt: unseen('failed', 'no-date', version.sources) };
  const dated = observed({ moment: used.built, basis: 'built' as const }, ...version.sources);
  const [source] = version.sources;
  const [other] = header.sources;
  if (dated.status !== 'observed' || header.status !== 'observed' || source === undefined || other === undefined)
    return { signatureVersion, signatureUpdatedAt: dated };
  return {
    signatureVersion,
    signatureUpdatedAt: {
      ...dated,
      sources: [...dated.sources, ...header.sources],
      answers: [
        { source, answer: dated.value },
        { source: other, answer: { moment: header.value.moment, basis: 'built' } },
      ],
    },
  };
}
