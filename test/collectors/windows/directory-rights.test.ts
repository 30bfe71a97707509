/** Ways to the domain past its groups: access rules as the directory gives them, and who is trusted to act for others. */
import assert from 'node:assert/strict';
import { linuxFacts } from '../../../collectors/admins/index.ts';
import { parseRights } from '../../../collectors/admins/windows/directory-rights.ts';
import { directoryGrants, trustedBy } from '../../../collectors/admins/windows/directory-sddl.ts';
import type { Draft } from '../../../collectors/collector.ts';
import { observed, unseen } from '../../../collectors/fact.ts';
import { waysToRoot } from '../../../judge/ways-to-root.ts';
import type { Unseen } from '../../../schemas/generated/types.ts';
import { groupRules, headRules, holderRules, replication } from './directory.ts';
import { domain } from './identities.ts';

const naming = { domainSid: domain, forestRootSid: domain };
const someone = `${domain}-1301`;
const source = 'query:directory-rights';
const none = unseen('not-applicable', 'windows', [source]);

type Row = {
  readonly Object: string;
  readonly Sid?: string;
  readonly Sddl?: string;
  readonly Found?: boolean;
  readonly Error?: unknown;
};
const usual: readonly Row[] = [
  { Object: 'domain', Found: true, Sddl: headRules },
  { Object: 'admin-sd-holder', Found: true, Sddl: holderRules },
  { Object: 'domain-controllers', Found: true, Sddl: groupRules },
  { Object: 'group', Sid: `${domain}-512`, Found: true, Sddl: groupRules },
];
const controller = { Sid: `${domain}-1000`, Name: 'DC1$', UserAccountControl: '532480' };

function verdict(rows: readonly Row[], delegations: readonly object[] = [controller]) {
  const read = parseRights({ Objects: rows, Delegations: { value: delegations } }, naming, []);
  assert.ok(read.ok);
  const { guards, delegations: found } = read.value;
  const document: Draft<'admins'> = {
    ...(Object.fromEntries(linuxFacts.map((name) => [name, none])) as Record<(typeof linuxFacts)[number], Unseen>),
    outOfBandAgents: observed({ agents: [], unread: [] }, source),
    windowsDomain: observed({ role: 'domain-controller', reachable: true, domainSid: domain }, source),
    windowsGroups: observed(
      [
        {
          sid: `${domain}-1302`,
          view: 'directory',
          name: 'CORP\\Help Desk',
          complete: true,
          members: [{ sid: `${domain}-1105`, name: 'CORP\\bob', kind: 'user', outcome: 'resolved' }],
        },
      ],
      source,
    ),
    windowsAccounts: observed([], source),
    userRights: observed([], source),
    laps: observed({ kind: 'windows', backup: 'directory' }, source),
    privilegedSettings: observed([], source),
    serviceAccounts: observed([], source),
    taskAccounts: observed([], source),
    directoryGuards: observed([...guards], source),
    directoryDelegations: observed([...found], source),
  };
  return waysToRoot(document, '2026-11-29T00:00:00Z');
}

const waysOf = (...args: Parameters<typeof verdict>): string[] =>
  verdict(...args).accounts.flatMap(({ sid = '', ways }) =>
    ways.map(({ kind, via }) => `${sid.slice(domain.length)} ${kind}: ${via}`),
  );
const with_ = (at: number, more: string): Row[] =>
  usual.map((row, index) => (index === at ? { ...row, Sddl: `${row.Sddl ?? ''}${more}` } : row));

describe('ways to a domain past its groups', () => {
  it('are none in a domain as Windows makes it', () => {
    const { outcome, accounts, faults, unknowns } = verdict(usual);
    assert.deepEqual([outcome, accounts, faults, unknowns], ['pass', [], [], []]);
  });

  it('are replication of secrets, which needs both rights, or all of them', () => {
    assert.deepEqual(waysOf(with_(0, replication(someone))), [
      '-1301 directory-right: may take every secret of the directory (replication)',
    ]);
    assert.equal(waysOf(with_(0, `(A;;CR;;;${someone})`)).length, 1);
    assert.deepEqual(waysOf(with_(0, `(OA;;CR;1131f6aa-9c07-11d1-f79f-00c04fc2dcd2;;${someone})`)), []);
    // Read-only replication, and what holds for objects below alone.
    assert.deepEqual(waysOf(with_(0, `(OA;;CR;89e95b76-444d-4c62-991a-0facbeda640c;;${someone})`)), []);
    assert.deepEqual(waysOf(with_(0, `(A;CIIO;GA;;;${someone})`)), []);
  });

  for (const [what, at, rule, way] of [
    ['everything', 3, `(A;;GA;;;${someone})`, /Domain Admins.*full-control/],
    ['everything as a number', 3, `(A;;0xf01ff;;;${someone})`, /full-control/],
    ['to rewrite the rules', 1, `(A;;WD;;;${someone})`, /AdminSDHolder \(write-rules\)/],
    ['to take ownership', 0, `(A;;WO;;;${someone})`, /domain's head \(take-ownership\)/],
    ['every attribute', 3, `(A;;WP;;;${someone})`, /write-all/],
    ['members', 3, `(OA;;WP;bf9679c0-0de6-11d0-a285-00aa003049e2;;${someone})`, /write-members/],
    ['itself as a member', 3, `(OA;;SW;bf9679c0-0de6-11d0-a285-00aa003049e2;;${someone})`, /write-members/],
    ['policies of the controllers', 2, `(OA;;WP;f30e3bbe-9ff0-11d1-b603-0000f80367c1;;${someone})`, /write-policies/],
  ] as const)
    it(`are a right: ${what}`, () => {
      const found = waysOf(with_(at, rule));
      assert.equal(found.length, 1);
      assert.match(found[0] ?? '', way);
    });

  it('are an owner who is no administrator, and everybody in a group that has a right', () => {
    const owned = usual.map((row, at) =>
      at === 3 ? { ...row, Sddl: groupRules.replace('O:DA', `O:${someone}`) } : row,
    );
    assert.match(waysOf(owned).join(), /-1301 .*owner/);
    assert.match(waysOf(with_(1, `(A;;WD;;;${domain}-1302)`)).join(), /^-1105 directory-right/);
    assert.match(verdict(with_(1, '(A;;WD;;;AU)')).faults.join(), /everybody of S-1-5-11/);
  });

  it('are servers that keep the tickets of whoever logs on, and whose word a controller takes', () => {
    const old = { Sid: `${domain}-1303`, Name: 'OLD$', UserAccountControl: '528384' };
    assert.match(verdict(usual, [controller, old]).faults.join(), /OLD\$ .*without bounds/);
    const disabled = { ...old, UserAccountControl: '528386' };
    assert.equal(verdict(usual, [controller, disabled]).outcome, 'pass');
    const told = { ...controller, Sddl: `O:BAD:(A;;CCDC;;;${someone})` };
    assert.match(waysOf(usual, [told]).join(), /acts as anybody towards the controller DC1\$/);
    const other = { Sid: `${domain}-1304`, UserAccountControl: '4096', Sddl: `O:BAD:(A;;CCDC;;;${someone})` };
    assert.equal(verdict(usual, [other]).outcome, 'pass');
  });

  it('are never denied for what could not be read or understood', () => {
    const denied = {
      Error: {
        type: 'UnauthorizedAccessException',
        category: 'PermissionDenied',
        id: '',
        hresults: [],
        natives: [],
        message: '',
      },
    };
    for (const row of [
      { Object: 'domain', ...denied },
      { Object: 'domain', Found: true },
      { Object: 'domain', Found: true, Sddl: 'O:BAD:(A;;ZZ;;;SY)' },
      { Object: 'domain', Found: true, Sddl: 'O:BAD:(A;;GA;;;XX)' },
    ]) {
      const { outcome, unknowns } = verdict([row, ...usual.slice(1)]);
      assert.equal(outcome, 'undetermined');
      assert.match(unknowns.join(), /who may change the domain's head/);
    }
    assert.equal(
      verdict(usual, [{ Sid: `${domain}-1000`, UserAccountControl: '532480', Sddl: 'O:BAD:(A;;GA;;;XX)' }]).outcome,
      'undetermined',
    );
    const failed = parseRights({ Objects: usual, Delegations: { error: denied.Error } }, naming, []);
    assert.ok(failed.ok && failed.value.failure === 'access-denied');
    assert.equal(parseRights({ Objects: [{ Object: 'elsewhere' }] }, naming, []).ok, false);
  });

  it('let everybody in where there are no rules at all', () => {
    assert.deepEqual(directoryGrants('O:BAD:NO_ACCESS_CONTROL', naming), [{ sid: 'S-1-1-0', right: 'full-control' }]);
    assert.equal(directoryGrants('G:BA', naming), undefined);
    assert.deepEqual(trustedBy('O:BAD:(A;;GA;;;EA)', naming), [`${domain}-519`]);
    assert.deepEqual(trustedBy('O:BAD:NO_ACCESS_CONTROL', naming), ['S-1-1-0']);
  });

  it('reads all of a list or says that it did not (symptom: a rule behind one with a condition counted as none)', () => {
    const conditional = '(XA;;GA;;;S-1-5-21-1-2-3-9;(Member_of {SID(BA)}))';
    for (const [list, known] of [
      ['(XA;;GA;;;S-1-5-21-1-2-3-9;(a==1))(A;;GA;;;WD)S:AI', true],
      [`${conditional}(A;;GA;;;WD)`, false],
      ['(A;;GA;;;BA)(A;;GA', false],
      ['(A;;GA)(A;;GA;;;WD)', false],
    ] as const) {
      const grants = directoryGrants(`O:BAD:${list}`, naming);
      const actors = trustedBy(`O:BAD:${list}`, naming);
      assert.equal(
        grants?.some(({ sid, right }) => sid === 'S-1-1-0' && right === 'full-control') ?? false,
        known,
        list,
      );
      assert.equal(actors?.includes('S-1-1-0') ?? false, known, list);
      if (!known) assert.deepEqual([grants, actors], [undefined, undefined], list);
    }
  });

  it('is no answer where something that was asked for has none, and does not take a hidden group for one that is not there', () => {
    const group = `${domain}-518`;
    const rights = (rows: readonly Row[]) =>
      parseRights({ Objects: rows, Delegations: { value: [] } }, naming, [group]);
    assert.deepEqual(rights([]), { ok: false, reason: 'answer-incomplete' });
    assert.deepEqual(rights(usual), { ok: false, reason: 'answer-incomplete' });
    assert.ok(rights([...usual, { Object: 'group', Sid: group, Found: false }]).ok);
    assert.match(
      verdict([...usual, { Object: 'group', Sid: group, Found: false }]).unknowns.join('\n'),
      /who may change .*518.*: no-such-object/,
    );
    assert.doesNotMatch(
      verdict([...usual, { Object: 'group', Sid: `${domain}-526`, Found: false }]).unknowns.join('\n'),
      /no-such-object/,
    );
  });
});
