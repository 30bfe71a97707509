import type { Token } from './tokens.ts';

/** One import of another module. `specifier` is undefined where it is computed. */
export type Import = { readonly specifier: string | undefined; readonly typeOnly: boolean; readonly line: number };

/** The clause between `import` or `export` and `from`: where it ends, undefined where no module is named. */
function fromClause(tokens: readonly Token[], start: number): number | undefined {
  for (let at = start; at < tokens.length; at += 1) {
    const token = tokens[at];
    if (token === undefined) return undefined;
    if (token.kind === 'word' && token.text === 'from' && tokens[at + 1]?.kind === 'text') return at + 1;
    const belongs = token.kind === 'word' || (token.kind === 'text' && tokens[at + 1]?.text === 'as');
    if (!belongs && !['{', '}', ',', '*'].includes(token.text)) return undefined;
  }
  return undefined;
}

/** `import { type A } from` still loads the module: only `import type` and `export type` do not. */
function statement(tokens: readonly Token[], at: number): Import | undefined {
  const line = tokens[at]?.line ?? 0;
  const next = tokens[at + 1];
  if (next === undefined) return undefined;
  if (next.kind === 'text') return { specifier: next.text, typeOnly: false, line };
  const end = fromClause(tokens, at + 1);
  if (end === undefined) return undefined;
  const second = tokens[at + 2];
  const typeOnly = next.text === 'type' && second !== undefined && second.text !== ',' && second.text !== 'from';
  return { specifier: tokens[end]?.text, typeOnly, line };
}

/** `import('x')`; followed by `.Name` it is a type. */
function call(tokens: readonly Token[], at: number): Import {
  const argument = tokens[at + 2];
  const literal = argument?.kind === 'text' && [')', ','].includes(tokens[at + 3]?.text ?? '');
  const member = tokens[at + 4]?.text === '.' ? tokens[at + 5]?.text : undefined;
  return {
    specifier: literal ? argument.text : undefined,
    typeOnly: literal && member !== undefined && /^[A-Z]/.test(member),
    line: tokens[at]?.line ?? 0,
  };
}

/** What a module imports, and exports from others, statically and dynamically. */
export function importsOf(tokens: readonly Token[]): Import[] {
  return tokens.flatMap((token, at) => {
    if (token.kind !== 'word' || tokens[at - 1]?.text === '.' || tokens[at - 1]?.text === '?.') return [];
    if (token.text === 'import' && tokens[at + 1]?.text === '(') return [call(tokens, at)];
    if (token.depth > 0 || (token.text !== 'import' && token.text !== 'export')) return [];
    return statement(tokens, at) ?? [];
  });
}
