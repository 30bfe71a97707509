/** Members of groups of Windows: budget, cycles, who is orphaned and who is out of reach. */
import assert from 'node:assert/strict';
import { memberOf } from '../../../collectors/admins/windows/directory-rows.ts';
import { expand, lookUpBudget, type Start } from '../../../collectors/admins/windows/expand.ts';
import { sidOf, sidOfBytes } from '../../../collectors/admins/windows/sid.ts';
import { parseUserRights } from '../../../collectors/admins/windows/user-rights.ts';
import type { Unseen } from '../../../schemas/generated/types.ts';
import { fakeHost } from '../fake-host.ts';

const machine = 'S-1-5-21-1-2-3';
const domain = 'S-1-5-21-7-8-9';

const root: Start['root'] = {
  status: 'observed',
  value: {
    domainSid: domain,
    forestRootSid: domain,
    timeBound: true,
    lapsExpires: undefined,
    legacyLapsExpires: undefined,
  },
  sources: ['query:directory-root'],
};

function startWith(members: readonly string[], more: Partial<Start> = {}): Start {
  return {
    local: [
      { sid: 'S-1-5-32-544', name: 'Administrators', members: members.map((sid) => ({ sid })), reason: undefined },
    ],
    asked: [],
    expected: [],
    accounts: [],
    accountsKnown: true,
    machineSid: machine,
    root,
    ...more,
  };
}

/** A directory in which each group holds what is given; who is not there is not known. */
function directoryHost(groups: Readonly<Record<string, readonly string[]>>, users: ReadonlySet<string> = new Set()) {
  const host = fakeHost({ os: 'windows' });
  const asked: string[] = [];
  return {
    asked,
    host: {
      ...host,
      query: (_name: string, parameters?: Readonly<Record<string, unknown>>) => {
        const subjects = parameters?.['subjects'] as readonly string[];
        asked.push(...subjects);
        const value = subjects.map((sid) => {
          const members = groups[sid];
          if (members !== undefined)
            return {
              Asked: sid,
              Found: true,
              ObjectSid: sid,
              ObjectClass: ['group'],
              SamAccountName: sid,
              Members: members.map((each) => `<SID=${each}>;CN=x`),
              MembersComplete: true,
              PrimaryMembers: [],
            };
          return users.has(sid)
            ? { Asked: sid, Found: true, ObjectSid: sid, ObjectClass: ['user'], UserAccountControl: '512' }
            : { Asked: sid, Found: false };
        });
        return Promise.resolve({ status: 'observed' as const, value, source: 'query:directory-objects' });
      },
    },
  };
}

describe('members of groups of Windows', () => {
  it('end at a cycle, each asked for once', async () => {
    const [a, b, c] = [`${domain}-1`, `${domain}-2`, `${domain}-3`];
    const { host, asked } = directoryHost({ [a]: [b], [b]: [c, a], [c]: [a] });
    const { groups, lookUps } = await expand(host, startWith([a]));
    assert.deepEqual(asked.toSorted(), [a, b, c]);
    assert.equal(lookUps, 3);
    assert.equal(groups.length, 4);
  });

  it('stop at the budget and say how many are left, with 100,000 members', async () => {
    const many = Array.from({ length: 100_000 }, (_, index) => `${domain}-${10_000 + index}`);
    const big = `${domain}-512`;
    const { host, asked } = directoryHost({ [big]: many });
    const { groups, lookUps, leftOut } = await expand(host, startWith([big]));
    assert.equal(lookUps, lookUpBudget);
    assert.equal(asked.length, lookUpBudget);
    assert.equal(leftOut, 20_000 + 1 - lookUpBudget);
    const group = groups.find(({ sid }) => sid === big);
    assert.deepEqual([group?.complete, group?.reason, group?.members.length], [false, 'too-many-members', 20_000]);
  });

  it('are not known where the names of groups that have to be somewhere are in another domain', async () => {
    const names = ['Organization Management', 'Exchange Trusted Subsystem'];
    const { host } = directoryHost({});
    const elsewhere = await expand(host, startWith([], { asked: names, expected: names }));
    assert.equal(elsewhere.leftOut, 2);
    // On a controller they are asked for where nobody knows of Exchange: there none is none.
    assert.equal((await expand(host, startWith([], { asked: names }))).leftOut, 0);
  });

  it('never ask for all users of a domain', async () => {
    const { host, asked } = directoryHost({});
    const { groups } = await expand(host, startWith([`${domain}-513`]));
    assert.deepEqual(asked, []);
    assert.deepEqual(
      groups[0]?.members.map(({ outcome, kind }) => [outcome, kind]),
      [['resolved', 'group']],
    );
  });

  it('are orphaned where their authority answered and does not know them, else unreachable', async () => {
    const { host } = directoryHost({}, new Set([`${domain}-5`]));
    const members = [`${domain}-5`, `${domain}-6`, `${machine}-7`, 'S-1-5-21-4-4-4-8', 'S-1-5-11'];
    const outcomes = async (start: Start): Promise<unknown> => {
      const { groups } = await expand(host, start);
      return Object.fromEntries((groups[0]?.members ?? []).map(({ sid, outcome }) => [sid, outcome]));
    };
    assert.deepEqual(await outcomes(startWith(members)), {
      [`${domain}-5`]: 'resolved',
      [`${domain}-6`]: 'orphaned',
      [`${machine}-7`]: 'orphaned',
      'S-1-5-21-4-4-4-8': 'unreachable',
      'S-1-5-11': 'resolved',
    });
    const away: Unseen = { status: 'failed', reason: 'hresult-0x8007203a', sources: ['query:directory-root'] };
    assert.deepEqual(await outcomes(startWith(members, { root: away, accountsKnown: false })), {
      [`${domain}-5`]: 'unreachable',
      [`${domain}-6`]: 'unreachable',
      [`${machine}-7`]: 'unreachable',
      'S-1-5-21-4-4-4-8': 'unreachable',
      'S-1-5-11': 'resolved',
    });
  });

  it('carry their SID in any form, and how long the membership lasts', () => {
    assert.equal(sidOf('AQUAAAAAAAUVAAAAx8q0OyR7SkZ7fK0oUAQAAA=='), 'S-1-5-21-1001704135-1179286308-682458235-1104');
    assert.equal(sidOfBytes(Uint8Array.from([1, 1, 0, 0, 0, 0, 0, 5, 18, 0, 0, 0])), 'S-1-5-18');
    assert.equal(sidOf('AQUAAAAAAAUVAAAA'), undefined);
    assert.deepEqual(memberOf(String.raw`<TTL=6987>,<GUID=1>;<SID=S-1-5-21-7-8-9-5>;CN=Meier\, Dr.,OU=x`), {
      sid: 'S-1-5-21-7-8-9-5',
      name: 'Meier, Dr.',
      ttl: 6987,
    });
    assert.equal(memberOf('CN=x'), undefined);
  });

  it('hold rights by SID; a template that was cut is none', () => {
    const read = parseUserRights({
      Lines: ['[Privilege Rights]', 'SeDebugPrivilege = *S-1-5-32-544,Meier', '[Version]', 'SeX = y'],
    });
    assert.deepEqual(read, { ok: true, value: [{ right: 'SeDebugPrivilege', holders: ['S-1-5-32-544', 'Meier'] }] });
    assert.equal(parseUserRights({ Lines: ['[Unicode]'] }).ok, false);
  });
});
