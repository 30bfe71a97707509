/** What changed on a server between two days. */
import { type AsOf, asOf } from './as-of.ts';
import type { AuditOptions } from './audit-host.ts';
import type { Day } from './days.ts';
import type { HistoryEntry } from './history-model.ts';

export type DayChange = { readonly what: string; readonly before: string; readonly after: string };
export type DayComparison = {
  readonly host: AsOf['host'];
  readonly from: Day;
  readonly to: Day;
  readonly before?: AsOf;
  readonly after: AsOf;
  /** What the evidence of the second day says otherwise; nothing where there is no evidence, or the same for both. */
  readonly changes: readonly DayChange[];
};

export function compareDays(
  entries: readonly HistoryEntry[],
  [from, to]: readonly [Day, Day],
  options: Omit<AuditOptions, 'at'>,
): DayComparison[] {
  const earlier = asOf(entries, from, options);
  return asOf(entries, to, options).map((after) => {
    const before = earlier.find(({ host }) => host.targetIds.some((id) => after.host.targetIds.includes(id)));
    return {
      host: after.host,
      from,
      to,
      ...(before !== undefined && { before }),
      after,
      changes:
        before?.bundle === undefined || after.bundle === undefined
          ? compared('evidence', inWords(before), inWords(after))
          : changesOf(before, after),
    };
  });
}

function inWords(side: AsOf | undefined): string {
  return side?.bundle === undefined ? 'none of or before that day' : 'there is';
}

function compared(what: string, before: string, after: string): DayChange[] {
  return before === after ? [] : [{ what, before, after }];
}

/** Accounts that get in with one factor, each with its ways. */
function weakOf({ oneFactor }: AsOf): readonly string[] | undefined {
  return oneFactor?.map(({ account, way }) => `${account} by ${way}`);
}

function changesOf(before: AsOf, after: AsOf): DayChange[] {
  const changes: DayChange[] = [];
  const compare = (what: string, one: string | undefined, other: string | undefined): void => {
    if (one !== other) changes.push({ what, before: one ?? 'not known', after: other ?? 'not known' });
  };
  compare('build', before.product?.build, after.product?.build);
  const level = ({ product }: AsOf): string | undefined =>
    product && `${product.branch ?? '?'}${product.update === undefined ? '' : ` ${product.update}`}`;
  compare('update level', level(before), level(after));
  const ids = (state: AsOf): ReadonlySet<string> => new Set(state.missing.map(({ fixId }) => fixId));
  const [old, now] = [ids(before), ids(after)];
  for (const id of now) if (!old.has(id)) changes.push({ what: `fix ${id}`, before: 'not missing', after: 'missing' });
  for (const id of old) if (!now.has(id)) changes.push({ what: `fix ${id}`, before: 'missing', after: 'not missing' });
  compare('threat detection', before.detector?.outcome, after.detector?.outcome);
  compare('detections', before.detections?.toString(), after.detections?.toString());
  const lists = [
    ['administrator', before.admins, after.admins],
    ['one factor', weakOf(before), weakOf(after)],
  ] as const;
  for (const [what, one = [], other = []] of lists) {
    const [earlier, later] = [new Set(one), new Set(other)];
    for (const each of other) if (!earlier.has(each)) changes.push({ what, before: '', after: each });
    for (const each of one) if (!later.has(each)) changes.push({ what, before: each, after: '' });
  }
  compare('administrators', known(before.admins), known(after.admins));
  compare('second factors', known(before.oneFactor), known(after.oneFactor));
  const open = (state: AsOf): ReadonlyMap<string, string> =>
    new Map(state.openFindings.map(({ id, title }) => [id, title]));
  const [was, is] = [open(before), open(after)];
  for (const [id, title] of is) if (!was.has(id)) changes.push({ what: `finding ${id}`, before: '', after: title });
  for (const [id, title] of was) if (!is.has(id)) changes.push({ what: `finding ${id}`, before: title, after: 'over' });
  for (const name of new Set([
    ...Object.keys(before.bundle?.documents ?? {}),
    ...Object.keys(after.bundle?.documents ?? {}),
  ]))
    compare(
      `document ${name}`,
      before.bundle?.documents[name]?.slice(0, 16),
      after.bundle?.documents[name]?.slice(0, 16),
    );
  return changes;
}

function known(list: readonly unknown[] | undefined): string {
  return list === undefined ? 'not seen' : 'seen';
}
