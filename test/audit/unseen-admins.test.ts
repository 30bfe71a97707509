/** Bundles in which who is an administrator was seen in part: a short list is none that shows that there are few. */
import { deepEqual, equal, match } from 'node:assert/strict';
import { notJudged } from '../../audit/plan/judged.ts';
import { admins } from '../../collectors/admins/index.ts';
import { debianServer } from '../collectors/debian-server.ts';
import { digests } from '../collectors/each-source-denied.ts';
import { type FakeMachine, fakeHost, miss } from '../collectors/fake-host.ts';
import { allPolicies, auditOf, entriesOf } from './played.ts';

/** A server of which nobody but root is an administrator, three days long. */
async function days(changes: NonNullable<FakeMachine['files']>) {
  const machine: FakeMachine = {
    restIsAbsent: true,
    files: {
      '/etc/passwd': 'root:x:0:0::/root:/bin/sh\nalice:x:1000:1000::/home/alice:/bin/sh\n',
      '/etc/group': 'root:x:0:\n',
      '/etc/shadow': 'root:*:20000::::::\nalice:$y$j9T$s$h:20000::::::\n',
      '/etc/nsswitch.conf': 'passwd: files\ngroup: files\n',
      '/etc/sudoers': 'root ALL=(ALL:ALL) ALL\n',
      ...changes,
    },
    stats: { '/usr/bin/sudo': {} },
    commands: { ...debianServer.commands, getcap: '', 'find-writable-jobs': '' },
  };
  const drafts = await admins.collect(fakeHost(machine), digests);
  return entriesOf({ name: 'unseen-admins', from: '2024-01-02', to: '2024-01-04', draftsOn: () => drafts });
}

describe('administrators of whom some may not have been seen', () => {
  const jit = (entries: Awaited<ReturnType<typeof days>>) =>
    auditOf(entries, '2024-01-04', { policies: allPolicies() }).findings.find(({ rule }) => rule === 'e8-jit');

  it('are no few administrators (symptom: a collection as a plain user passed the clock of standing rights)', async () => {
    equal(jit(await days({})), undefined);
    const finding = jit(await days({ '/etc/sudoers': miss('denied') }));
    equal(finding?.verdict, 'undetermined');
    match(finding.reason, /^whether these are all administrators could not be seen: sudoRules: permission-denied$/);
  });

  it('stay a fault where those who were seen are too many', async () => {
    const entries = await days({ '/etc/sudoers': 'alice ALL=(ALL:ALL) ALL\n', '/etc/doas.conf': miss('denied') });
    equal(jit(entries)?.verdict, 'fail');
  });

  it('close no item of a plan', async () => {
    const [whole, part] = [(await days({}))[0], (await days({ '/etc/sudoers': miss('denied') }))[0]];
    if (whole === undefined || part === undefined) throw new Error('no entry');
    deepEqual(notJudged('standing-admin', whole), []);
    deepEqual(notJudged('standing-admin', part), ['admins in part: sudoRules: permission-denied']);
  });
});
