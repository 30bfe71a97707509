import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { addressName, networksOf } from '../../endpoint/address.ts';
import { makeGate } from '../../endpoint/gate.ts';
import { defaultLimits } from '../../endpoint/limits.ts';
import { makePlaces } from '../../endpoint/places.ts';
import { makeBuckets } from '../../endpoint/quota.ts';

describe('quotas of the endpoint', () => {
  let clock = 0;
  const now = (): number => clock;
  beforeEach(() => {
    clock = 0;
  });

  describe('a bucket', () => {
    it('gives what it holds, says how long the rest takes, and fills again', () => {
      const buckets = makeBuckets({ capacity: 2, perSecond: 0.5, maxNames: 10, now });
      assert.deepEqual([buckets.take('a', 1), buckets.take('a', 1), buckets.take('a', 1)], [undefined, undefined, 2]);
      assert.equal(buckets.take('b', 1), undefined, 'another name has its own');
      clock = 1999;
      assert.equal(buckets.take('a', 1), 1);
      clock = 2000;
      assert.equal(buckets.take('a', 1), undefined);
    });

    it('lets through what is larger than itself once it is full, and then is owed', () => {
      const buckets = makeBuckets({ capacity: 10, perSecond: 1, maxNames: 10, now });
      assert.equal(buckets.take('a', 25), undefined);
      assert.equal(buckets.take('a', 1), 16);
    });

    it('never holds more names than it may, and none that spent nothing', () => {
      const buckets = makeBuckets({ capacity: 2, perSecond: 1, maxNames: 100, now });
      for (let name = 0; name < 10_000; name += 1) buckets.take(String(name), 1);
      assert.equal(buckets.size(), 100);
      const settled = makeBuckets({ capacity: 2, perSecond: 1, maxNames: 100, now });
      settled.take('a', 1);
      settled.giveBack('a', 1);
      assert.equal(settled.size(), 0);
    });
  });

  describe('an address', () => {
    it('is counted by its /64 where it is IPv6, and as IPv4 where it is written so', () => {
      assert.equal(addressName('2001:db8:1:2:3:4:5:6'), addressName('2001:db8:1:2::9'));
      assert.notEqual(addressName('2001:db8:1:2::9'), addressName('2001:db8:1:3::9'));
      assert.equal(addressName('::ffff:192.0.2.1'), addressName('192.0.2.1'));
      assert.equal(addressName(undefined), 'unknown');
    });

    it('is known as shared by itself or by its network', () => {
      const isShared = networksOf(['192.0.2.7', '10.0.0.0/8', '2001:db8::/32']);
      assert.deepEqual(['192.0.2.7', '::ffff:10.1.2.3', '2001:db8::1', '192.0.2.8', '::1'].map(isShared), [
        true,
        true,
        true,
        false,
        false,
      ]);
      assert.throws(() => networksOf(['example.org']), /neither an address nor a network/);
    });
  });

  describe('places', () => {
    it('are shared: no address holds more than a quarter, and what was left is free again', () => {
      const places = makePlaces({ maxBundles: 8, maxBytes: 80, maxBodyBytes: 10 });
      const taken = [places.enter('a'), places.enter('a')];
      assert.equal(places.enter('a'), 'share-full');
      for (const address of ['b', 'b', 'c', 'c', 'd', 'd']) assert.equal(typeof places.enter(address), 'object');
      assert.equal(places.enter('e'), 'full');
      const [first] = taken;
      assert.ok(typeof first === 'object');
      assert.ok(first.take(20));
      assert.ok(!first.take(1), 'a quarter of the bytes');
      first.leave();
      first.leave();
      assert.deepEqual(places.held(), { bundles: 7, bytes: 0 });
      assert.equal(typeof places.enter('e'), 'object');
    });
  });

  describe('the gate', () => {
    const limits = {
      ...defaultLimits,
      unverifiedBurst: 2,
      unverifiedPerSecond: 1,
      bundlesPerHour: 3,
      bytesPerHour: 100,
    };

    it('counts by address what proves nothing, and gives back what does', () => {
      const gate = makeGate({ limits, now });
      for (let turn = 0; turn < 10; turn += 1) {
        const visit = gate.visit('192.0.2.1');
        assert.ok('verified' in visit);
        visit.verified(`key ${turn}`, 1);
      }
      assert.ok('enter' in gate.visit('192.0.2.1'));
      assert.ok('enter' in gate.visit('192.0.2.1'));
      assert.deepEqual(gate.visit('192.0.2.1'), { code: 'rate-limited', seconds: 1 });
      assert.ok('enter' in gate.visit('192.0.2.2'), 'another address is not touched');
    });

    it('never lets a claimed key spend what the real one may send', () => {
      const gate = makeGate({ limits, now });
      for (let turn = 0; turn < 100; turn += 1) {
        const visit = gate.visit(`198.51.100.${turn}`);
        if ('failed' in visit) visit.failed(1);
      }
      for (let turn = 0; turn < 3; turn += 1) {
        const visit = gate.visit('192.0.2.1');
        assert.ok('verified' in visit);
        assert.equal(visit.verified('key', 10), undefined);
      }
      const fourth = gate.visit('192.0.2.1');
      assert.ok('verified' in fourth);
      assert.deepEqual(fourth.verified('key', 10), { code: 'quota-exceeded', seconds: 1200 });
    });

    it('counts the bytes of a key too, and a refusal for bytes costs no bundle', () => {
      const gate = makeGate({ limits, now });
      const send = (bytes: number): unknown => {
        const visit = gate.visit('192.0.2.1');
        return 'verified' in visit ? visit.verified('key', bytes) : visit;
      };
      assert.equal(send(100), undefined);
      assert.deepEqual(send(50), { code: 'quota-exceeded', seconds: 1800 });
      clock = 3_600_000;
      assert.deepEqual([send(10), send(10), send(10)], [undefined, undefined, undefined]);
    });

    it('does not take a proxy for one sender', () => {
      const gate = makeGate({
        limits: { ...limits, maxConnectionsPerAddress: 1 },
        sharedAddresses: ['192.0.2.1'],
        now,
      });
      for (let turn = 0; turn < 10; turn += 1) assert.ok('enter' in gate.visit('192.0.2.1'));
      for (let turn = 0; turn < 10; turn += 1) assert.ok(gate.connect('192.0.2.1'));
      const one = gate.connect('192.0.2.2');
      assert.ok(one);
      assert.equal(gate.connect('192.0.2.2'), undefined);
      one.close();
      assert.ok(gate.connect('192.0.2.2'));
    });
  });

  it('are what the page for operators says', () => {
    const page = readFileSync(new URL('../../docs/operating-an-endpoint.md', import.meta.url), 'utf8');
    const [, quotas = ''] = /^## Quotas\n([^]*?)^## /m.exec(page) ?? [];
    const mebibyte = 1024 * 1024;
    const {
      bundlesPerHour,
      bytesPerHour,
      unverifiedBurst,
      unverifiedPerSecond,
      maxInFlight,
      maxBufferedBytes,
      maxConnections,
      maxConnectionsPerAddress,
    } = defaultLimits;
    const whole = (count: number): string => count.toLocaleString('en-US');
    for (const said of [
      `| ${whole(bundlesPerHour)} an hour, an hour's worth at once |`,
      `| ${whole(bytesPerHour / mebibyte)} MiB an hour, an hour's worth at once |`,
      `| ${whole(unverifiedBurst)} at once, ${unverifiedPerSecond} a second more |`,
      `| ${whole(maxInFlight)}, of one address ${whole(maxInFlight / 4)} |`,
      `| ${whole(maxBufferedBytes / mebibyte)} MiB, of one address ${whole(maxBufferedBytes / 4 / mebibyte)} |`,
      `| ${whole(maxConnections)}, of one address ${whole(maxConnectionsPerAddress)} |`,
    ])
      assert.ok(quotas.includes(said), said);
  });
});
