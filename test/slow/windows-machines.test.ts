/**
 * Whole Windows servers, described as Windows shows itself (CIM, registry, COM, ADSI, LDAP, event logs, files):
 * the very scripts of the product ask them on a real PowerShell, all collectors side by side in one run, as the
 * agent does it. What comes is held against the golden documents and against the recordings from which the
 * quick tests work without a PowerShell, so that neither can drift from the other. How the servers came about:
 * test/collectors/windows/whole-servers.ts.
 */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openHost } from '../../agent/host/door.ts';
import { recordMachine } from '../../agent/host/record.ts';
import { updates } from '../../collectors/updates/index.ts';
import { canonicalText } from '../../evidence/canonical-json.ts';
import { digests } from '../collectors/each-source-denied.ts';
import { goldenDocuments } from '../collectors/windows/golden.ts';
import { machineFolder } from '../collectors/windows/servers.ts';
import { wholeRun } from '../collectors/windows/whole-run.ts';
import { wholeServers } from '../collectors/windows/whole-servers.ts';
import { engineOrSkip } from '../powershell/engine.ts';
import { engineMachine } from '../powershell/engine-machine.ts';

const write = process.env['AFFIANT_WRITE_EXPECTED'] === '1';

describe('whole Windows servers, asked by the scripts themselves', function () {
  this.timeout(240_000);
  let program = '';
  before(function () {
    program = engineOrSkip(this);
  });

  for (const { name, described } of wholeServers)
    it(`${name}: gives all five documents, and what is recorded, with one PowerShell process`, async () => {
      const { machine, engine } = engineMachine(program, described);
      const folder = join(mkdtempSync(join(tmpdir(), 'affiant-windows-')), 'recording');
      try {
        const recorder = recordMachine(machine, folder);
        assert.ok(recorder.ok);
        const { documents } = await wholeRun(recorder.value.machine);
        assert.equal(engine.started(), 1, 'one PowerShell process for all of it');
        goldenDocuments(name, documents, { words: true });
        assert.ok(recorder.value.finish().ok);
        compareFolders(folder, machineFolder(name), described.note);
        assert.ok(!everything(folder).includes('must never be read'), 'a password beside a setting was recorded');
      } finally {
        engine.close();
        rmSync(join(folder, '..'), { recursive: true, force: true });
      }
    });

  it('cost one query and one process more where the update search hangs', async () => {
    const described = wholeServers[0]?.described;
    assert.ok(described);
    const com = {
      ...described.com,
      'Microsoft.Update.Session': {
        'method:CreateUpdateSearcher': {
          Online: true,
          'method:GetTotalHistoryCount': 0,
          'method:Search': { hang: 600 },
        },
      },
    };
    const { machine, engine } = engineMachine(program, { ...described, com });
    const quick = {
      ...machine,
      query: (query: string, limits: { maxBytes: number; deadlineMs: number }, parameters?: never) =>
        machine.query(query, query === 'update-search' ? { ...limits, deadlineMs: 3000 } : limits, parameters),
    };
    const draft = (await updates.collect(openHost(quick).forCollector('updates').host, digests)).updates;
    assert.equal(draft?.offeredUpdates.status, 'timed-out');
    const lost = Object.entries(draft ?? {}).filter(([, fact]) => /timed-out|failed/.test(fact.status));
    assert.deepEqual(
      lost.map(([name]) => name),
      ['offeredUpdates'],
    );
    assert.equal(
      (await machine.registry('HKLM\\SOFTWARE\\Microsoft\\Cryptography', { maxBytes: 1e6, deadlineMs: 30_000 }))
        .outcome,
      'ok',
    );
    assert.equal(engine.started(), 2);
    engine.close();
  });
});

function filesOf(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .toSorted();
}

function everything(folder: string): string {
  return filesOf(folder)
    .map((file) => readFileSync(join(folder, file), 'utf8'))
    .join('\n');
}

/** Collectors ask side by side: in which order a key's values were read is chance, so their order is that of the alphabet. */
function compareFolders(made: string, kept: string, note: string): void {
  if (write) mkdirSync(kept, { recursive: true });
  for (const file of filesOf(made)) {
    const text = readFileSync(join(made, file), 'utf8');
    const told =
      file === 'host.json' ? { ...(JSON.parse(text) as Record<string, unknown>), note, strict: false } : text;
    const ordered = typeof told === 'string' ? told : `${JSON.stringify(JSON.parse(canonicalText(told)), null, 1)}\n`;
    if (write) writeFileSync(join(kept, file), ordered);
    assert.equal(ordered, readFileSync(join(kept, file), 'utf8'), file);
  }
  assert.deepEqual(filesOf(kept), filesOf(made));
}
