/**
 * polkit's rule files (polkit(8)): JavaScript, which we do not run. What is told is what stands in
 * them literally; whatever a program computes stays unknown, and `adminDynamic` says so.
 */
import type { PolkitRuleContent } from '../../schemas/generated/types.ts';
import { type Parsed, parsed, unparsed } from '../fact.ts';
import { toText } from '../text.ts';

const maxFound = 1_000;
const maxLiteral = 65_536;
const identity = /^unix-(?:user|group|netgroup):/;
const action = /^[a-z][A-Za-z0-9-]*(?:\.[A-Za-z0-9-]+)+\.?$/;

/** Fails with `unfinished-text` where a comment or a text does not end, and with `not-a-rule-file`. */
export function parsePolkitRules(text: string, path: string): Parsed<PolkitRuleContent> {
  const code = withoutComments(text);
  if (code === undefined) return unparsed('unfinished-text');
  // What is no JavaScript of polkit's, polkit logs and passes over; but it may be half of something.
  if (
    /[\0-\x08\x0b\x0e-\x1f\ud800-\udfff]/.test(code.text) ||
    (code.text.trim() !== '' && !/\bpolkit\b/.test(code.text))
  )
    return unparsed('not-a-rule-file');
  const bare = withoutTexts(code.text);
  const adminBodies = bodiesOf(code.text, bare, /polkit\s*\.\s*addAdminRule\s*\(/g);
  const adminIdentities = adminBodies.flatMap((body) => literalsIn(body).filter((literal) => identity.test(literal)));
  const literals = literalsIn(code.text);
  const content: PolkitRuleContent = {
    path: toText(path),
    rules: countOf(bare, /polkit\s*\.\s*addRule\s*\(/g),
    adminRules: adminBodies.length,
    // Any mention counts: the constant may be put together, or stand in a variable.
    grantsYes: /\bYES\b/.test(bare) || literals.some((literal) => /^yes$/i.test(literal)),
    actions: some(literals.filter((literal) => action.test(literal))),
    groups: some(argumentsOf(code.text, /\bisInGroup\s*\(\s*(["'])(.*?)\1/gs)),
    users: some(argumentsOf(code.text, /\bsubject\s*\.\s*user\s*={2,3}\s*(["'])(.*?)\1/gs)),
    adminIdentities: some(adminIdentities),
    adminDynamic: adminBodies.some((body) => !isPlainList(body)),
  };
  return parsed(content);
}

/** A function that returns a list of literals and does nothing else. */
function isPlainList(body: string): boolean {
  const literal = /(?:"[^"\\\n]*"|'[^'\\\n]*')/.source;
  const list = String.raw`\[\s*(?:${literal}\s*(?:,\s*${literal}\s*)*,?\s*)?\]`;
  const plain = new RegExp(
    String.raw`^\s*(?:function\s*\w*\s*\([\w\s,]*\)\s*\{\s*return\s*${list}\s*;?\s*\}|\(?[\w\s,]*\)?\s*=>\s*${list})\s*,?\s*$`,
  );
  return plain.test(body);
}

/** What stands between the parentheses of each call. */
function bodiesOf(code: string, bare: string, call: RegExp): string[] {
  return [...bare.matchAll(call)].map((match) => {
    const from = match.index + match[0].length;
    return code.slice(from, closing(code, from));
  });
}

function closing(code: string, from: number): number {
  let depth = 1;
  for (let at = from; at < code.length; at += 1) {
    const char = code[at];
    if (char === '"' || char === "'" || char === '`') at = endOfText(code, at) ?? code.length;
    else if (char === '(') depth += 1;
    else if (char === ')') {
      depth -= 1;
      if (depth === 0) return at;
    }
  }
  return code.length;
}

/** Where the text that begins here ends; undefined where it does not. A line ends all but a template. */
function endOfText(code: string, from: number): number | undefined {
  const quote = code[from];
  for (let at = from + 1; at < code.length; at += 1) {
    const char = code[at];
    if (char === '\\') at += 1;
    else if (char === quote) return at;
    else if (char === '\n' && quote !== '`') return undefined;
  }
  return undefined;
}

/** Quotes inside regular expressions are not told apart; such a file fails, or reads as having a few literals more. */
function withoutComments(text: string): { text: string } | undefined {
  const kept: string[] = [];
  let from = 0;
  for (let at = 0; at < text.length; at += 1) {
    const char = text[at];
    if (char === '"' || char === "'" || char === '`') {
      const end = endOfText(text, at);
      if (end === undefined) return undefined;
      at = end;
    } else if (char === '/' && (text[at + 1] === '/' || text[at + 1] === '*')) {
      kept.push(text.slice(from, at), ' ');
      const line = text[at + 1] === '/';
      const end = text.indexOf(line ? '\n' : '*/', at + 2);
      if (end < 0 && !line) return undefined;
      from = end < 0 ? text.length : line ? end : end + 2;
      at = from - 1;
    }
  }
  kept.push(text.slice(from));
  return { text: kept.join('') };
}

/** The code with blanks in place of what stands in quotes: as long, and nothing in a text looks like code. */
function withoutTexts(code: string): string {
  const kept: string[] = [];
  let from = 0;
  for (let at = 0; at < code.length; at += 1) {
    const char = code[at];
    if (char !== '"' && char !== "'" && char !== '`') continue;
    const end = endOfText(code, at);
    if (end === undefined) break;
    kept.push(code.slice(from, at + 1), ' '.repeat(end - at - 1));
    from = end;
    at = end;
  }
  kept.push(code.slice(from));
  return kept.join('');
}

function literalsIn(code: string): string[] {
  const found: string[] = [];
  for (let at = 0; at < code.length; at += 1) {
    const char = code[at];
    if (char !== '"' && char !== "'" && char !== '`') continue;
    const end = endOfText(code, at);
    if (end === undefined) break;
    found.push(code.slice(at + 1, end).replace(/\\(.)/gs, '$1'));
    at = end;
  }
  return found;
}

function argumentsOf(code: string, pattern: RegExp): string[] {
  return [...code.matchAll(pattern)].map((match) => match[2] ?? '');
}

function countOf(code: string, pattern: RegExp): number {
  return [...code.matchAll(pattern)].length;
}

function some(literals: readonly string[]): PolkitRuleContent['groups'] {
  return [...new Set(literals)]
    .filter((literal) => literal.length <= maxLiteral)
    .slice(0, maxFound)
    .map(toText);
}
