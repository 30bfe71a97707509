/** What the slowest bundles waited for: the endpoint, its disk, its collector of garbage, or the load beside it. */
import { closeSync, fdatasyncSync, openSync, readFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { folder, type Load, load, type Served } from './processes.ts';

/** Flushes of one page for a second, one after the other. */
export function flushes(): { readonly perSecond: number; readonly p99: number } {
  const file = openSync(join(folder, 'flush'), 'w');
  const page = Buffer.alloc(4096, 1);
  const took: number[] = [];
  const started = performance.now();
  while (performance.now() - started < 1000) {
    const from = performance.now();
    writeSync(file, page, 0, page.length, 0);
    fdatasyncSync(file);
    took.push(performance.now() - from);
  }
  closeSync(file);
  return { perSecond: took.length, p99: quantile(took, 0.99) };
}

function quantile(values: readonly number[], part: number): number {
  const sorted = values.toSorted((one, other) => one - other);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? 0;
}

type Line = { readonly event?: string; readonly durationMs?: number; readonly metrics?: string };

function linesOf({ logFile }: Served): Line[] {
  return readFileSync(logFile, 'utf8')
    .trimEnd()
    .split('\n')
    .flatMap((line) => (line.startsWith('{') ? [JSON.parse(line) as Line] : []));
}

/** Pauses of the collector since the endpoint began, by what prom-client counts: all, and those of more than 10 ms. */
async function pausesOf(
  served: Served,
): Promise<{ readonly all: number; readonly long: number; readonly lag: number }> {
  const at = linesOf(served).find(({ event }) => event === 'listening')?.metrics;
  const text = at === undefined ? '' : await (await fetch(new URL('/metrics', at))).text();
  const sum = (name: RegExp): number =>
    Array.from(text.matchAll(name), ([, value]) => Number(value)).reduce((total, value) => total + value, 0);
  const all = sum(/^nodejs_gc_duration_seconds_count\{.*\} (\S+)$/gm);
  return {
    all,
    long: all - sum(/^nodejs_gc_duration_seconds_bucket\{le="0.01".*\} (\S+)$/gm),
    lag: sum(/^nodejs_eventloop_lag_p99_seconds (\S+)$/gm) * 1000,
  };
}

/** The endpoint's own times lie between the end of a request's headers and its answer, as its log says them. */
export async function halfLoad(served: Served, file: string, rate: number): Promise<Load & { readonly parts: string }> {
  const seen = linesOf(served).length;
  // Reading them begins the lag anew.
  const before = await pausesOf(served);
  const paced = await load(file, [served], { rate, concurrency: 64 });
  const after = await pausesOf(served);
  const own = linesOf(served)
    .slice(seen)
    .flatMap(({ event, durationMs }) => (event === 'request' && durationMs !== undefined ? [durationMs] : []));
  const counted = own.slice(Math.ceil(own.length / 10));
  const parts = [
    `the endpoint took ${quantile(counted, 0.5).toFixed(1)} ms of the median and ${quantile(counted, 0.99).toFixed(1)} of the p99`,
    `its event loop was late by ${after.lag.toFixed(1)} ms at its p99`,
    `its collector paused ${after.all - before.all} times, ${after.long - before.long} of them for more than 10 ms`,
    `one flush took ${flushes().p99.toFixed(1)} ms at its p99`,
    `the load was late by ${paced.lateMs.toFixed(1)} ms at its own`,
  ];
  return { ...paced, parts: parts.join('; ') };
}
