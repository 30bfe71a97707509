/** Recorded Windows servers (made on a real PowerShell by test/slow/windows-protection.test.ts), replayed. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { openHost } from '../../../agent/host/door.ts';
import { openRecording } from '../../../agent/host/replay.ts';
import type { Drafts } from '../../../collectors/collector.ts';
import { judgeEdr } from '../../../judge/edr.ts';
import { judgeMfa } from '../../../judge/mfa/matrix.ts';
import { waysToRoot } from '../../../judge/ways-to-root.ts';
import { digests } from '../each-source-denied.ts';
import { domain, people } from './identities.ts';
import { languages } from './languages.ts';
import { collectors, expectedFolder, machineFolder, recordedServers } from './servers.ts';

const at = '2026-11-29T00:00:00Z';

async function replayed(name: string): Promise<Required<Pick<Drafts, 'edr' | 'admins' | 'mfa'>>> {
  const opened = openRecording(machineFolder(name));
  assert.ok(opened.ok, JSON.stringify(opened));
  const door = openHost(opened.value.machine);
  const drafts: Drafts = {};
  for (const collector of collectors)
    Object.assign(drafts, await collector.collect(door.forCollector(collector.name).host, digests));
  const { edr, admins, mfa } = drafts;
  assert.ok(edr && admins && mfa);
  return { edr, admins, mfa };
}

/** What is in the words of the language. */
function withoutNames(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value, (key, inner: unknown) => (key === 'name' ? undefined : inner)));
}

describe('recorded Windows servers', () => {
  for (const { name } of recordedServers)
    it(`replay as ${name}`, async () => {
      // A recording keeps codes, not the words of a message.
      const wordless = (text: string): unknown =>
        JSON.parse(text, (key, inner: unknown) => (key === 'detail' ? undefined : inner));
      for (const [document, draft] of Object.entries(await replayed(name)))
        assert.deepEqual(
          wordless(JSON.stringify(draft)),
          wordless(readFileSync(join(expectedFolder(name), `${document}.json`), 'utf8')),
        );
    });

  it('say the same in every language but for names', async () => {
    const [first, ...others] = await Promise.all(languages.map((language) => replayed(`windows-member-${language}`)));
    for (const other of others) assert.deepEqual(withoutNames(other), withoutNames(first));
  });

  it('name a domain group inside local Administrators, with the domain there and with the domain away', async () => {
    const { admins } = await replayed('windows-member-de');
    assert.ok(admins.windowsGroups.status === 'observed');
    const local = admins.windowsGroups.value.find(({ sid }) => sid === 'S-1-5-32-544');
    assert.ok(local?.members.some(({ sid, outcome }) => sid === people.domainAdmins && outcome === 'resolved'));
    assert.ok(
      waysToRoot(admins, at).accounts.some(({ name, ways }) => name === 'CORP\\alice' && ways.length > 0),
      'alice is administrator through a domain group',
    );
    const away = await replayed('windows-domain-away-fr');
    assert.ok(away.admins.windowsGroups.status === 'observed');
    const members = away.admins.windowsGroups.value.find(({ sid }) => sid === 'S-1-5-32-544')?.members ?? [];
    assert.deepEqual(
      members.map(({ sid, name, outcome }) => [sid ?? name, outcome]),
      [
        ['CORP\\Server Team', 'unreachable'],
        [people.domainAdmins, 'unreachable'],
        ['S-1-5-21-1111111111-2222222222-3333333333-1999', 'orphaned'],
        ['S-1-5-21-1111111111-2222222222-3333333333-500', 'resolved'],
      ],
    );
    const verdict = waysToRoot(away.admins, at);
    assert.notEqual(verdict.outcome, 'pass');
    assert.ok(verdict.unknowns.some((unknown) => unknown.includes('CORP\\Server Team')));
    assert.ok(verdict.faults.some((fault) => fault.includes('-1999, which nobody knows any more')));
    assert.notEqual(judgeMfa(away.mfa, away.admins).outcome, 'pass');
  });

  it('ask a domain controller for the privileged groups alone, and end at a cycle', async () => {
    const { admins } = await replayed('windows-controller-ja');
    assert.ok(admins.windowsDomain.status === 'observed' && admins.windowsGroups.status === 'observed');
    assert.ok((admins.windowsDomain.value.lookUps ?? 0) < 40, 'few look-ups');
    const opened = openRecording(machineFolder('windows-controller-ja'));
    assert.ok(opened.ok);
    assert.ok(
      !JSON.stringify(admins).includes('query:local-accounts'),
      'the list of local accounts is that of the domain',
    );
    const primary = admins.windowsGroups.value
      .find(({ sid }) => sid === `${domain}-512`)
      ?.members.find(({ sid }) => sid === `${domain}-1199`);
    assert.equal(primary?.primary, true);
    const bob = waysToRoot(admins, at).accounts.find(({ name }) => name === 'CORP\\bob');
    assert.deepEqual(
      bob?.ways.map(({ via, reaches }) => [via.replace(/ \(.*/, ''), reaches]),
      [
        ['CORP\\DnsAdmins', 'yes'],
        ['CORP\\Server Operators', 'yes'],
        // Through the help desk, whose right on AdminSDHolder nobody sees in a group.
        ['may change AdminSDHolder', 'yes'],
      ],
    );
    const { accounts, faults } = waysToRoot(admins, at);
    const sync = accounts.find(({ name }) => name === 'CORP\\sync');
    assert.deepEqual(
      sync?.ways.map(({ via }) => via),
      ['may take every secret of the directory (replication)'],
    );
    assert.match(faults.join('; '), /OLD\$ .* is trusted for delegation without bounds/);
    assert.ok(!faults.join('; ').includes('SRV1$'), 'controllers are trusted by their nature');
  });

  it('name who administers Exchange by its role groups in the directory, without a cmdlet of Exchange', async () => {
    const { admins } = await replayed('windows-exchange-de');
    const { accounts } = waysToRoot(admins, at);
    const carol = accounts.find(({ name }) => name === 'CORP\\carol');
    assert.deepEqual(
      carol?.ways.map(({ via, kind, reaches }) => [via.replace(/ \(.*/, ''), kind, reaches]),
      [['CORP\\Organization Management', 'group-indirect', 'unknown']],
    );
    // A server without Exchange does not ask for them.
    const member = await replayed('windows-member-de');
    assert.ok(!JSON.stringify(member.admins).includes('Organization Management'));
  });

  it('tell a membership that ends by itself from one that stands', async () => {
    const { admins } = await replayed('windows-member-en');
    const { accounts } = waysToRoot(admins, at);
    const until = (who: string): (string | undefined)[] =>
      accounts.find(({ name }) => name === who)?.ways.map((way) => way.until) ?? [];
    assert.deepEqual(until('CORP\\bob'), ['2026-11-29T02:00:00Z']);
    assert.ok(until('CORP\\alice').every((end) => end === undefined));
  });

  it('find the exclusion that Microsoft withdrew, and 54 detections to look at, on the Exchange server', async () => {
    const { edr, mfa, admins } = await replayed('windows-exchange-de');
    const verdict = judgeEdr(edr, { at });
    assert.equal(verdict.outcome, 'fail');
    assert.deepEqual(
      verdict.toReview.map(({ product, total }) => [product, total]),
      [['defender-antivirus', 54]],
    );
    assert.ok(verdict.riskyExclusions.some(({ exclusion }) => exclusion.pathClass === 'iis-system'));
    const matrix = judgeMfa(mfa, admins);
    const of = (who: string, way: string): string | undefined =>
      matrix.administrators.find(({ name }) => name === who)?.ways.find((each) => each.way === way)?.judged.requirement;
    assert.equal(of('CORP\\alice', 'active-sync'), 'pathDisabled', 'the policy blocks it');
    assert.equal(of('CORP\\alice', 'imap'), 'notRequired');
    assert.equal(of('CORP\\alice', 'web-services'), 'notRequired', 'Windows integrated is a password too');
    assert.equal(of('lapsadmin', 'owa'), undefined, 'a local account has no mailbox');
  });
});
