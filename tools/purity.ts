import type { Token } from './tokens.ts';

export type Impurity = { readonly line: number; readonly what: string };

/** Names of the world around: what they give differs from one call, one machine to the next. */
const ambient: ReadonlyMap<string, string> = new Map([
  ...['process', 'globalThis', 'global', 'navigator', 'require', 'Deno', 'Bun'].map(
    (name) => [name, 'know the process'] as const,
  ),
  ...['performance'].map((name) => [name, 'know a clock'] as const),
  ...['setTimeout', 'setInterval', 'setImmediate', 'queueMicrotask'].map((name) => [name, 'wait'] as const),
  ...['fetch', 'WebSocket', 'EventSource', 'XMLHttpRequest'].map((name) => [name, 'reach the network'] as const),
  ...['console'].map((name) => [name, 'print'] as const),
  ...['crypto', 'Buffer'].map((name) => [name, 'use more than the language'] as const),
  ...['eval', 'Function'].map((name) => [name, 'run text as code'] as const),
]);
const members: ReadonlyMap<string, string> = new Map([
  ['Date.now', 'know a clock'],
  ['Math.random', 'leave things to chance'],
  ['import.meta', 'know where it lies'],
]);
/** Methods that answer by the machine's language or time zone. */
const local =
  /^(?:localeCompare|toLocale\w*|getTimezoneOffset|get(?:Hours|Minutes|Date|Day|Month|FullYear)|toDateString|toTimeString)$/;

/** A name that is a member or a key is not the name from around. */
function isMember(tokens: readonly Token[], at: number): boolean {
  const before = tokens[at - 1]?.text;
  if (before === '.' || before === '?.') return true;
  const after = tokens[at + 1]?.text === '?' ? tokens[at + 2]?.text : tokens[at + 1]?.text;
  return after === ':' && before !== '?' && before !== 'case';
}

function name(tokens: readonly Token[], at: number): string | undefined {
  const token = tokens[at];
  return token?.kind === 'word' ? token.text : undefined;
}

function use(tokens: readonly Token[], at: number): string | undefined {
  const word = name(tokens, at);
  if (word === undefined) return undefined;
  if (tokens[at - 1]?.text === '.' && local.test(word)) return `go by the machine's language or time zone (${word})`;
  if (isMember(tokens, at)) return undefined;
  const around = ambient.get(word);
  if (around !== undefined) return `${around} (${word})`;
  const next = tokens[at + 1]?.text;
  const member = next === '.' || next === '?.' ? `${word}.${name(tokens, at + 2) ?? ''}` : '';
  const known = members.get(member);
  if (known !== undefined) return `${known} (${member})`;
  // With a named language Intl answers everywhere the same; without a call it is a type.
  if (word === 'Intl')
    return tokens[at + 3]?.text === '(' && tokens[at + 4]?.kind !== 'text'
      ? `go by the machine's language (Intl.${name(tokens, at + 2) ?? ''})`
      : undefined;
  if (word !== 'Date') return undefined;
  // `new Date`, `new Date()` and `Date()` are now; with an argument a date is a value like any other.
  if (next === '(' && (tokens[at - 1]?.text !== 'new' || tokens[at + 2]?.text === ')')) return 'know a clock (Date())';
  return tokens[at - 1]?.text === 'new' && next !== '(' ? 'know a clock (new Date)' : undefined;
}

/** State of the module: a `let`, or a collection that begins empty and so must be filled later. */
function state(tokens: readonly Token[], at: number): string | undefined {
  const token = tokens[at];
  if (token?.kind !== 'word' || token.depth > 0) return undefined;
  const next = tokens[at + 1];
  if (
    (token.text === 'let' || token.text === 'var') &&
    (next?.kind === 'word' || next?.text === '{' || next?.text === '[')
  )
    return `keep state between calls (${token.text} ${next.text})`;
  if (token.text !== 'const') return undefined;
  const equals = tokens.findIndex((candidate, index) => index > at && candidate.depth === 0 && candidate.text === '=');
  // What is declared read-only stays as it is.
  if (tokens.slice(at, equals).some(({ text }) => /^[Rr]eadonly/.test(text))) return undefined;
  const value = tokens.slice(equals + 1, equals + 40).map(({ text }) => text);
  const empty =
    (value[0] === '[' && value[1] === ']') ||
    (value[0] === '{' && value[1] === '}') ||
    (value[0] === 'new' &&
      /^(?:Weak)?(?:Map|Set)$/.test(value[1] ?? '') &&
      /^(?:<[^;]*?>)?\(\)/.test(value.slice(2).join('')));
  return equals > 0 && empty ? `keep state between calls (const ${next?.text ?? ''})` : undefined;
}

/** What makes a module depend on more than its input. */
export function impurities(tokens: readonly Token[]): Impurity[] {
  return tokens.flatMap(({ line }, at) =>
    [use(tokens, at), state(tokens, at)].flatMap((what) => (what === undefined ? [] : [{ line, what }])),
  );
}
