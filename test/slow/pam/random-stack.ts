/** Random PAM files of the controlled module: every control, includes, substacks, jumps, and lines gone wrong. */
import { results } from '../../../judge/mfa/pam/handler.ts';

export type Random = () => number;

/** mulberry32: the same stacks at every run. */
export function randomFrom(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

function pick<T>(random: Random, values: readonly T[]): T {
  const value = values[Math.floor(random() * values.length)];
  if (value === undefined) throw new Error('nothing to pick from');
  return value;
}

const actions = ['ignore', 'bad', 'die', 'ok', 'done', 'reset', '1', '2', '3', '4'];
const codes = [0, 0, 0, 0, 0, 0, 0, 0, 7, 7, 7, 25, 25, 10, 12, 6, 9, 26, 31, 32, -1, 28];

function control(random: Random): string {
  if (random() < 0.55)
    return pick(random, ['required', 'requisite', 'sufficient', 'optional', 'Required', 'SUFFICIENT', '[required]']);
  const pairs = Array.from({ length: 1 + Math.floor(random() * 4) }, () => {
    const name =
      random() < 0.3 ? 'default' : pick(random, [...results.slice(0, 13), 'success', 'success', 'ignore', 'auth_err']);
    return `${name}=${pick(random, actions)}`;
  });
  const [first = ''] = pairs;
  const odd = random();
  if (odd < 0.03) return `[${first.replace('=', ' = ')} default=ignore]`;
  if (odd < 0.05) return '[success=0 default=ignore]';
  if (odd < 0.07) return '[success=oky]';
  if (odd < 0.09) return first;
  if (odd < 0.11) return `[${pairs.join('')}]`;
  return `[${pairs.join(' ')}]`;
}

const letters = ['k', 'p', 'i'];

/** `asks` at most this many modules that ask for a factor, none for fixed results only. */
export function randomStack(
  random: Random,
  module: string,
  folder: string,
  name: string,
  asks: number,
): Map<string, string> {
  let left = asks;
  const files = new Map<string, string>();
  const count = 1 + Math.floor(random() * 4);
  // A file includes later ones only, so that there is no loop; libpam before 1.6 follows loops until it dies.
  for (let at = count - 1; at >= 0; at -= 1) {
    const lines = Array.from({ length: 1 + Math.floor(random() * 6) }, () => line(at));
    files.set(at === 0 ? name : `${name}-${at}`, `${lines.join('\n')}\n`);
  }
  return files;

  function line(at: number): string {
    const type = pick(random, ['auth', 'auth', 'auth', 'auth', 'auth', 'Auth', '-auth', 'account']);
    const kind = random();
    if (kind < 0.22 && at < count - 1) {
      const target = `${folder}/${name}-${at + 1 + Math.floor(random() * (count - at - 1))}`;
      // Asks inside count for every time that the file is included; keep them out of what is included twice.
      return kind < 0.05
        ? `@include ${target}`
        : `${type}\t${pick(random, ['include', 'substack', 'substack'])} ${target}`;
    }
    if (kind < 0.24) return `${type} ${pick(random, ['include', 'substack'])} ${folder}/none`;
    if (kind < 0.25) return `auht ${control(random)} ${module} ret=0`;
    if (kind < 0.26)
      return pick(random, [
        'auth',
        'auth required',
        '# a comment',
        '',
        '   ',
        'auth optional /none.so',
        '-auth sufficient none.so',
      ]);
    if (kind < 0.27) return `auth required \\\n  ${module} \\\n ret=0`;
    const asking = left > 0 && random() < 0.6;
    if (asking) left -= 1;
    const what = asking
      ? `ask=${pick(random, letters)} fails=${pick(random, [7, 7, 7, 25, 10, 9])}`
      : `ret=${pick(random, asks > 0 ? codes.filter((code) => code >= 0 && code < 31) : codes)}`;
    return `${type} ${control(random)} ${module} ${what}${random() < 0.1 ? ' # why' : ''}`;
  }
}
