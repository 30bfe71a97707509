/** The end of a sweep for a person: how many, who failed, why, and what helps. */
import type { SweepPredicate } from '../../../schemas/generated/types.ts';
import type { HostFailure } from '../../host/ssh/failure.ts';
import type { Io } from '../io.ts';
import { pairLines } from './report.ts';
import { styleFor, tableLines, widthOf } from './table.ts';

export type Ended = { readonly kind: 'collected' } | { readonly kind: 'failed'; readonly failure: HostFailure };

export type SweepShown = {
  readonly folder: string;
  readonly predicate: SweepPredicate;
  /** Of this run; who is not in it was done before. */
  readonly ended: ReadonlyMap<string, Ended>;
  readonly keyFile: string;
};

export function sweepLines({ folder, predicate, ended, keyFile }: SweepShown, io: Io): string[] {
  const style = styleFor(io.stdout, io.environment);
  const width = widthOf(io.stdout);
  const { hosts } = predicate;
  const collected = hosts.filter(({ outcome }) => outcome === 'collected');
  const before = collected.filter(({ name }) => !ended.has(name)).length;
  const accepted = hosts.filter(({ hostKey }) => hostKey?.trust === 'accepted').length;
  const failed = hosts.flatMap(({ name }) => {
    const now = ended.get(name);
    return now?.kind === 'failed' ? [{ name, ...now.failure }] : [];
  });
  const count = `${collected.length} of ${hosts.length} servers collected${before > 0 ? `, ${before} of them in an earlier run` : ''}`;
  return [
    failed.length === 0 ? style.good(count) : style.attention(count),
    ...(failed.length === 0
      ? []
      : [
          '',
          ...tableLines(
            [
              ['server', 'state', 'why, and what helps'].map((text) => ({ text, style: style.bold })),
              ...failed.map(({ name, outcome, reason, message, remedy }) => [
                { text: name },
                { text: outcome, style: style.attention },
                { text: `${message} (${reason})${remedy === '' ? '' : `. Remedy: ${remedy}`}` },
              ]),
            ],
            width,
            [40, 11],
          ),
          '',
          'The same command again asks these alone.',
        ]),
    ...(accepted === 0
      ? []
      : [
          '',
          style.attention(
            `! the keys of ${accepted} servers stood nowhere and were taken (--accept-new); the summary says so`,
          ),
        ]),
    '',
    ...pairLines(
      'Evidence',
      [
        ['Packs', `${folder}/*.pack.json`],
        ['Summary', `${folder}/sweep.json`],
        ['Signed by', predicate.key.id],
        ['To verify', `affiant verify ${folder}/sweep.json --key ${keyFile}`],
        ['To send', `affiant post ${folder}/*.pack.json`],
      ],
      width,
      style,
    ),
  ];
}
