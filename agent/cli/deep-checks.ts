/**
 * `affiant doctor --deep` on Windows: each query by itself, names that could become code, a query that hangs.
 * What to see is in docs/windows-untested.md.
 */
import type { Machine, Raw } from '../host/machine.ts';
import { type QuerySpec, queries } from '../host/queries.ts';

export type DeepResult = {
  readonly check: string;
  readonly outcome: 'ok' | 'failed' | 'not-here';
  readonly detail: string;
  readonly ms: number;
};

const mib = 1024 * 1024;
/** Queries that answer only to parameters, or that would be asked twice. */
const withParameters: ReadonlySet<string> = new Set(['registry-keys', 'file-owners', 'file-versions', 'hang-probe']);

export async function deepChecks(machine: Machine): Promise<DeepResult[]> {
  if (machine.os !== 'windows')
    return [
      {
        check: 'deep',
        outcome: 'not-here',
        detail: 'it looks at PowerShell, which this system is not asked by',
        ms: 0,
      },
    ];
  const results: DeepResult[] = [await nastyKey(machine), await currentVersion(machine)];
  const entries = Object.entries<QuerySpec>(queries).filter(([name]) => !withParameters.has(name));
  for (const [name, { timeoutMs, maxBytes = 16 * mib }] of entries)
    results.push(await timed(name, () => machine.query(name, { deadlineMs: timeoutMs, maxBytes })));
  results.push(await hangProbe(machine));
  return results;
}

async function timed(check: string, ask: () => Promise<Raw<unknown>>): Promise<DeepResult> {
  const began = performance.now();
  const raw = await ask();
  const ms = Math.round(performance.now() - began);
  if (raw.outcome === 'ok') {
    const text = JSON.stringify(raw.value) ?? 'null';
    const about = check === 'session' ? text.slice(0, 300) : `${text.length} characters`;
    return { check, outcome: 'ok', detail: about, ms };
  }
  // What this server does not have is no fault of it.
  const outcome = raw.outcome === 'unsupported' || raw.outcome === 'absent' ? 'not-here' : 'failed';
  return {
    check,
    outcome,
    detail: `${raw.outcome} ${raw.reason}${raw.detail === undefined ? '' : ` (${raw.detail})`}`,
    ms,
  };
}

/** A key of this name is nowhere; the answer must be that, for just that name. */
function nastyKey(machine: Machine): Promise<DeepResult> {
  return timed('parameters', async () => {
    const raw = await machine.registry("HKLM\\SOFTWARE\\';calc;# \u00fc\u65e5\u672c", {
      maxBytes: mib,
      deadlineMs: 30_000,
    });
    return raw.outcome === 'absent' ? { outcome: 'ok', value: 'absent, as it should be' } : raw;
  });
}

function currentVersion(machine: Machine): Promise<DeepResult> {
  return timed('registry', () =>
    machine.registry(String.raw`HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion`, {
      maxBytes: mib,
      deadlineMs: 30_000,
    }),
  );
}

/** It sleeps for longer than it may; afterwards another process must answer. */
function hangProbe(machine: Machine): Promise<DeepResult> {
  return timed('hang-probe', async () => {
    const hung = await machine.query('hang-probe', { maxBytes: mib, deadlineMs: 3000 });
    if (hung.outcome !== 'timed-out') return { outcome: 'failed', reason: 'not-ended' };
    return machine.query('hotfixes', { maxBytes: 4 * mib, deadlineMs: 60_000 });
  });
}
