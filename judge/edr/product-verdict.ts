/**
 * One product's truth table. It is effective where each row was seen and holds; a row that was not seen
 * makes it undetermined, a row that does not hold makes it fail.
 */
import type { Fact, KernelHook, ProtectionProduct, Unseen } from '../../schemas/generated/types.ts';
import { type Verdict, verdictOf } from '../verdict.ts';
import { hoursBetween } from './dates.ts';
import { exclusionRisk } from './exclusion-risk.ts';
import { type ProductKind, productKind } from './product-kinds.ts';

export type EdrLimits = {
  /** Hours that the signatures may be old. */
  readonly signatureHours: number;
  /** Hours since a log was last seen to arrive; a source that knows only the day needs more than 38. */
  readonly acknowledgedHours: number;
};

export type ProductVerdict = Verdict & {
  readonly id: string;
  readonly kind: ProductKind;
  /** Whether it works on files now: undefined where that cannot be told. Two such at once get in each other's way. */
  readonly active: boolean | undefined;
  /** It leaves protection to another, which is only in order where there is one. */
  readonly passive: boolean;
  /** What a person should know and what decides nothing by itself. */
  readonly remarks: readonly string[];
};

/** A clock may run a day ahead of its vendor's; a date further in the future is no date. */
const futureHours = 26;
/** Why nothing is known of what the vendor keeps to its console. */
const consoleReason = 'vendor-does-not-expose';

export function judgeProduct(product: ProtectionProduct, at: string, limits: EdrLimits): ProductVerdict {
  const faults: string[] = [];
  const unknowns: string[] = [];
  const remarks: string[] = [];
  const sink: Sink = { faults, unknowns, remarks };

  demand(sink, product.running, 'running', (running) => (running ? undefined : 'its service does not run'));
  demand(sink, product.enabledAtBoot, 'start at boot', (enabled) =>
    enabled ? undefined : 'it is not told to start with the system',
  );
  demand(sink, product.mode, 'mode', ({ mode, cause }) =>
    mode === 'active' ? undefined : `its mode is ${mode}${typeof cause === 'string' ? ` (${cause})` : ''}`,
  );
  realTime(sink, product);
  signatures(sink, product, at, limits);
  unlessKept(sink, product.cloudContact, 'contact with its console', ({ connected, registered }) =>
    connected === false
      ? 'it does not reach its console'
      : registered === false
        ? 'it was never registered'
        : undefined,
  );
  unlessKept(sink, product.licence, 'licence', ({ state }) =>
    state === 'licensed' || state === 'trial' ? undefined : `it is ${state}`,
  );
  unlessKept(sink, product.vendorHealth, 'its own health', ({ healthy, issues = [] }) =>
    healthy === false || issues.length > 0
      ? `it calls itself unhealthy: ${issues.map((issue) => (typeof issue === 'string' ? issue : 'not UTF-8')).join(', ') || 'no reason given'}`
      : undefined,
  );
  unlessKept(sink, product.conflicts, 'conflicts', (list) =>
    list.length > 0
      ? `it conflicts with ${list.map((each) => (typeof each === 'string' ? each : 'a program')).join(', ')}`
      : undefined,
  );
  unlessKept(sink, product.detections, 'detections', ({ active = 0, unresolved = 0 }) =>
    active > 0 || unresolved > 0 ? `${Math.max(active, unresolved)} detections are not dealt with` : undefined,
  );
  unlessKept(sink, product.exclusions, 'exclusions', (list) => {
    const whys = list.map(exclusionRisk).flatMap(({ why }) => (why === undefined ? [] : [why]));
    return whys.length === 0 ? undefined : `it leaves out ${[...new Set(whys)].join('; ')}`;
  });
  if (product.tamperProtection.status === 'observed' && product.tamperProtection.value.state !== 'on')
    remarks.push('it does not guard itself against being switched off');
  if (product.mode.status === 'observed' && product.mode.value.troubleshooting === true)
    faults.push('its troubleshooting mode is on, in which it can be switched off');
  return {
    ...verdictOf(faults, unknowns),
    id: product.id,
    kind: productKind(product.id),
    active: activeOf(product),
    passive:
      product.mode.status === 'observed' &&
      (product.mode.value.mode === 'passive' || product.mode.value.mode === 'edr-block'),
    remarks,
  };
}

type Sink = { readonly faults: string[]; readonly unknowns: string[]; readonly remarks: string[] };

/** A row that must be seen. */
function demand<T>(sink: Sink, fact: Fact<T>, name: string, faultOf: (value: T) => string | undefined): void {
  if (fact.status !== 'observed') sink.unknowns.push(unknown(name, fact));
  else for (const answer of answersOf(fact)) note(sink.faults, faultOf(answer));
}

/** A row that only some products show: what the vendor keeps to its console is a remark, all else unseen is unknown. */
function unlessKept<T>(sink: Sink, fact: Fact<T>, name: string, faultOf: (value: T) => string | undefined): void {
  if (fact.status === 'observed') for (const answer of answersOf(fact)) note(sink.faults, faultOf(answer));
  else if (fact.status === 'not-applicable') return;
  else if (fact.reason === consoleReason && fact.status === 'unsupported')
    sink.remarks.push(`${name}: shown by its console alone`);
  else sink.unknowns.push(unknown(name, fact));
}

/** Every source's answer must hold: where they disagree the worse one counts. Answers have the shape of the value. */
function answersOf<T>(fact: Extract<Fact<T>, { status: 'observed' }>): readonly T[] {
  return [fact.value, ...(fact.answers ?? []).map(({ answer }) => answer as T)];
}

function note(faults: string[], fault: string | undefined): void {
  if (fault !== undefined) faults.push(fault);
}

function unknown(name: string, { reason }: Unseen): string {
  return reason === consoleReason ? `${name}: it does not show here, ask its console` : `${name}: ${reason}`;
}

/** Switched on, able to work, and watching something. Where the product does not say, marks of its own processes count. */
function realTime(sink: Sink, { realTimeProtection: fact, kernelHooks }: ProtectionProduct): void {
  if (fact.status === 'observed') {
    for (const { enabled, available, watched, onAccess, blocking, subsystem } of answersOf(fact)) {
      if (!enabled) sink.faults.push('real-time protection is off');
      else if (available === false) sink.faults.push('real-time protection is on and cannot work on this system');
      else if (onAccess === false) sink.faults.push('scanning on access is off');
      else if (watched?.length === 0) sink.faults.push('real-time protection watches no place');
      else if (blocking === false) sink.faults.push('real-time protection reports what it finds and stops nothing');
      if (enabled && subsystem === 'fanotify' && marksNothing(kernelHooks))
        sink.unknowns.push('real-time protection: none of its processes holds a mark on any file');
    }
    return;
  }
  if (fact.reason === consoleReason && kernelHooks.status === 'observed' && kernelHooks.value.some(guardsFiles)) return;
  sink.unknowns.push(unknown('real-time protection', fact));
}

/** Where every descriptor of its processes was looked at: the kernel asks it of nothing. */
function marksNothing(hooks: ProtectionProduct['kernelHooks']): boolean {
  if (hooks.status === 'absent') return hooks.reason === 'no-hook-seen';
  if (hooks.status !== 'observed') return false;
  const groups = hooks.value.filter(({ kind }) => kind === 'fanotify');
  return groups.length > 0 && groups.every(({ marks }) => marks === 0);
}

function guardsFiles({ kind, marks = 0, blocking }: KernelHook): boolean {
  return kind === 'fanotify' && marks > 0 && blocking === true;
}

function signatures(sink: Sink, { signatureUpdatedAt: fact }: ProtectionProduct, at: string, limits: EdrLimits): void {
  if (fact.status === 'not-applicable') return;
  if (fact.status === 'absent' && fact.reason === 'never-updated') {
    sink.faults.push('it never had signatures');
    return;
  }
  if (fact.status !== 'observed') {
    sink.unknowns.push(unknown('date of the signatures', fact));
    return;
  }
  for (const { moment } of answersOf(fact)) {
    const hours = hoursBetween(moment, at);
    if (hours === undefined) sink.unknowns.push('date of the signatures: the time to judge at is none');
    else if (hours < -futureHours) sink.unknowns.push('date of the signatures: it lies in the future');
    else if (hours > limits.signatureHours)
      sink.faults.push(
        `its signatures are of ${'at' in moment ? moment.at : moment.on}, older than ${limits.signatureHours} hours`,
      );
  }
}

/** False only where one input shows that it stops nothing now. */
function activeOf({
  installed,
  running,
  mode,
  realTimeProtection: realTime,
  kernelHooks,
}: ProtectionProduct): boolean | undefined {
  if (installed.status === 'observed' && !installed.value) return false;
  if (running.status === 'observed' && !running.value) return false;
  if (mode.status === 'observed' && ['passive', 'edr-block', 'disabled'].includes(mode.value.mode)) return false;
  if (realTime.status === 'observed' && !realTime.value.enabled) return false;
  if (running.status !== 'observed') return undefined;
  if (realTime.status === 'observed') return true;
  return kernelHooks.status === 'observed' && kernelHooks.value.some(guardsFiles) ? true : undefined;
}
