import assert from 'node:assert/strict';
import { decide, type Outage } from '../../endpoint/watch/decide.ts';
import { expectationOf } from '../../endpoint/watch/expect.ts';
import { type Arrival, fold, noFacts, type TargetFacts } from '../../endpoint/watch/facts.ts';
import { compareVersions } from '../../endpoint/watch/versions.ts';

const start = Date.UTC(2026, 0, 1);
const hour = 3_600_000;
const at = (hours: number): string => new Date(start + hours * hour).toISOString();
const daily = { everySeconds: 86_400, from: 'default', retired: false } as const;

function arrival(hours: number, more: Partial<Arrival> = {}): Arrival {
  return {
    logIndex: hours,
    target: 'ab'.repeat(16),
    keyId: 'k',
    mode: 'service',
    chain: 'c1'.repeat(16),
    sequence: 0,
    finishedAt: at(hours),
    receivedAt: at(hours),
    labels: [],
    clockSetBack: false,
    carried: false,
    version: '1.2.0',
    collectors: [{ name: 'host', outcome: 'complete' }],
    ...more,
  };
}
const after = (...arrivals: readonly Arrival[]): TargetFacts => arrivals.reduce(fold, noFacts);
function decided(facts: TargetFacts, hours: number, outages: readonly Outage[] = [], enrolled?: number) {
  const enrolledAt = enrolled === undefined ? undefined : at(enrolled);
  return decide(facts, { now: at(hours), enrolledAt, expectation: daily, outages });
}
function state(...args: Parameters<typeof decided>): string {
  const { reporting } = decided(...args);
  return `${reporting.state} since ${(Date.parse(reporting.since) - start) / hour}`;
}
function conditions(facts: TargetFacts, hours = 1): string[] {
  return decided(facts, hours).reporting.conditions.map(
    ({ kind, since, detail }) => `${kind} since ${(Date.parse(since) - start) / hour}: ${detail}`,
  );
}

describe('the state of reporting', () => {
  describe('by time', () => {
    const facts = after(arrival(0));

    it('is on time, late after the interval and its grace, missing after three', () => {
      assert.equal(state(facts, 0), 'on-time since 0');
      assert.equal(state(facts, 29.99), 'on-time since 0');
      assert.equal(state(facts, 30), 'late since 30');
      assert.equal(state(facts, 77.99), 'late since 30');
      assert.equal(state(facts, 78), 'missing since 78');
      assert.equal(state(facts, 10_000), 'missing since 78');
    });

    it('names the next moment at which time alone changes it', () => {
      assert.deepEqual(
        [0, 30, 78].map((hours) => decided(facts, hours).nextAt),
        [at(30), at(78), undefined],
      );
    });

    it('is on time again with the next report, from its arrival', () => {
      assert.equal(state(fold(facts, arrival(100, { sequence: 1 })), 100), 'on-time since 100');
    });

    it('says of one that was enrolled and never heard of since when', () => {
      assert.equal(state(noFacts, 5, [], 1), 'on-time since 1');
      assert.equal(state(noFacts, 31, [], 1), 'never-heard since 31');
      assert.equal(state(noFacts, 1000, [], 1), 'never-heard since 31');
    });

    it('expects nothing of runs by hand, nor of a server that a person retired', () => {
      assert.equal(state(after(arrival(0, { mode: 'ad-hoc' })), 1000), 'unscheduled since 0');
      const retired = decide(facts, {
        now: at(1000),
        enrolledAt: undefined,
        expectation: { ...daily, retired: true },
        outages: [],
      });
      assert.equal(retired.reporting.state, 'unscheduled');
    });

    it('is not made on time by a run by hand, a replay, or an old pack that was carried in late', () => {
      const handed = [
        arrival(40, { mode: 'ad-hoc' }),
        arrival(40, { mode: 'replay' }),
        arrival(40, { carried: true, finishedAt: at(1) }),
      ];
      for (const one of handed) assert.match(state(fold(facts, { ...one, sequence: 1 }), 40), /^late/, one.mode);
      assert.equal(state(fold(facts, arrival(40, { carried: true, finishedAt: at(39) })), 40), 'on-time since 39');
    });

    it('counts a bundle by its arrival, however wrong its clock is', () => {
      const wrong = arrival(40, { finishedAt: at(-10_000), sequence: 1, labels: ['clock-behind'] });
      assert.equal(state(fold(facts, wrong), 41), 'on-time since 40');
      // Behind by the same each time, and never quoting what would show it.
      const behind = [0, 24, 48].map((hours, sequence) => arrival(hours, { finishedAt: at(hours - 500), sequence }));
      assert.equal(state(after(...behind), 49), 'on-time since 48');
    });

    it('is not made on time by what waited in a spool: nothing was collected since', () => {
      const waited = [20, 44].map((hours, index) => arrival(90, { finishedAt: at(hours), sequence: index + 1 }));
      assert.equal(state(fold(facts, waited[0] ?? arrival(90)), 91), 'late since 50');
      assert.equal(state(after(arrival(0), ...waited), 91), 'late since 74');
      // With the newest, which did not wait, it is heard again; what a busy network holds back did not wait either.
      for (const finishedAt of [at(89.9), at(89.5)])
        assert.equal(
          state(after(arrival(0), ...waited, arrival(90, { finishedAt, sequence: 3 })), 91),
          'on-time since 90',
        );
    });
  });

  describe('around outages of the endpoint itself', () => {
    const facts = after(arrival(0));
    it('does not blame servers for the time in which nothing was taken, nor for coming back one after the other', () => {
      const long = [{ from: at(10), to: at(60) }];
      assert.equal(state(facts, 60, long), 'on-time since 0');
      assert.equal(state(facts, 79.9, long), 'on-time since 0');
      assert.equal(state(facts, 80, long), 'late since 80');
      const justBefore = [{ from: at(29), to: at(29.5) }];
      assert.equal(state(facts, 30.4, justBefore), 'on-time since 0');
      assert.equal(state(facts, 30.5, justBefore), 'late since 30.5');
    });

    it('still blames those that were overdue before it', () => {
      assert.equal(state(facts, 50, [{ from: at(35), to: at(45) }]), 'late since 30');
      assert.equal(state(facts, 31, [{ from: at(-5), to: at(-1) }]), 'late since 30');
    });
  });

  describe('by what came', () => {
    it('shows a gap in a chain until it is filled, and since when', () => {
      const gap = after(arrival(0), arrival(1, { sequence: 4 }));
      assert.deepEqual(conditions(gap), ['chain-gap since 1: of chain c1c1c1c1 the numbers 1 to 3 never came']);
      const part = fold(gap, arrival(2, { sequence: 2 }));
      assert.deepEqual(conditions(part), ['chain-gap since 1: of chain c1c1c1c1 the numbers 1, 3 never came']);
      const whole = [1, 3].reduce((facts, sequence) => fold(facts, arrival(3, { sequence })), part);
      assert.deepEqual(conditions(whole), []);
      assert.match(conditions(after(arrival(0, { sequence: 7 })))[0] ?? '', /the numbers 0 to 6 never came/);
    });

    it('never forgets that there are gaps, however many', () => {
      let facts = noFacts;
      for (let sequence = 1; sequence < 2000; sequence += 2) facts = fold(facts, arrival(0, { sequence }));
      const [gap] = conditions(facts);
      assert.match(gap ?? '', /the numbers 0 to /);
      assert.ok((gap ?? '').length < 600 && JSON.stringify(facts).length < 4000);
    });

    it('shows a clock that is off from the first such report to the first good one', () => {
      const off = after(
        arrival(0),
        arrival(1, { sequence: 1, labels: ['clock-ahead'] }),
        arrival(2, { sequence: 2, clockSetBack: true }),
      );
      assert.match(conditions(off)[0] ?? '', /^clock-skew since 1/);
      assert.deepEqual(conditions(fold(off, arrival(3, { sequence: 3 }))), []);
    });

    it('tells a clone, which goes on twice, from a snapshot that was restored once', () => {
      const forked = after(
        arrival(0),
        arrival(1, { sequence: 1 }),
        arrival(2, { sequence: 1, labels: ['chain-fork'] }),
      );
      assert.match(conditions(forked, 3)[0] ?? '', /^fork since 2: .*restored snapshot or a clone/);
      const anew = fold(forked, arrival(24, { chain: 'c2'.repeat(16) }));
      assert.deepEqual(conditions(anew, 24 * 8), []);
      const both = fold(anew, arrival(25, { sequence: 2 }));
      assert.match(conditions(both, 24 * 100)[0] ?? '', /^fork since 2: .*both go on/);
      assert.equal(decided(forked, 3).nextAt, at(32));
    });

    it('shows an older agent than before until it is at least as new again', () => {
      const down = after(
        arrival(0),
        arrival(1, { sequence: 1, version: '1.1.9' }),
        arrival(2, { sequence: 2, version: '1.1.9' }),
      );
      assert.deepEqual(conditions(down), ['downgraded since 1: agent 1.1.9, and 1.2.0 before']);
      assert.deepEqual(conditions(fold(down, arrival(3, { sequence: 3, version: '1.2.0' }))), []);
    });

    it('shows collectors that stopped looking, but not those that a run was told to leave out', () => {
      const two = arrival(0, {
        collectors: [
          { name: 'admins', outcome: 'partial' },
          { name: 'mfa', outcome: 'complete' },
        ],
      });
      const only = arrival(1, {
        sequence: 1,
        collectors: [
          { name: 'admins', outcome: 'not-asked' },
          { name: 'mfa', outcome: 'complete' },
        ],
      });
      const off = arrival(2, { sequence: 1, collectors: [{ name: 'admins', outcome: 'disabled' }] });
      assert.deepEqual(conditions(after(two, only)), []);
      assert.deepEqual(conditions(after(two, only, { ...off, sequence: 2 })), [
        'collectors-lost since 2: these see nothing any more: admins, mfa',
      ]);
      assert.deepEqual(conditions(after(two, off, { ...two, sequence: 2 })), []);
    });

    it('shows collectors that fail, also where they never did anything else, until they see something', () => {
      const fails = (hours: number, outcome: string): Arrival =>
        arrival(hours, { sequence: hours, collectors: [{ name: 'edr', outcome }] });
      const failing = after(fails(0, 'failed'), fails(1, 'timed-out'));
      assert.deepEqual(conditions(failing), ['collectors-lost since 0: these see nothing any more: edr']);
      assert.deepEqual(conditions(fold(failing, fails(2, 'partial'))), []);
    });
  });

  describe('the expected interval', () => {
    const finished = (hours: number, count = 8): string[] =>
      Array.from({ length: count }, (_, index) => at(index * hours));
    const target = 'ab'.repeat(16);
    it('is daily, a habit that is shorter, or what a person said', () => {
      assert.deepEqual(expectationOf(target, [], {}), daily);
      assert.deepEqual(expectationOf(target, finished(1), {}), { everySeconds: 3600, from: 'learned', retired: false });
      assert.deepEqual(expectationOf(target, finished(1, 5), {}), daily, 'too few to be a habit');
      const named = { targets: { [target]: { everySeconds: 604_800 } } };
      assert.deepEqual(expectationOf(target, finished(1), named), {
        everySeconds: 604_800,
        from: 'configured',
        retired: false,
      });
    });
    it('is never learned to be longer: a server that reports less and less is late', () => {
      assert.deepEqual(expectationOf(target, finished(24 * 7), {}), daily);
    });
    it('is not shortened by a few runs in a row', () => {
      const mostly = [...finished(24, 7), at(6 * 24 + 1), at(6 * 24 + 2)];
      assert.deepEqual(expectationOf(target, mostly, {}), daily);
    });
  });

  it('orders versions as semver.org does', () => {
    const ordered = [
      '1.0.0-alpha',
      '1.0.0-alpha.1',
      '1.0.0-alpha.beta',
      '1.0.0-beta.2',
      '1.0.0-beta.11',
      '1.0.0-rc.1',
      '1.0.0',
      '1.2.0',
      '1.10.0',
      '2.0.0',
    ];
    for (const [index, one] of ordered.entries())
      for (const [place, other] of ordered.entries())
        assert.equal(Math.sign(compareVersions(one, other)), Math.sign(index - place), `${one} ${other}`);
    assert.equal(compareVersions('1.0.0+a', '1.0.0+b'), 0);
  });
});
