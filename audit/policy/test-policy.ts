/** Runs the tests that stand in policy files: facts and a date, and what must follow. */
import type { Policy, PolicyTest } from '../../schemas/generated/types.ts';
import { type Day, isDay } from '../days.ts';
import { startClock } from './fix-clock.ts';
import { type FixFacts, severityOf } from './knowledge.ts';
import type { PolicySet } from './policy-set.ts';

export type TestOutcome = {
  readonly policy: string;
  readonly name: string;
  readonly passed: boolean;
  readonly text: string;
};

export function testPolicies(set: PolicySet): TestOutcome[] {
  return set.policies.flatMap((policy: Policy) =>
    (policy.tests ?? []).map((test) => {
      const text = unusable(test) ?? (test.clock !== undefined ? testClock(set, test) : testControl(set, test));
      return { policy: policy.id, name: test.name, passed: text === undefined, text: text ?? 'as expected' };
    }),
  );
}

const fixDays = ['releasedAt', 'exploitKnownAt', 'kevAddedAt', 'kevDueAt'];
const fixTypes: Readonly<Record<string, string>> = {
  ...Object.fromEntries(fixDays.map((name) => [name, 'string'])),
  id: 'string',
  product: 'string',
  productKind: 'string',
  severity: 'string',
  vendorSeverity: 'string',
  cvss: 'number',
  automatable: 'boolean',
  technicalImpact: 'string',
};

/** A test that asks nothing, or hands in what nobody reads, would hold whatever the rule says. */
function unusable({ clock, fix = {}, expect }: PolicyTest): string | undefined {
  const { applies, breachDay, verdict } = expect;
  if (clock === undefined && (applies !== undefined || breachDay !== undefined))
    return 'a control neither applies nor has a breach day: expect a verdict';
  if (clock !== undefined && verdict !== undefined && verdict !== 'undetermined')
    return `a clock gives no verdict ${verdict}: expect applies, breachDay, or undetermined`;
  for (const [name, value] of Object.entries(fix)) {
    const type = fixTypes[name];
    if (type === undefined) return `fix.${name} is not known here: ${Object.keys(fixTypes).join(', ')} are`;
    if (typeof value !== type) return `fix.${name} has to be a ${type}`;
    if (fixDays.includes(name) && !isDay(String(value)))
      return `fix.${name} is no day of the calendar: ${String(value)}`;
  }
  return undefined;
}

/** What went otherwise; undefined where nothing did. */
function testClock(set: PolicySet, test: PolicyTest): string | undefined {
  const compiled = set.clocks.find(({ clock }) => clock.id === test.clock);
  if (compiled === undefined) return `there is no clock ${test.clock}`;
  const facts = factsOf(test.fix ?? {});
  const host = { exposure: 'internet', ...test.host };
  const result = startClock(compiled, facts, {
    seenOn: facts.releasedAt ?? test.at ?? '1970-01-01',
    requiresUpgrade: false,
    host,
  });
  const { applies, breachDay, verdict } = test.expect;
  const found: { applies: boolean; breachDay?: Day } =
    result.kind === 'started'
      ? { applies: true, breachDay: result.started.breachDay }
      : { applies: result.kind === 'no-limit' };
  if (verdict === 'undetermined')
    return result.kind === 'undetermined' ? undefined : `expected undetermined, found ${result.kind}`;
  if (result.kind === 'undetermined') return `undetermined: ${result.why}`;
  if (applies !== undefined && applies !== found.applies)
    return `expected that it ${applies ? 'applies' : 'does not apply'}, found the contrary`;
  if (breachDay !== undefined && breachDay !== found.breachDay)
    return `expected a breach on ${breachDay}, found ${found.breachDay ?? 'none'}`;
  return undefined;
}

function factsOf(fix: Readonly<Record<string, unknown>>): FixFacts {
  const text = (name: string): string | undefined => (typeof fix[name] === 'string' ? fix[name] : undefined);
  const cvss = typeof fix['cvss'] === 'number' ? fix['cvss'] : undefined;
  const vendor = text('vendorSeverity') ?? text('severity');
  const impact = text('technicalImpact');
  const days = Object.fromEntries(fixDays.flatMap((name) => (text(name) === undefined ? [] : [[name, text(name)]])));
  return {
    id: text('id') ?? 'the fix',
    product: text('product') ?? 'the product',
    productKind: text('productKind') ?? 'online-service',
    title: 'the fix',
    cves: [],
    vendorSeverity: vendor ?? 'none',
    severity: severityOf(vendor, cvss),
    ...(cvss !== undefined && { cvss }),
    ...days,
    ...(typeof fix['automatable'] === 'boolean' && { automatable: fix['automatable'] }),
    ...((impact === 'total' || impact === 'partial') && { technicalImpact: impact }),
  };
}

function testControl(set: PolicySet, test: PolicyTest): string | undefined {
  const compiled = set.controls.find(({ control }) => control.id === test.control);
  if (compiled?.pass === undefined) return `there is no control ${test.control ?? ''} with an expression`;
  const outcome = compiled.pass.run({ inventory: test.host ?? {}, ...test.documents });
  const found = outcome.kind === 'undetermined' ? 'undetermined' : outcome.value === true ? 'pass' : 'fail';
  const { verdict } = test.expect;
  if (verdict === undefined || verdict === found) return undefined;
  return `expected ${verdict}, found ${found}${outcome.kind === 'undetermined' ? `: ${outcome.why}` : ''}`;
}
