/**
 * rsyslog's own statistics where they are written to a file (module impstats, parameter log.file): a date of ctime(3) in
 * local time, a colon, and a record (rsyslog.com/doc/configuration/modules/impstats.html, rsyslog_statistic_counter.html).
 *
 *     Mon Nov 30 17:00:56 2026: action-0-builtin:omfwd: origin=core.action processed=60 failed=117 suspended=1 resumed=0
 *     Mon Nov 30 17:01:02 2026: { "name": "siem queue", "origin": "core.queue", "size": 20, "discarded.full": 40 }
 *     Mon Nov 30 17:01:08 2026: @cee: { "name": "main Q", "origin": "core.queue", "size": 0, "discarded.full": 0 }
 *
 * Counters themselves are left out: they would make every document another one.
 */
import type { Delivery } from '../../../schemas/generated/types.ts';
import { type Parsed, parsed, unparsed } from '../../fact.ts';

/** What the configuration says of the statistics, and of the actions that send to other machines. */
export type RsyslogStatistics = {
  readonly file: string;
  /** Each record counts from the one before, not from the start (resetCounters). */
  readonly resets: boolean;
  /** Names that the configuration gives to sending actions; the others are called action-NUMBER-MODULE. */
  readonly actions: readonly string[];
  /** An action takes over what another failed to send: what failed is then not lost. */
  readonly failover: boolean;
};

type Counters = ReadonlyMap<string, number>;

const sendingModule = /^action-\d+-(?:builtin:)?(?:omfwd|omrelp|omhttp|omelasticsearch|omkafka|omhiredis|omamqp1)$/;
const head = /^[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d \d{2}:\d{2}:\d{2} \d{4}: (.*)$/;

/**
 * `dropped`: a sending action lost messages, or its queue or the main one threw some away. `waiting`: the queue of a sending
 * action was never empty in three records in a row; on the way through it is never for long. `connected` is false where
 * an action is suspended; a counter proves no connection. Fails with `unexpected-output`.
 */
export function parseImpstats(text: string, statistics: Omit<RsyslogStatistics, 'file'>): Parsed<Delivery> {
  const { actions, resets, failover } = statistics;
  const records = new Map<string, Counters>();
  const sizes = new Map<string, number[]>();
  let lines = 0;
  for (const line of text.split('\n')) {
    const record = recordOf(head.exec(line)?.[1] ?? '');
    if (record === undefined) continue;
    lines += 1;
    const { name, counters } = record;
    const isQueue = counters.has('discarded.full');
    const action = name.replace(/ queue(?:\[DA\])?$/, '');
    const sends = sendingModule.test(action) || actions.includes(action);
    if (!(sends || name === 'main Q') || !(isQueue || counters.has('failed'))) continue;
    if (sends && isQueue) sizes.set(name, [...(sizes.get(name) ?? []), counters.get('size') ?? 0].slice(-3));
    const before = resets ? records.get(name) : undefined;
    records.set(name, before === undefined ? counters : summed(before, counters));
  }
  if (lines === 0) return text.trim() === '' ? parsed({}) : unparsed('unexpected-output');
  const all = [...records.values()];
  const some = (...names: readonly string[]): boolean =>
    all.some((counters) => names.some((name) => (counters.get(name) ?? 0) > 0));
  const seen = all.some((counters) => counters.has('failed'));
  const lost = some('discarded.full', 'discarded.nf') || (!failover && some('failed'));
  const suspended = all.some((counters) => (counters.get('suspended') ?? 0) > (counters.get('resumed') ?? 0));
  const stuck = [...sizes.values()].map((last) => last.length === 3 && last.every((size) => size > 0));
  return parsed({
    ...(suspended && !resets ? { connected: false } : {}),
    ...(stuck.length === 0 ? {} : { waiting: stuck.includes(true) }),
    ...(lost ? { dropped: true } : seen && !failover ? { dropped: false } : {}),
  });
}

/** Counters of one record, dots where Elasticsearch wanted others. Undefined for what is none, such as BEGIN and END. */
function recordOf(text: string): { readonly name: string; readonly counters: Counters } | undefined {
  const json = text.replace(/^@cee: /, '');
  if (json.startsWith('{')) return jsonRecord(json);
  const [, name, rest] = /^(.{1,256}?): origin=\S+ ?(.*)$/.exec(text) ?? [];
  if (name === undefined || rest === undefined) return undefined;
  const pairs = rest.split(' ').flatMap((pair): [string, number][] => {
    const [, key, value] = /^([^=]{1,64})=(\d{1,19})$/.exec(pair) ?? [];
    return key === undefined ? [] : [[key, Number(value)]];
  });
  return { name, counters: new Map(pairs) };
}

function jsonRecord(text: string): { readonly name: string; readonly counters: Counters } | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof value !== 'object' || value === null || !('name' in value) || typeof value.name !== 'string')
    return undefined;
  const counters = Object.entries(value).flatMap(([key, each]): [string, number][] =>
    typeof each === 'number' ? [[key.replaceAll('!', '.'), each]] : [],
  );
  return { name: value.name, counters: new Map(counters) };
}

function summed(before: Counters, now: Counters): Counters {
  return new Map([...now].map(([name, value]) => [name, value + (before.get(name) ?? 0)]));
}
