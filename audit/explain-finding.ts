/** A finding in words for who has to judge it: the rule, the clock, where it began, and each piece of evidence. */
import type { Finding } from './finding.ts';

export type ExplanationPart = { readonly title: string; readonly lines: readonly string[] };

export function explainFinding(finding: Finding): ExplanationPart[] {
  const { clock, start, dueDay, breachDay, interval, evidence, controls, attestation, ended, stale } = finding;
  const parts: ExplanationPart[] = [
    {
      title: 'Finding',
      lines: [
        `${finding.id}, ${finding.host}: ${finding.title}`,
        finding.verdict === 'fail'
          ? 'It is shown by evidence.'
          : 'It could not be decided: nothing that is not known counts as in order.',
      ],
    },
    { title: 'Why', lines: [finding.reason] },
    {
      title: 'Rule',
      lines:
        clock === undefined
          ? controls.length === 0
            ? [`${finding.rule}: a rule of Affiant itself`]
            : controls.map(({ id, source, verified }) => `${id}: ${source}${verified ? '' : ' (not compared with it)'}`)
          : [
              `${clock.id}: ${clock.title}; limit: ${clock.limit}`,
              `source: ${clock.source}`,
              ...(clock.verified ? [] : ['this row was not compared with its source']),
              ...(clock.status === 'historical'
                ? ['this rule is revoked: it shows what held then']
                : clock.status === 'proposed'
                  ? ['this rule is proposed, and not law']
                  : []),
              ...controls.map(({ id, source }) => `breaks ${id} (${source})`),
            ],
    },
    {
      title: 'Clock',
      lines: [
        `began ${start.at}: ${start.text}`,
        ...(dueDay === undefined ? [] : [`last day in order: ${dueDay}`]),
        ...(breachDay === undefined ? [] : [`broken from: ${breachDay}`]),
        `holds from ${interval.from} ${interval.to === undefined ? 'until now' : `to ${interval.to}`}`,
        ...(ended === undefined ? [] : [`ended by ${ended.by}: ${ended.text}`]),
        ...(stale === true ? ['its newest days rest on the last known state: no newer evidence came'] : []),
      ],
    },
    ...(attestation === undefined
      ? []
      : [
          {
            title: 'Statement of a person',
            lines: [
              `${attestation.kind} by ${attestation.by}, ${attestation.at}${attestation.until === undefined ? '' : `, until ${attestation.until}`}: ${attestation.text}`,
              `attestation ${attestation.id}`,
            ],
          },
        ]),
  ];
  const pieces = evidence.map((piece, at) => ({
    title: `Evidence ${at + 1} of ${evidence.length}`,
    lines: [
      piece.says,
      `bundle ${piece.bundle}, claimed ${piece.claimedAt}`,
      piece.logIndex === undefined ? 'its place in a log was not checked' : `number ${piece.logIndex} of the log`,
      `pack ${piece.file}`,
      ...(piece.document === ''
        ? []
        : [
            `document ${piece.document}${piece.documentDigest === undefined ? '' : ` (SHA-256 ${piece.documentDigest})`}, fact ${piece.pointer === '' ? '(the whole)' : piece.pointer}`,
          ]),
      ...(piece.sources.length === 0 ? [] : [`asked of the server: ${piece.sources.join(', ')}`]),
    ],
  }));
  return [...parts, ...pieces];
}
