/** The truth table: what lets a server pass, and that each of it alone can break the pass. */
import assert from 'node:assert/strict';
import type { Draft } from '../../collectors/collector.ts';
import { products } from '../../collectors/edr/products/list.ts';
import { productKind } from '../../judge/edr/product-kinds.ts';
import { defaultEdrLimits, judgeEdr } from '../../judge/edr.ts';
import type { Fact, ProtectionProduct } from '../../schemas/generated/types.ts';
import { collect, now, server } from '../collectors/edr/machine.ts';

type Edr = Draft<'edr'>;

const source = ['command:made by a test'];
const seen = <T>(value: T): { status: 'observed'; value: T; sources: string[] } => ({
  status: 'observed',
  value,
  sources: source,
});
const kept = { status: 'unsupported' as const, reason: 'vendor-does-not-expose', sources: source };
const digest = '0'.repeat(64);

/** A product that shows everything, and everything is in order. */
function healthy(id: string): ProtectionProduct {
  return {
    id,
    vendor: 'A vendor',
    product: id,
    installed: seen(true),
    components: kept,
    running: seen(true),
    enabledAtBoot: seen(true),
    version: seen('1.0'),
    engineVersion: kept,
    mode: seen({ mode: 'active' }),
    realTimeProtection: seen({ enabled: true, available: true }),
    behaviourMonitoring: kept,
    cloudProtection: kept,
    signatureVersion: kept,
    signatureUpdatedAt: seen({ moment: { at: '2026-11-23T06:00:00Z' }, basis: 'built' }),
    signatureUpdate: kept,
    tamperProtection: seen({ state: 'on' }),
    exclusions: seen([]),
    attackSurfaceRules: kept,
    cloudContact: seen({ connected: true }),
    tenantDigest: kept,
    policy: kept,
    licence: seen({ state: 'licensed' }),
    isolation: kept,
    lastScan: kept,
    detections: seen({ total: 0, active: 0, unresolved: 0 }),
    kernelHooks: kept,
    conflicts: seen([]),
    vendorHealth: seen({ healthy: true, issues: [] }),
  };
}

let base: Edr;
function with_(...list: ProtectionProduct[]): Edr {
  return { ...base, products: seen(list) };
}
const judge = (edr: Edr) => judgeEdr(edr, { at: now });

/** Values that must break a pass, by the input that they are of. */
const bad: { readonly [Name in keyof ProtectionProduct]?: readonly ProtectionProduct[Name][] } = {
  running: [seen(false)],
  enabledAtBoot: [seen(false)],
  mode: [
    ...(['passive', 'edr-block', 'detect-only', 'reduced-functionality', 'disabled'] as const).map((mode) =>
      seen({ mode }),
    ),
    seen({ mode: 'active' as const, troubleshooting: true }),
  ],
  realTimeProtection: [
    seen({ enabled: false }),
    seen({ enabled: true, available: false }),
    seen({ enabled: true, onAccess: false }),
    seen({ enabled: true, watched: [] }),
  ],
  signatureUpdatedAt: [
    seen({ moment: { at: '2025-03-20T00:00:00Z' }, basis: 'built' as const }),
    seen({ moment: { at: '2026-11-20T08:59:00Z' }, basis: 'built' as const }),
    seen({ moment: { on: '2026-11-20' }, basis: 'unstated' as const }),
    seen({ moment: { at: '2027-11-20T00:00:00Z' }, basis: 'built' as const }),
  ],
  cloudContact: [seen({ connected: false }), seen({ registered: false })],
  licence: [seen({ state: 'expired' as const }), seen({ state: 'unlicensed' as const })],
  vendorHealth: [seen({ healthy: false }), seen({ healthy: true, issues: ['no active event provider'] })],
  conflicts: [seen(['clamd'])],
  detections: [seen({ total: 1, active: 1 }), seen({ total: 3, active: 0, unresolved: 2 })],
  exclusions: [
    seen([{ kind: 'path' as const, pathClass: 'whole-system' as const, keyedDigest: digest }]),
    seen([{ kind: 'path' as const, pathClass: 'web-root' as const, keyedDigest: digest }]),
    seen([{ kind: 'extension' as const, name: 'php', keyedDigest: digest }]),
    seen([{ kind: 'process' as const, name: 'python3', keyedDigest: digest }]),
    seen([{ kind: 'account' as const, name: 'root', keyedDigest: digest }]),
  ],
};
const misses = (['denied', 'timed-out', 'failed', 'absent', 'unsupported'] as const).map((status) => ({
  status,
  reason: 'made-by-a-test',
  sources: source,
}));
/** Inputs that must be seen: for these even a vendor that keeps them to its console leaves the verdict open. */
const mandatory = ['running', 'enabledAtBoot', 'mode', 'realTimeProtection', 'signatureUpdatedAt'] as const;

describe('judgeEdr', () => {
  before(async () => {
    base = await collect(server({}));
  });

  it('passes a server with one product that shows everything in order', () => {
    const verdict = judge(with_(healthy('defender-endpoint')));
    assert.deepEqual([verdict.outcome, verdict.faults, verdict.unknowns], ['pass', [], []]);
  });

  it('knows what every product of the list is for', () => {
    const kinds = new Set(products.map(({ id }) => productKind(id)));
    assert.deepEqual([...kinds].toSorted(), ['detection', 'protection', 'scanner']);
    assert.equal(productKind('never-heard-of'), 'protection');
  });

  it('lets each input of each product break the pass: by every bad value, and by not being seen', () => {
    const failing: string[] = [];
    let flips = 0;
    const never = (id: string, name: string, how: string, fact: Fact<unknown>, outcome: 'fail' | undefined): void => {
      flips += 1;
      const verdict = judge(with_({ ...healthy(id), [name]: fact }));
      if (verdict.outcome === 'pass' || (outcome !== undefined && verdict.outcome !== outcome))
        failing.push(`${id} ${name} ${how}: ${verdict.outcome}`);
    };
    const protecting = products.filter(({ id }) => productKind(id) === 'protection');
    for (const { id } of protecting) {
      assert.equal(judge(with_(healthy(id))).outcome, 'pass', id);
      for (const [name, values] of Object.entries(bad)) {
        // A date in the future is no date: that is open, not a fault.
        for (const [at, fact] of (values as readonly Fact<unknown>[]).entries())
          never(id, name, `value ${at}`, fact, name === 'signatureUpdatedAt' && at === 3 ? undefined : 'fail');
        for (const fact of misses) never(id, name, fact.status, fact, undefined);
      }
      for (const name of mandatory) never(id, name, 'kept to the console', kept, undefined);
    }
    assert.deepEqual(failing, []);
    console.log(`      ${flips} flips of ${protecting.length} healthy products, none passes`);
  });

  it('fails a passive product that is alone, and takes it beside one that works', () => {
    const passive = {
      ...healthy('defender-endpoint'),
      mode: seen({ mode: 'passive' as const }),
      realTimeProtection: seen({ enabled: false }),
    };
    const alone = judge(with_(passive));
    assert.equal(alone.outcome, 'fail');
    assert.ok(alone.faults.includes('every product is passive: none protects'), alone.faults.join());
    assert.equal(judge(with_(passive, healthy('eset'))).outcome, 'pass');
  });

  it('fails two products that work on the same files, and does not pass where the second cannot be told', () => {
    assert.equal(judge(with_(healthy('eset'), healthy('kaspersky'))).outcome, 'fail');
    for (const fact of [...misses, kept]) {
      const second = { ...healthy('kaspersky'), realTimeProtection: fact };
      assert.equal(judge(with_(healthy('eset'), second)).outcome, 'undetermined');
    }
    const off = { ...healthy('kaspersky'), running: seen(false) };
    assert.equal(judge(with_(healthy('eset'), off)).outcome, 'pass');
  });

  it('does not pass where a place in which products show could not be looked at', () => {
    const hidden = seen([{ place: 'processes' as const, looked: false, reason: 'others-hidden' }]);
    assert.equal(judge({ ...with_(healthy('eset')), searchedPlaces: hidden }).outcome, 'undetermined');
    assert.equal(judge({ ...with_(), searchedPlaces: hidden }).outcome, 'undetermined');
    assert.equal(judge({ ...base, products: misses[0] ?? kept }).outcome, 'undetermined');
  });

  it('fails a server where nothing protects: no product, or only such as watch and report', () => {
    assert.equal(judge(with_()).outcome, 'fail');
    assert.equal(judge(with_(healthy('wazuh-agent'), healthy('falco'), healthy('aide'))).outcome, 'fail');
  });

  it('believes the worse of two sources that disagree', () => {
    const running = {
      ...seen(true),
      answers: [
        { source: 'command:a', answer: true },
        { source: 'command:b', answer: false },
      ],
    };
    assert.equal(judge(with_({ ...healthy('cortex-xdr'), running })).outcome, 'fail');
  });

  it('takes marks of fanotify that can stop an access for real-time protection where the vendor says nothing', () => {
    const silent = { ...healthy('bitdefender'), realTimeProtection: kept };
    const marks = (blocking: boolean, count: number) =>
      seen([{ kind: 'fanotify' as const, name: 'bdsecd', marks: count, blocking }]);
    assert.equal(judge(with_(silent)).outcome, 'undetermined');
    assert.equal(judge(with_({ ...silent, kernelHooks: marks(true, 3) })).outcome, 'pass');
    assert.equal(judge(with_({ ...silent, kernelHooks: marks(false, 3) })).outcome, 'undetermined');
    assert.equal(judge(with_({ ...silent, kernelHooks: marks(true, 0) })).outcome, 'undetermined');
  });

  it('holds the limit for signatures to the hour, and a day to its earliest moment', () => {
    const at = (moment: { at: string } | { on: string }) =>
      judge(with_({ ...healthy('eset'), signatureUpdatedAt: seen({ moment, basis: 'built' as const }) })).outcome;
    assert.equal(defaultEdrLimits.signatureHours, 72);
    assert.equal(at({ at: '2026-11-20T09:00:00Z' }), 'pass');
    assert.equal(at({ at: '2026-11-20T08:59:59Z' }), 'fail');
    assert.equal(at({ on: '2026-11-21' }), 'pass');
    assert.equal(at({ on: '2026-11-20' }), 'fail');
    const longer = judgeEdr(
      with_({
        ...healthy('eset'),
        signatureUpdatedAt: seen({ moment: { on: '2026-11-18' }, basis: 'built' as const }),
      }),
      {
        at: now,
        limits: { ...defaultEdrLimits, signatureHours: 168 },
      },
    );
    assert.equal(longer.outcome, 'pass');
  });

  it('hands over what was detected for a person to review, dealt with or not', () => {
    const found = seen({ total: 54, active: 0, unresolved: 0, distinct: 54, newestAt: { at: '2026-11-20T00:00:00Z' } });
    const verdict = judge(with_({ ...healthy('defender-endpoint'), detections: found }));
    assert.equal(verdict.outcome, 'pass');
    assert.deepEqual(verdict.toReview, [
      { product: 'defender-endpoint', total: 54, distinct: 54, newestAt: { at: '2026-11-20T00:00:00Z' } },
    ]);
  });
});
