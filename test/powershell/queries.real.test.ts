/** Every script of the product as PowerShell itself parses it, and the list of queries. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative, sep } from 'node:path';
import { readScript, scriptLines } from '../../agent/host/powershell/script.ts';
import { type QuerySpec, queries } from '../../agent/host/queries.ts';
import { engineOrSkip } from './engine.ts';

const root = join(import.meta.dirname, '../..');
/** What processes are told before any query. */
const preludes = ['agent/host/powershell/prelude.ps1', 'agent/host/powershell/remote.ps1'];
/** No query of a collector: it makes and opens the key that keeps our own keys, and only turns bytes into bytes. */
const machineSeal = 'agent/spool/queries/machine-seal.ps1';

function scripts(): string[] {
  return ['agent', 'collectors'].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ps1'))
      .map((name) => join(folder, name).split(sep).join('/')),
  );
}

function findings(engine: string, files: readonly string[]): string[] {
  const script = join(import.meta.dirname, 'compatibility.ps1');
  const out = execFileSync(engine, ['-NoLogo', '-NoProfile', '-NonInteractive', '-File', script, ...files], {
    encoding: 'utf8',
    env: { PATH: '/usr/bin:/bin', HOME: '/nonexistent', TERM: 'dumb', NO_COLOR: '1', POWERSHELL_TELEMETRY_OPTOUT: '1' },
  });
  return JSON.parse(/FINDINGS (\[.*\])/.exec(out)?.[1] ?? 'null') as string[];
}

describe('the scripts of the queries', () => {
  it('are all on the list, and each entry has its file', () => {
    const listed = Object.values<QuerySpec>(queries).map(({ file }) => file);
    for (const file of listed) assert.ok(existsSync(join(root, file)), file);
    assert.deepEqual(
      scripts()
        .filter((file) => !preludes.includes(file) && file !== machineSeal)
        .toSorted(),
      [...new Set(listed)].toSorted(),
    );
  });

  it('are ASCII and have no line that could end their block early', () => {
    for (const file of scripts()) for (const line of readScript(file)) assert.notEqual(line.trim(), '', file);
    assert.throws(() => scriptLines('"ä"\n'), /ASCII/);
  });

  describe('as PowerShell parses them', () => {
    let engine = '';
    before(function () {
      this.timeout(60_000);
      engine = engineOrSkip(this);
    });

    it('are Windows PowerShell 5.1 and only read', function () {
      this.timeout(60_000);
      const found = findings(
        engine,
        scripts().map((file) => join(root, file)),
      );
      assert.deepEqual(
        found.map((line) => relative(root, line).replace(/:\d+:/, ':')),
        [
          `${machineSeal}: Unprotect-Bytes is no verb that only reads`,
          `${machineSeal}: Protect-Bytes is no verb that only reads`,
        ],
      );
    });

    it('would be found out otherwise', function () {
      this.timeout(60_000);
      const folder = mkdtempSync(join(tmpdir(), 'affiant-ps-'));
      const bad = {
        'ternary.ps1': '$x = $true ? 1 : 2',
        'null.ps1': '$x = $y ?? 1',
        'chain.ps1': 'Get-Date && Get-Date',
        'member.ps1': '${x}?.Length',
        'writes.ps1': 'Set-ItemProperty -Path x -Name y -Value z',
        'runs.ps1': 'Invoke-Expression $x',
        'alias.ps1': 'Get-Date | % { $_ }',
        'here.ps1': '$x = @"\n\nx\n"@',
        'class.ps1': 'class X { }',
        'broken.ps1': 'if (',
        'json.ps1': "ConvertFrom-Json -AsHashtable -InputObject '{}'",
      };
      try {
        for (const [name, text] of Object.entries(bad)) writeFileSync(join(folder, name), `${text}\n`);
        const found = findings(
          engine,
          Object.keys(bad).map((name) => join(folder, name)),
        );
        for (const name of Object.keys(bad))
          assert.ok(
            found.some((line) => line.includes(name)),
            name,
          );
      } finally {
        rmSync(folder, { recursive: true, force: true });
      }
    });
  });
});
