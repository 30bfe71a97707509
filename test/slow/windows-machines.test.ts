/**
 * Whole Windows machines, described as Windows shows itself (CIM, registry, COM, ADSI, files): the very
 * scripts of the product ask them on a real PowerShell, and what comes is held against the recordings
 * from which the other tests work. So neither can drift from the other.
 */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openHost } from '../../agent/host/door.ts';
import { recordMachine } from '../../agent/host/record.ts';
import { host } from '../../collectors/host/index.ts';
import { updates } from '../../collectors/updates/index.ts';
import { canonicalText } from '../../evidence/canonical-json.ts';
import { digests } from '../collectors/each-source-denied.ts';
import { engineOrSkip } from '../powershell/engine.ts';
import { engineMachine, type WindowsMachine } from '../powershell/engine-machine.ts';

const fixtures = join(import.meta.dirname, '../fixtures');

describe('recorded Windows machines, asked by the scripts themselves', function () {
  this.timeout(240_000);
  let program = '';
  before(function () {
    program = engineOrSkip(this);
  });

  for (const file of readdirSync(join(fixtures, 'windows'))) {
    const name = file.replace(/\.json$/, '');
    it(`${name}: give what is recorded, with one PowerShell process`, async () => {
      const described = JSON.parse(readFileSync(join(fixtures, 'windows', file), 'utf8')) as WindowsMachine;
      const { machine, engine } = engineMachine(program, described);
      const folder = join(mkdtempSync(join(tmpdir(), 'affiant-windows-')), 'recording');
      try {
        const recorder = recordMachine(machine, folder);
        assert.ok(recorder.ok);
        const door = openHost(recorder.value.machine);
        await Promise.all([host, updates].map((each) => each.collect(door.forCollector(each.name).host, digests)));
        assert.ok(recorder.value.finish().ok);
        assert.equal(engine.started(), 1);
        const recorded = JSON.parse(readFileSync(join(folder, 'host.json'), 'utf8')) as Record<string, unknown>;
        const made = { ...recorded, note: described.note, strict: false };
        const path = join(fixtures, 'machines', name, 'host.json');
        if (process.env['AFFIANT_WRITE_EXPECTED'] === '1') {
          mkdirSync(join(fixtures, 'machines', name), { recursive: true });
          const ordered: unknown = JSON.parse(canonicalText(made));
          writeFileSync(path, `${JSON.stringify(ordered, null, 1)}\n`);
        }
        assert.deepEqual(made, JSON.parse(readFileSync(path, 'utf8')));
      } finally {
        engine.close();
        rmSync(join(folder, '..'), { recursive: true, force: true });
      }
    });
  }

  it('cost one query and one process more where the update search hangs', async () => {
    const described = JSON.parse(
      readFileSync(join(fixtures, 'windows/windows-2019-de.json'), 'utf8'),
    ) as WindowsMachine;
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
