/** `npm run bench:windows`: PowerShell processes of a collection, and what a large history costs beside a bare `1`. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { openHost } from '../agent/host/door.ts';
import { queries } from '../agent/host/queries.ts';
import { host } from '../collectors/host/index.ts';
import { updates } from '../collectors/updates/index.ts';
import { digests } from '../test/collectors/each-source-denied.ts';
import { findEngine } from '../test/powershell/engine.ts';
import { engineMachine, type WindowsMachine } from '../test/powershell/engine-machine.ts';
import { median } from './measure.ts';

const fixture = join(import.meta.dirname, '../test/fixtures/windows/windows-2019-de.json');

function largeMachine(): WindowsMachine {
  const described = JSON.parse(readFileSync(fixture, 'utf8')) as WindowsMachine;
  const hotfixes = Array.from({ length: 300 }, (_, at) => ({
    HotFixID: `KB${5_000_000 + at}`,
    Description: 'Sicherheitsupdate',
    InstalledOn: '8/12/2026',
  }));
  const history = Array.from({ length: 2000 }, (_, at) => ({
    'date:Date': '2026-08-12T01:10:00Z',
    Operation: 1,
    ResultCode: 2,
    HResult: 0,
    UpdateIdentity: { UpdateID: `00000000-0000-4000-8000-${String(at).padStart(12, '0')}`, RevisionNumber: 200 },
    Title: `2026-08 Kumulatives Update für Windows Server 2019 (KB${5_000_000 + at})`,
    ServerSelection: 1,
    ClientApplicationID: 'UpdateOrchestrator',
  }));
  const searcher = {
    Online: true,
    'method:GetTotalHistoryCount': history.length,
    'method:QueryHistory': history,
    'method:Search': { ResultCode: 2, Updates: [] },
  };
  return {
    ...described,
    cim: { ...described.cim, Win32_QuickFixEngineering: hotfixes },
    com: { ...described.com, 'Microsoft.Update.Session': { 'method:CreateUpdateSearcher': searcher } },
  };
}

/** The recording answers `QueryHistory` with all rows at once; building 2,000 fake objects is not the script's time. */
const setup = `
function Measure-Query { param([scriptblock]$Body) $watch = [Diagnostics.Stopwatch]::StartNew(); $null = & $Body; $watch.Stop(); return $watch.Elapsed.TotalMilliseconds }
`;

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
  const large = engineMachine(engine, largeMachine(), setup);
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
  process.stdout.write(
    '  (rows are made by the fakes of the tests while the script runs; on Windows COM makes them)\n',
  );
  large.engine.close();
}
