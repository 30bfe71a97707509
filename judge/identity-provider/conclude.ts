/** From what is asked for in each circumstance to one answer. */
import type { Requirement } from '../mfa/requirement.ts';

/** One combination of client, application, place and so on, and the least that gets in there. */
export type Circumstance = {
  /** In words; made when it is asked for, since few are. */
  readonly label: () => string;
  /** device: a managed device stands in for the second factor. */
  readonly state: 'blocked' | 'strong' | 'device' | 'open' | 'unknown';
  /** A client that cannot show a second factor at all. */
  readonly legacy: boolean;
};

export type Conclusion = {
  readonly requirement: Requirement;
  readonly witness: readonly string[];
  readonly bypasses: readonly string[];
};

const few = 3;

/**
 * `registered` says whether the account could show a second factor if it were asked. An open circumstance
 * is a known way in; one that is not known never counts as closed.
 */
export function conclude(all: readonly Circumstance[], registered: boolean): Conclusion {
  const of = (state: Circumstance['state']): Circumstance[] => all.filter((each) => each.state === state);
  const [open, unknown, device, strong] = [of('open'), of('unknown'), of('device'), of('strong')];
  const legacyOpen = open.filter(({ legacy }) => legacy);
  const modernOpen = open.filter(({ legacy }) => !legacy);
  const bypasses = [
    ...(strong.length + unknown.length === 0 ? [] : legacyOpen.slice(0, 1)).map(
      ({ label }) => `clients that know no second factor get in without: ${label()}`,
    ),
    ...device.slice(0, 1).map(({ label }) => `a managed device stands in for the second factor: ${label()}`),
  ];
  const first = (list: readonly Circumstance[], what: string): string[] =>
    list.slice(0, few).map(({ label }) => `${what}: ${label()}`);
  if (all.length === 0)
    return { requirement: 'undetermined', witness: ['no circumstance could be made out'], bypasses };
  if (open.length + unknown.length + device.length === 0)
    return strong.length === 0
      ? { requirement: 'pathDisabled', witness: ['every sign-in is blocked'], bypasses }
      : { requirement: 'required', witness: [`asked for in each of ${all.length} circumstances`], bypasses };
  if (modernOpen.length > 0 && strong.length > 0)
    return { requirement: 'conditional', witness: first(modernOpen, 'one factor is enough'), bypasses };
  if (unknown.length > 0) return { requirement: 'undetermined', witness: first(unknown, 'not known'), bypasses };
  if (modernOpen.length > 0 || (strong.length === 0 && device.length === 0)) {
    const witness = first(modernOpen.length > 0 ? modernOpen : open, 'one factor is enough');
    return { requirement: registered ? 'optional' : 'notRequired', witness, bypasses };
  }
  if (device.length > 0) return { requirement: 'conditional', witness: first(device, 'a device is enough'), bypasses };
  return { requirement: 'requiredWithBypass', witness: first(legacyOpen, 'one factor is enough'), bypasses };
}
