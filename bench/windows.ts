/** `npm run bench:windows`: PowerShell processes of a collection, and what a large history costs beside a bare `1`. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { openHost } from '../agent/host/door.ts';
import { queries } from '../agent/host/queries.ts';
import { host } from '../collectors/host/index.ts';
import { updates } from '../collectors/updates/index.ts';
import { digests } from '../test/collectors/each-source-denied.ts';
import { findEngine, openEngine } from '../test/powershell/engine.ts';
import { engineMachine, type WindowsMachine } from '../test/powershell/engine-machine.ts';
import { median } from './measure.ts';

const fixture = join(import.meta.dirname, '../test/fixtures/windows/windows-2019-de.json');

/** Objects made once, outside of what is measured: on Windows CIM and COM make them. */
const setup = [
  '$BenchHotfixes = @(foreach ($n in 1..300) { [pscustomobject]@{ HotFixID = "KB$(5000000 + $n)"; Description = "Sicherheitsupdate"; InstalledOn = "8/12/2026" } })',
  '$BenchHistory = @(foreach ($n in 1..2000) { [pscustomobject]@{ Date = [datetime]"2026-08-12"; Operation = 1; ResultCode = 2; HResult = 0; UpdateIdentity = [pscustomobject]@{ UpdateID = "00000000-0000-4000-8000-$($n.ToString("000000000000"))"; RevisionNumber = 200 }; Title = "2026-08 Kumulatives Update (KB$(5000000 + $n))"; ServerSelection = 1; ClientApplicationID = "UpdateOrchestrator" } })',
  '$BenchSearcher = [pscustomobject]@{ Online = $true }',
  '$BenchSearcher | Add-Member -MemberType ScriptMethod -Name GetTotalHistoryCount -Value { $BenchHistory.Count }',
  '$BenchSearcher | Add-Member -MemberType ScriptMethod -Name QueryHistory -Value { param($from, $count) $BenchHistory[$from..($from + $count - 1)] }',
  '$BenchSession = [pscustomobject]@{ Name = "session" }',
  '$BenchSession | Add-Member -MemberType ScriptMethod -Name CreateUpdateSearcher -Value { $BenchSearcher }',
  'function Get-CimInstance { $BenchHotfixes }',
  'function New-Object { $BenchSession }',
  '',
].join('\n');

const engine = findEngine();
if (engine === undefined) {
  process.stdout.write('left out: no PowerShell (test/powershell/install.sh installs one)\n');
} else {
  const limits = { maxBytes: 64 * 1024 * 1024, deadlineMs: 120_000 };
  process.stdout.write('\nPowerShell processes of a collection of a whole recorded Windows server\n');
  const quiet = engineMachine(engine, JSON.parse(readFileSync(fixture, 'utf8')) as WindowsMachine);
  const door = openHost(quiet.machine);
  await Promise.all([host, updates].map((each) => each.collect(door.forCollector(each.name).host, digests)));
  process.stdout.write(`  ${quiet.engine.started()} where nothing hangs (goal: 1)\n`);
  quiet.engine.close();

  process.stdout.write('\nScript time in one session, medians of 5, each beside a bare 1 in the same session\n');
  const large = { engine: openEngine(engine, setup) };
  const ask = async (name: 'hotfixes' | 'update-history' | 'session'): Promise<number> => {
    const began = performance.now();
    const answer = await large.engine.query(queries[name], undefined, limits);
    if (answer.outcome !== 'ok') throw new Error(`${name}: ${answer.reason}`);
    return performance.now() - began;
  };
  const bare = { ...queries.session, file: 'bench/bare-one.ps1' };
  const one = async (): Promise<number> => {
    const began = performance.now();
    await large.engine.query(bare, undefined, limits);
    return performance.now() - began;
  };
  await ask('session');
  const times: Record<string, number[]> = { 'a bare 1': [], '300 hotfixes': [], '2,000 rows of history, 500 kept': [] };
  for (let round = 0; round < 5; round += 1) {
    times['a bare 1']?.push(await one());
    times['300 hotfixes']?.push(await ask('hotfixes'));
    times['2,000 rows of history, 500 kept']?.push(await ask('update-history'));
  }
  const base = median(times['a bare 1'] ?? []);
  for (const [name, list] of Object.entries(times))
    process.stdout.write(
      `  ${name.padEnd(34)} ${median(list).toFixed(1).padStart(8)} ms  ${(median(list) / base).toFixed(1).padStart(7)}×\n`,
    );
  large.engine.close();
}
