/** Recorded Windows machines in four languages: the documents that they give, and what a judge makes of them. */
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openHost } from '../../agent/host/door.ts';
import { openRecording } from '../../agent/host/replay.ts';
import { catalogues } from '../../catalogue/list.ts';
import type { Drafts } from '../../collectors/collector.ts';
import { host } from '../../collectors/host/index.ts';
import { updates } from '../../collectors/updates/index.ts';
import { conclude } from '../../judge/list.ts';
import type { Verdict } from '../../judge/verdict.ts';
import { assertValid, digests } from './each-source-denied.ts';

const fixtures = join(import.meta.dirname, '../fixtures');

async function collect(name: string): Promise<{ drafts: Drafts; unread: readonly string[] }> {
  const opened = openRecording(join(fixtures, 'machines', name));
  assert.ok(opened.ok, JSON.stringify(opened));
  const door = openHost(opened.value.machine);
  const parts = await Promise.all(
    [host, updates].map((each) => each.collect(door.forCollector(each.name).host, digests)),
  );
  return { drafts: Object.assign({}, ...parts) as Drafts, unread: opened.value.unread() };
}

type Expected = { readonly at: string; readonly verdicts: Readonly<Record<string, Verdict>> };

const pass: Verdict = { outcome: 'pass', faults: [], unknowns: [] };
const machines: Readonly<Record<string, Expected>> = {
  'windows-2019-de': { at: '2026-08-25T12:00:00Z', verdicts: { 'Updates in order': pass } },
  'windows-dc-fr': { at: '2026-08-25T12:00:00Z', verdicts: { 'Updates in order': pass } },
  'windows-2022-ja': {
    at: '2026-08-25T12:00:00Z',
    verdicts: {
      'Updates in order': {
        outcome: 'fail',
        faults: [
          '2 monthly updates not installed since 2026-07-14: KB5099540, KB5120242',
          'a restart is pending: cbs-packages-pending, cbs-reboot-pending, windows-update-agent, windows-update-reboot-required',
          'the update to 10.0.20348.5386 waits for a restart',
          'KB5120242 failed 5 times and never succeeded since',
          '1 security update is offered and not installed: KB5120242',
          'MSSQLSERVER 15.0.4298.1: 3 security updates not installed, newest KB5040948',
        ],
        unknowns: ['the catalogue does not know what came out for SQL Server 2019 from 2024-08-13 until 2026-09-08'],
      },
    },
  },
  'windows-exchange-en': {
    at: '2021-12-01T12:00:00Z',
    verdicts: {
      'Updates in order': {
        outcome: 'fail',
        faults: ['6 monthly updates not installed since 2021-07-07: …, KB5005573, KB5006669, KB5007192'],
        unknowns: ['updates out of band that may carry security fixes: KB5008601'],
      },
      'Exchange in order': {
        outcome: 'fail',
        faults: [
          'Oct21SU is missing: installed, but not whole: the service MSExchangeServiceHost is disabled',
          'Nov21SU is missing: build 15.1.2308.15 is below 15.1.2308.20',
          'half installed: the service MSExchangeServiceHost is disabled',
        ],
        unknowns: [],
      },
    },
  },
};

describe('recorded Windows machines', () => {
  for (const [name, { at, verdicts }] of Object.entries(machines)) {
    it(`${name}: gives the expected documents, and every record of it is read`, async () => {
      const { drafts, unread } = await collect(name);
      assertValid(drafts, name);
      for (const [document, draft] of Object.entries(drafts)) {
        if (document === 'packages') continue;
        const folder = join(fixtures, 'expected', name);
        const path = join(folder, `${document}.json`);
        const text = `${JSON.stringify(draft, null, 2)}\n`;
        if (process.env['AFFIANT_WRITE_EXPECTED'] === '1') {
          mkdirSync(folder, { recursive: true });
          writeFileSync(path, text);
        }
        assert.equal(text, readFileSync(path, 'utf8'), `${document}: review the difference as behaviour`);
      }
      assert.deepEqual(unread, []);
    });

    it(`${name}: is judged by its build`, async () => {
      const { drafts } = await collect(name);
      const concluded = conclude({ ...(drafts.updates && { updates: drafts.updates }) }, { at, catalogues });
      assert.deepEqual(Object.fromEntries(concluded.map(({ question, verdict }) => [question, verdict])), verdicts);
    });
  }
});
