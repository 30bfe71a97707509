import assert from 'node:assert/strict';
import { readLastLogins } from '../../../collectors/admins/last-logins.ts';
import { parseLastlogText } from '../../../collectors/admins/lastlog-text.ts';
import { layoutOf, parseLastlog, parseWtmp } from '../../../collectors/admins/login-records.ts';
import { parseWtmpdb } from '../../../collectors/admins/wtmpdb-json.ts';
import { fakeHost, miss } from '../fake-host.ts';

const x64 = layoutOf('x64');
const arm64 = layoutOf('arm64');
assert.ok(x64 && arm64);

function wtmp(
  layout: NonNullable<typeof x64>,
  entries: readonly (readonly [type: number, user: string, at: number])[],
): Uint8Array {
  return Buffer.concat(
    entries.map(([type, user, at]) => {
      const record = Buffer.alloc(layout.utmp);
      record.writeInt16LE(type, 0);
      record.write('pts/3', 8);
      record.write(user, 44);
      record.write('192.0.2.7', 76);
      if (layout.timeBytes === 4) record.writeUInt32LE(at, 340);
      else record.writeBigInt64LE(BigInt(at), 344);
      return record;
    }),
  );
}

describe('login records', () => {
  it('are read by the layout of the machine', () => {
    for (const layout of [x64, arm64]) {
      const bytes = Buffer.alloc(layout.lastlog * 3);
      if (layout.timeBytes === 4) bytes.writeUInt32LE(1_795_000_000, layout.lastlog * 2);
      else bytes.writeBigInt64LE(1_795_000_000n, layout.lastlog * 2);
      bytes.write('pts/0', layout.lastlog * 2 + layout.timeBytes);
      assert.deepEqual(parseLastlog(bytes, layout), {
        ok: true,
        value: [{ uid: 2, at: 1_795_000_000, terminal: 'pts/0', from: '' }],
      });
    }
    assert.equal(layoutOf('s390x'), undefined);
  });

  it('give the newest login of each name and how far back they go', () => {
    for (const layout of [x64, arm64]) {
      const entries = [
        [2, 'reboot', 1000],
        [7, 'alice', 3000],
        [7, 'alice', 2000],
        [8, '', 4000],
        [7, 'bob', 5000],
      ] as const;
      const result = parseWtmp(wtmp(layout, entries), layout);
      assert.ok(result.ok);
      assert.equal(result.value.since, 1000);
      assert.deepEqual(
        result.value.logins.map(({ name, at, terminal, from }) => [name, at, terminal, from]),
        [
          ['alice', 3000, 'pts/3', '192.0.2.7'],
          ['bob', 5000, 'pts/3', '192.0.2.7'],
        ],
      );
    }
  });

  it('are no records where a part of one is missing or its type is none', () => {
    assert.equal(parseWtmp(wtmp(x64, [[7, 'alice', 1]]).subarray(0, 380), x64).ok, false);
    assert.equal(parseWtmp(wtmp(x64, [[77, 'alice', 1]]), x64).ok, false);
    assert.deepEqual(parseWtmp(new Uint8Array(), x64), { ok: true, value: { logins: [] } });
  });

  it('printed by lastlog keep the zone of their time', () => {
    const text =
      'Username         Port     From             Latest\nroot             pts/0    admin.example.or Fri Feb 15 09:40:56 -0600 2019\nbin                                        **Never logged in**\n';
    assert.deepEqual(parseLastlogText(text), {
      ok: true,
      value: [{ name: 'root', at: 1_550_245_256, terminal: 'pts/0', from: 'admin.example.or' }],
    });
    assert.equal(parseLastlogText('Username Port From Latest\nroot pts/0 x gestern\n').ok, false);
  });
});

describe('wtmpdb', () => {
  const entry = (user: string, login: string) => ({ user, tty: 'pts/0', hostname: '192.0.2.7', login, logout: 'x' });
  const database = JSON.stringify({
    entries: [
      entry('alice', '2026-01-02T05:04:05+0200'),
      entry('alice', '2026-01-01T03:04:05+0000'),
      entry('reboot', '2026-01-01T00:00:00+0000'),
    ],
    start: '2025-12-01T00:00:00+0000',
  });

  it('gives the newest login of each name and how far back it goes, and nothing of what it cannot read', () => {
    assert.deepEqual(parseWtmpdb(database), {
      ok: true,
      value: {
        logins: [{ name: 'alice', at: Date.UTC(2026, 0, 2, 3, 4, 5) / 1000, terminal: 'pts/0', from: '192.0.2.7' }],
        since: Date.UTC(2025, 11, 1) / 1000,
      },
    });
    // It does not escape: a host name with a quote.
    assert.deepEqual(parseWtmpdb(database.replace('192.0.2.7', 'a"b')), { ok: false, reason: 'malformed-json' });
    const shortTimes = JSON.stringify({ entries: [entry('alice', 'Fri Jan  2 03:04')] });
    assert.deepEqual(parseWtmpdb(shortTimes), { ok: false, reason: 'unexpected-time' });
  });

  it('is asked where its database is there; without its reader the machine is not one without records', async () => {
    const machine = { restIsAbsent: true, stats: { '/var/lib/wtmpdb/wtmp.db': { size: 9 } } };
    const read = await readLastLogins(fakeHost({ ...machine, commands: { 'wtmpdb-last': database } }), []);
    assert.ok(read.status === 'observed');
    assert.deepEqual(read.value.records, ['wtmpdb']);
    assert.equal(read.value.logins[0]?.at, '2026-01-02T03:04:05Z');
    const gone = miss('absent', 'no-such-program');
    const unread = await readLastLogins(fakeHost({ ...machine, commands: { 'wtmpdb-last': gone } }), []);
    assert.equal(unread.status, 'unsupported');
  });
});
