/**
 * `collectors.json`: under which collectors runs died, and which of them rest for a day. One that the watchdog named
 * rests at once; one that was merely running when the process died, by the kernel's hand or a power cut, when it happens
 * again before it ever ended by itself.
 */
import { isRecord, readNote, writeNote } from './notes.ts';
import type { State } from './state.ts';

const file = 'collectors.json';
const restMs = 86_400_000;
const strikesToRest = 2;

type Health = { readonly strikes: number; readonly until?: string };

/** Inside the lock. `sure`: the watchdog named it. */
export function strike(state: State, collector: string, sure: boolean): void {
  const known = load(state);
  const strikes = (known.get(collector)?.strikes ?? 0) + 1;
  const rests = sure || strikes >= strikesToRest;
  const until = new Date(state.now().getTime() + restMs).toISOString();
  save(state, known.set(collector, { strikes, ...(rests ? { until } : {}) }));
}

/** These ended by themselves: what happened before is forgiven. Inside the lock. */
export function forgive(state: State, collectors: Iterable<string>): void {
  const known = load(state);
  if (known.size === 0) return;
  for (const collector of collectors) known.delete(collector);
  save(state, known);
}

/** Who rests now, and until when. A rest that would last longer than a day is that of a clock that was set back: it is over. */
export function resting(state: State): ReadonlyMap<string, string> {
  const now = state.now().getTime();
  const found = new Map<string, string>();
  for (const [collector, { until }] of load(state)) {
    const left = until === undefined ? 0 : Date.parse(until) - now;
    if (until !== undefined && left > 0 && left <= restMs) found.set(collector, until);
  }
  return found;
}

/** A damaged note counts as none: then a collector runs that might have rested. */
function load(state: State): Map<string, Health> {
  const note = readNote(state, file);
  const known = new Map<string, Health>();
  for (const [collector, health] of Object.entries(isRecord(note) ? note : {})) {
    if (!/^[a-z][a-z-]{0,63}$/.test(collector) || !isRecord(health)) continue;
    const { strikes, until } = health;
    if (typeof strikes !== 'number' || !Number.isSafeInteger(strikes) || strikes < 1) continue;
    const valid = typeof until === 'string' && !Number.isNaN(Date.parse(until));
    known.set(collector, { strikes, ...(valid ? { until } : {}) });
  }
  return known;
}

function save(state: State, known: ReadonlyMap<string, Health>): void {
  writeNote(state, file, Object.fromEntries(known));
}
