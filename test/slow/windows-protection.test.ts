/**
 * The queries about protection, administrators and second factors on a real PowerShell, over recorded Windows
 * servers in four languages; the documents byte for byte, and the recordings that the quick tests replay.
 */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openHost } from '../../agent/host/door.ts';
import { recordMachine } from '../../agent/host/record.ts';
import { assertValid, digests } from '../collectors/each-source-denied.ts';
import { engineMachine } from '../collectors/windows/engine-machine.ts';
import { collectors, expectedFolder, machineFolder, recordedServers } from '../collectors/windows/servers.ts';
import { engineOrSkip } from '../powershell/engine.ts';

const write = process.env['AFFIANT_WRITE_EXPECTED'] === '1';

describe('recorded Windows servers on a real PowerShell', function () {
  this.timeout(120_000);
  let program = '';
  before(function () {
    program = engineOrSkip(this);
  });

  for (const { name, recorded } of recordedServers)
    it(`give the documents of ${name}, and the recording that is replayed`, async () => {
      const folder = mkdtempSync(join(tmpdir(), 'affiant-windows-'));
      const { machine, engine } = engineMachine(program, recorded);
      try {
        const recorder = recordMachine(machine, folder);
        assert.ok(recorder.ok, JSON.stringify(recorder));
        const door = openHost(recorder.value.machine);
        for (const collector of collectors) {
          const drafts = await collector.collect(door.forCollector(collector.name).host, digests);
          assertValid(drafts, name);
          for (const [document, draft] of Object.entries(drafts)) {
            const path = join(expectedFolder(name), `${document}.json`);
            const text = `${JSON.stringify(draft, null, 2)}\n`;
            if (write) {
              mkdirSync(expectedFolder(name), { recursive: true });
              writeFileSync(path, text);
            }
            assert.equal(text, readFileSync(path, 'utf8'), `${name} ${document}: review the difference as behaviour`);
          }
        }
        const finished = recorder.value.finish();
        assert.ok(finished.ok, JSON.stringify(finished));
        assert.equal(engine.started(), 1, 'one PowerShell process for all of it');
        compareFolders(folder, machineFolder(name));
        assert.ok(!everything(folder).includes('must never be read'), 'a password beside a setting was recorded');
      } finally {
        engine.close();
        rmSync(folder, { recursive: true, force: true });
      }
    });
});

function everything(folder: string): string {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'utf8'))
    .join('\n');
}

function compareFolders(made: string, kept: string): void {
  const files = readdirSync(made, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
  for (const file of files) {
    const target = join(kept, file.slice(made.length + 1));
    if (write) {
      mkdirSync(join(target, '..'), { recursive: true });
      writeFileSync(target, readFileSync(file));
    }
    // Collectors ask side by side: in which order a key's values were read is chance.
    const [one, other] = [file, target].map((path) => readFileSync(path, 'utf8'));
    if (target.endsWith('host.json')) assert.deepEqual(JSON.parse(one ?? ''), JSON.parse(other ?? ''), target);
    else assert.equal(one, other, target);
  }
}
