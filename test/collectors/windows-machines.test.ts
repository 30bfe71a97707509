/**
 * Whole Windows servers in four languages, replayed without a PowerShell: the documents that they give, and what
 * the judges make of them. test/slow/windows-machines.test.ts makes the recordings with the scripts themselves.
 */
import assert from 'node:assert/strict';
import { openRecording } from '../../agent/host/replay.ts';
import { catalogues } from '../../catalogue/list.ts';
import { conclude } from '../../judge/list.ts';
import type { Verdict } from '../../judge/verdict.ts';
import { goldenDocuments } from './windows/golden.ts';
import { machineFolder } from './windows/servers.ts';
import { type WholeRun, wholeRun } from './windows/whole-run.ts';
import { wholeServers } from './windows/whole-servers.ts';

async function replayed(name: string): Promise<WholeRun & { readonly unread: readonly string[] }> {
  const opened = openRecording(machineFolder(name));
  assert.ok(opened.ok, JSON.stringify(opened));
  const run = await wholeRun(opened.value.machine);
  return { ...run, unread: opened.value.unread() };
}

/** Verdicts about updates in full, of all other questions how they ended. */
type Expected = Readonly<Record<string, Verdict | Verdict['outcome']>>;

const member: Expected = {
  'Updates in order': 'pass',
  'Protected now': 'pass',
  'Audit system records': 'pass',
  'Logs leave the server': 'undetermined',
  'Administrators in order': 'pass',
  'Second factor really required': 'fail',
};
const expected: Readonly<Record<string, Expected>> = {
  'windows-2019-de': member,
  'windows-dc-fr': { ...member, 'Administrators in order': 'fail' },
  'windows-2022-ja': {
    ...member,
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
  'windows-exchange-en': {
    ...member,
    // It leaves out the folder that Microsoft says not to leave out.
    'Protected now': 'fail',
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
};

describe('whole Windows servers, replayed', () => {
  for (const { name, at } of wholeServers) {
    it(`${name}: gives the golden documents, and every record of it is read`, async () => {
      const { documents, unread } = await replayed(name);
      goldenDocuments(name, documents, { words: false });
      assert.deepEqual(unread, []);
    });

    it(`${name}: is judged by all that it showed`, async () => {
      const { drafts } = await replayed(name);
      const questions = expected[name] ?? {};
      const concluded = conclude(drafts, { at, catalogues }).map(
        ({ question, verdict }): [string, Expected[string]] => {
          const { outcome, faults, unknowns } = verdict;
          return [question, typeof questions[question] === 'string' ? outcome : { outcome, faults, unknowns }];
        },
      );
      assert.deepEqual(Object.fromEntries(concluded), questions);
    });
  }
});
