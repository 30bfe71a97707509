/**
 * Raw objects as no script of ours would send them: members gone, of another type, full of rubbish. No parser
 * throws, no document breaks its schema, and no server that is not in order passes.
 */
import assert from 'node:assert/strict';
import { openHost } from '../../agent/host/door.ts';
import type { Answer, Host } from '../../agent/host/host.ts';
import { openRecording } from '../../agent/host/replay.ts';
import { parseDirectoryObjects, parseDirectoryRoot } from '../../collectors/admins/windows/directory-rows.ts';
import { parseLocalAccounts, parseLocalGroups } from '../../collectors/admins/windows/local-rows.ts';
import { parseRole } from '../../collectors/admins/windows/people.ts';
import { parseTasks } from '../../collectors/admins/windows/run-as.ts';
import { parseUserRights } from '../../collectors/admins/windows/user-rights.ts';
import type { Drafts } from '../../collectors/collector.ts';
import { parseDetections, threatsById } from '../../collectors/edr/products/windows/defender-detections.ts';
import { exclusionsOf, preferenceValues } from '../../collectors/edr/products/windows/defender-preferences.ts';
import { statusValues } from '../../collectors/edr/products/windows/defender-status.ts';
import { parseAuditPolicy } from '../../collectors/edr/windows-logs/audit-policy.ts';
import { parseClearings, parseEventLogs } from '../../collectors/edr/windows-logs/event-logs.ts';
import { parseFilters, parsePrograms, parseServices } from '../../collectors/edr/windows-view.ts';
import { parseDirectories, parseMail, parseModern, parsePolicies } from '../../collectors/mfa/windows/exchange.ts';
import { parseProviders } from '../../collectors/mfa/windows/logon-agents.ts';
import { isRaw } from '../../collectors/raw-objects.ts';
import { judgeEdr } from '../../judge/edr.ts';
import { judgeMfa } from '../../judge/mfa/matrix.ts';
import { waysToRoot } from '../../judge/ways-to-root.ts';
import { assertValid, digests } from '../collectors/each-source-denied.ts';
import { collectors, machineFolder } from '../collectors/windows/servers.ts';

const at = '2026-11-29T00:00:00Z';

function hostOf(name: string): Host {
  const opened = openRecording(machineFolder(name));
  assert.ok(opened.ok);
  return openHost(opened.value.machine).forCollector('test').host;
}

/** A small generator (xorshift32), so that a failure can be run again. */
function random(seed: number): () => number {
  let state = seed || 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 4_294_967_296;
  };
}

const rubbish: readonly unknown[] = [
  '',
  '\u202e;calc;#',
  'System.Object[]',
  -1,
  1e308,
  {},
  { value: {} },
  [[]],
  'N/A',
  '/Date(99999999999999999)/',
];

/** What only loses: another text could be another truth. */
const losses: readonly unknown[] = ['', 'System.Object[]', -1, {}, [[]], 'N/A'];

/** The value with one of its members gone or of another kind. Never emptied: an empty list can be the truth. */
function mutated(value: unknown, next: () => number, last = rubbish): unknown {
  if (Array.isArray(value) && value.length > 0 && next() < 0.8) {
    const index = Math.floor(next() * value.length);
    return value.map((each, position) => (position === index ? mutated(each, next, last) : each) as unknown);
  }
  if (isRaw(value) && Object.keys(value).length > 0 && next() < 0.9) {
    const names = Object.keys(value);
    const name = names[Math.floor(next() * names.length)] ?? '';
    if (next() < 0.3) return Object.fromEntries(Object.entries(value).filter(([each]) => each !== name));
    return { ...value, [name]: mutated(value[name], next, last) };
  }
  return last[Math.floor(next() * last.length)];
}

type Parser = readonly [string, (value: unknown) => unknown];

const parsers: readonly Parser[] = [
  ['services', parseServices],
  ['drivers', parseServices],
  ['uninstall-entries', parsePrograms],
  ['filter-drivers', parseFilters],
  ['audit-policy', parseAuditPolicy],
  ['event-logs', parseEventLogs],
  ['log-clearings', parseClearings],
  ['Get-MpComputerStatus', (value) => (isRaw(value) ? statusValues(value) : undefined)],
  [
    'Get-MpPreference',
    (value) => (isRaw(value) ? [preferenceValues(value), exclusionsOf(value, digests, ['query:x'])] : undefined),
  ],
  ['Get-MpThreat', threatsById],
  ['Get-MpThreatDetection', (value) => parseDetections(value, undefined, 30, digests)],
  ['local-accounts', parseLocalAccounts],
  ['computer-system', parseRole],
  ['directory-root', parseDirectoryRoot],
  ['user-rights', parseUserRights],
  ['scheduled-tasks', parseTasks],
  ['credential-providers', (value) => [parseProviders(value, 'providers'), parseProviders(value, 'filters')]],
  ['exchange-virtual-directories', parseDirectories],
  ['exchange-settings', (value) => [parsePolicies(value), parseModern(value), parseMail(value)]],
];

/** The host with the answers of its queries mutated, each with the chance given. */
function strange(host: Host, next: () => number): Host {
  return {
    ...host,
    os: host.os,
    async query(name, parameters): Promise<Answer<unknown>> {
      const answer = await host.query(name, parameters);
      return answer.status === 'observed' && next() < 0.15
        ? { ...answer, value: mutated(answer.value, next, losses) }
        : answer;
    },
  };
}

describe('mutated raw objects of Windows', function () {
  this.timeout(300_000);

  it('let no parser throw, 100,000 times', async () => {
    const host = hostOf('windows-exchange-de');
    const next = random(20_261_129);
    const answers = new Map<string, unknown>();
    for (const [name] of parsers) {
      const answer = await host.query(name as Parameters<Host['query']>[0]);
      assert.equal(answer.status, 'observed', name);
      if (answer.status === 'observed') answers.set(name, answer.value);
    }
    const groups = {
      Sid: 'S-1-5-32-544',
      Found: true,
      Name: 'A',
      Members: [{ Path: 'WinNT://C/a', ObjectSid: 'AQUAAAAAAAUVAAAA' }],
    };
    const object = {
      Asked: 'S-1-5-21-1-2-3-512',
      Found: true,
      ObjectSid: 'S-1-5-21-1-2-3-512',
      ObjectClass: ['group'],
      Members: ['<SID=S-1-5-21-1-2-3-5>;CN=x'],
      MembersComplete: true,
      PrimaryMembers: [],
    };
    const all: readonly (readonly [unknown, (value: unknown) => unknown])[] = [
      ...parsers.map(([name, parse]) => [answers.get(name), parse] as const),
      [[groups], parseLocalGroups],
      [[object], parseDirectoryObjects],
    ];
    let runs = 0;
    for (; runs < 100_000; runs += 1) {
      const [value, parse] = all[runs % all.length] ?? [undefined, () => undefined];
      parse(mutated(mutated(value, next), next));
    }
    process.stdout.write(`      ${runs} mutated objects read\n`);
  });

  it('let no server pass that is not in order', async () => {
    const next = random(43);
    let runs = 0;
    const fine: string[] = [];
    // Truth: exclusions that defeat it; a domain away with an orphan; one factor is enough.
    const servers = [
      { name: 'windows-exchange-de', bad: ['protection', 'mfa'] },
      { name: 'windows-domain-away-fr', bad: ['administrators', 'mfa'] },
    ] as const;
    for (const { name, bad } of servers) {
      const host = hostOf(name);
      for (let run = 0; run < 300; run += 1) {
        const drafts: Drafts = {};
        for (const collector of collectors)
          Object.assign(drafts, await collector.collect(strange(host, next), digests));
        assertValid(drafts, `${name} run ${run}`);
        const { edr, admins, mfa } = drafts;
        assert.ok(edr && admins && mfa);
        const verdicts: Readonly<Record<(typeof bad)[number], string>> = {
          protection: judgeEdr(edr, { at }).outcome,
          administrators: waysToRoot(admins, at).outcome,
          mfa: judgeMfa(mfa, admins).outcome,
        };
        for (const which of bad) if (verdicts[which] === 'pass') fine.push(`${name} run ${run}: ${which}`);
        runs += 1;
      }
    }
    process.stdout.write(`      ${fine.length} false fine in ${runs} mutated servers\n`);
    assert.deepEqual(fine, []);
  });
});
