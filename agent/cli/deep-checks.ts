/**
 * `affiant doctor --deep` on Windows: each query by itself, names that could become code, a query that hangs.
 * What to see is in docs/windows-untested.md.
 */
import type { Machine, Raw } from '../host/machine.ts';
import { type QueryName, type QueryParameters, type QuerySpec, queries } from '../host/queries.ts';

export type DeepResult = {
  readonly check: string;
  readonly outcome: 'ok' | 'failed' | 'not-here';
  readonly detail: string;
  readonly ms: number;
};

const mib = 1024 * 1024;
const systemFolder = `${process.env['SystemRoot'] ?? String.raw`C:\Windows`}\\System32`;
const kernel = `${systemFolder}\\ntoskrnl.exe`;
const administrators = 'S-1-5-32-544';
const version = String.raw`HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion`;
/** Nobody and nothing is called that. */
const nasty = "';calc;# \u00fc\u65e5\u672c";

/** What queries are asked that answer to parameters alone: things that every Windows has. */
const given: { readonly [Name in QueryName]?: QueryParameters } = {
  'file-owners': { paths: [systemFolder] },
  'file-versions': { paths: [kernel] },
  'program-versions': { paths: [kernel] },
  'registry-values': { values: [`${version}\\CurrentBuildNumber`] },
  'local-groups': { sids: [administrators] },
  'account-sids': { names: [nasty] },
  'directory-objects': { subjects: [administrators] },
  'directory-rights': { groups: [administrators] },
};
/** Asked below, or over SSH alone, where files are read by PowerShell too. */
const elsewhere: ReadonlySet<string> = new Set<QueryName>([
  'registry-keys',
  'hang-probe',
  'file-about',
  'file-content',
  'folder-names',
  'program-output',
]);

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
  const parameters = new Map(Object.entries(given));
  const entries = Object.entries<QuerySpec>(queries).filter(([name]) => !elsewhere.has(name));
  for (const [name, { timeoutMs, maxBytes = 16 * mib }] of entries)
    results.push(
      await timed(name, () => machine.query(name, { deadlineMs: timeoutMs, maxBytes }, parameters.get(name))),
    );
  results.push(await hangProbe(machine));
  return results;
}

/** The directory has no such object (no Exchange), and this machine no directory: LDAP_NO_SUCH_OBJECT, ERROR_NO_SUCH_DOMAIN. */
const notInDirectory: ReadonlySet<string> = new Set(['hresult-0x80072030', 'hresult-0x8007054b']);

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
  const outcome =
    raw.outcome === 'unsupported' || raw.outcome === 'absent' || notInDirectory.has(raw.reason) ? 'not-here' : 'failed';
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
    const raw = await machine.registry(`HKLM\\SOFTWARE\\${nasty}`, {
      maxBytes: mib,
      deadlineMs: 30_000,
    });
    return raw.outcome === 'absent' ? { outcome: 'ok', value: 'absent, as it should be' } : raw;
  });
}

function currentVersion(machine: Machine): Promise<DeepResult> {
  return timed('registry', () =>
    machine.registry(version, {
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
