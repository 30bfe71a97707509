/** The second replay: documents of the real collectors over a recorded Debian server, five months with one factor. */
import { deepEqual, equal, match, ok } from 'node:assert/strict';
import { demandedOn, secondFactorSeries } from '../../tools/case/second-factor.ts';
import { allPolicies, auditOf, entriesOf } from './played.ts';

const policies = allPolicies();

describe('a server without a second factor', () => {
  it('breaks the clock of administrators from the second day, for each of them, and says since when each way is as it is', async () => {
    const entries = entriesOf(await secondFactorSeries());
    const audit = auditOf(entries, '2024-06-30', { policies });
    const single = audit.findings.filter(({ rule }) => rule === 'pci-8.4');
    deepEqual(single.map(({ subject }) => subject).toSorted(), ['alice', 'backup', 'bob', 'carol', 'root']);
    for (const finding of single) {
      equal(finding.breachDay, '2024-01-03');
      equal(finding.state, 'open');
      match(finding.reason, /gets in with one factor: .*ssh: one factor is enough/);
    }
    const ssh = audit.mfa?.cells.filter(({ way }) => way === 'ssh') ?? [];
    ok(!ssh.some(({ requirement }) => requirement === 'notRequired' || requirement === 'optional'));
    ok(ssh.length > 0 && ssh.every(({ since }) => since === demandedOn));
  });
  it('names who is an administrator all the time', async () => {
    const audit = auditOf(entriesOf({ ...(await secondFactorSeries()), to: '2024-01-10' }), '2024-01-10', {
      policies,
    });
    const jit = audit.findings.find(({ rule }) => rule === 'e8-jit');
    match(jit?.reason ?? '', /alice, bob/);
    equal(audit.adminChanges.length, 0);
  });
});
