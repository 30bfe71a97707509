/** One condition of pam_succeed_if(8). */
import { anyOf, inGroup, type Maybe } from './conditions.ts';
import type { Call } from './outcome.ts';

const numeric: Readonly<Record<string, (left: number, right: number) => boolean>> = {
  '<': (left, right) => left < right,
  lt: (left, right) => left < right,
  '<=': (left, right) => left <= right,
  le: (left, right) => left <= right,
  '>': (left, right) => left > right,
  gt: (left, right) => left > right,
  '>=': (left, right) => left >= right,
  ge: (left, right) => left >= right,
  eq: (left, right) => left === right,
  ne: (left, right) => left !== right,
};

/** `error`: the module refuses the condition itself. Undefined: not known of this subject. */
export function evaluate(
  call: Call,
  left: string,
  operator: string,
  right: string,
  ofCaller: boolean,
): Maybe | 'error' {
  const name = left.toLowerCase();
  const does = operator.toLowerCase();
  if (!/^(?:login|name|user|uid|gid|shell|home|dir|homedir|service|ruser|rhost|tty)$/.test(name)) return 'error';
  if (does === 'ingroup' || does === 'notingroup') {
    const who = ofCaller ? call.subject.caller?.name : call.subject.account?.name;
    const within = who === undefined ? undefined : anyOf(right.split(':').map((group) => inGroup(call, group, who)));
    return does === 'ingroup' || within === undefined ? within : !within;
  }
  if (does === 'innetgr' || does === 'notinnetgr') return undefined;
  const value = valueOf(call, name, ofCaller);
  if (Object.hasOwn(numeric, does)) {
    if (value === undefined) return undefined;
    if (!/^\s*-?\d+$/.test(value) || !/^\s*-?\d+$/.test(right)) return 'error';
    return numeric[does]?.(Number(value), Number(right));
  }
  if (does === '=' || does === '!=') return value === undefined ? undefined : (value === right) === (does === '=');
  if (does === 'in' || does === 'notin')
    return value === undefined ? undefined : right.split(':').includes(value) === (does === 'in');
  if (does === '=~' || does === 'glob' || does === '!~' || does === 'noglob') {
    const matches = value === undefined ? undefined : glob(right, value);
    return matches === undefined ? undefined : matches === (does === '=~' || does === 'glob');
  }
  return 'error';
}

/** The caller is known by name only; whatever a remote machine says of itself is open. */
function valueOf({ subject }: Call, name: string, ofCaller: boolean): string | undefined {
  if (name === 'service') return subject.service;
  if (name === 'rhost' && subject.origin === 'local') return '';
  if (ofCaller) return /^(?:login|name|user)$/.test(name) ? subject.caller?.name : undefined;
  const { account } = subject;
  if (/^(?:login|name|user)$/.test(name)) return account?.name;
  if (name === 'uid' || name === 'gid') return account?.[name]?.toString();
  if (name === 'shell') return account?.shell;
  return /^(?:home|dir|homedir)$/.test(name) ? account?.home : undefined;
}

/** fnmatch(3) with `*` and `?`; a bracket is left open. */
function glob(pattern: string, value: string): Maybe {
  if (/[[\\]/.test(pattern) || pattern.length > 256) return undefined;
  // The classic walk with one place to come back to: linear in practice, never exponential.
  let [p, v, star, from] = [0, 0, -1, 0];
  while (v < value.length) {
    if (pattern[p] === '*') [star, from, p] = [p, v, p + 1];
    else if (p < pattern.length && (pattern[p] === '?' || pattern[p] === value[v])) [p, v] = [p + 1, v + 1];
    else if (star >= 0) [p, from, v] = [star + 1, from + 1, from + 1];
    else return false;
  }
  while (pattern[p] === '*') p += 1;
  return p === pattern.length;
}
