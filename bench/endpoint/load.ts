/**
 * Posts what a file holds, in a process of its own: FILE CONCURRENCY FRESH(0|1) RATE CA|- URL…; lines of FILE are JSON
 * {key, wire (base64)}. Says in JSON how many were answered how, seconds, latencies in milliseconds, and how late this
 * process itself was. At a given RATE the first tenth warms it up, and its latencies count for nothing.
 */
import { readFileSync } from 'node:fs';
import { Agent as HttpAgent, request as httpRequest } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as pause } from 'node:timers/promises';
import { packMediaType } from '../../evidence/pack.ts';

const [file = '', concurrencyText = '16', fresh = '0', rateText = '0', caFile = '-', ...urls] = process.argv.slice(2);
const lines = readFileSync(file, 'utf8').trimEnd().split('\n');
const work = lines.map((line) => {
  const { key, wire } = JSON.parse(line) as { key: string; wire: string };
  return { key, wire: Buffer.from(wire, 'base64') };
});
const keepAlive = fresh === '0';
const ca = caFile === '-' ? undefined : readFileSync(caFile, 'utf8');
const agents = urls.map((url) =>
  url.startsWith('https:')
    ? new HttpsAgent({
        keepAlive,
        maxSockets: Number(concurrencyText),
        ...(ca !== undefined && { ca }),
        ...(keepAlive ? {} : { maxCachedSessions: 0 }),
      })
    : new HttpAgent({ keepAlive, maxSockets: Number(concurrencyText) }),
);

function post(index: number): Promise<number> {
  const { key, wire } = work[index] ?? { key: '', wire: Buffer.of() };
  // One key always goes to one process: its bundles are a chain.
  const at = Number.parseInt(key.slice(0, 4), 16) % urls.length;
  const url = new URL('/v1/bundles', urls[at]);
  const headers = {
    'affiant-key': key,
    'content-type': packMediaType,
    'content-encoding': 'zstd',
    'content-length': wire.length,
  };
  return new Promise((resolve, reject) => {
    const make = url.protocol === 'https:' ? httpsRequest : httpRequest;
    const asked = make(url, { method: 'POST', headers, agent: agents[at] }, (response) => {
      response.resume();
      response.on('end', () => resolve(response.statusCode ?? 0));
      response.on('error', reject);
    });
    asked.on('error', reject);
    asked.end(wire);
  });
}

const latencies: number[] = [];
const answers: Record<string, number> = {};
let next = 0;
const started = performance.now();
const rate = Number(rateText);
const uncounted = rate > 0 ? work.length / 10 : 0;
const own = monitorEventLoopDelay({ resolution: 1 });
async function worker(): Promise<void> {
  while (next < work.length) {
    const index = next;
    next += 1;
    if (rate > 0) {
      const due = started + (index / rate) * 1000;
      const wait = due - performance.now();
      if (wait > 0) await pause(wait);
    }
    if (index === Math.ceil(uncounted)) own.enable();
    const from = performance.now();
    const status = await post(index).catch(() => 0);
    if (index >= uncounted) latencies.push(performance.now() - from);
    answers[status] = (answers[status] ?? 0) + 1;
  }
}
await Promise.all(Array.from({ length: Number(concurrencyText) }, worker));
const seconds = (performance.now() - started) / 1000;
latencies.sort((one, other) => one - other);
const at = (part: number): number =>
  latencies[Math.min(latencies.length - 1, Math.floor(latencies.length * part))] ?? 0;
for (const agent of agents) agent.destroy();
const lateMs = own.percentile(99) / 1e6;
process.stdout.write(`${JSON.stringify({ answers, seconds, p50: at(0.5), p99: at(0.99), lateMs })}\n`);
