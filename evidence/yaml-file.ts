/** Reads YAML or JSON that a person wrote against a schema; an error names file, line, and what is expected. */
import { isAlias, isNode, LineCounter, parseDocument, visit } from 'yaml';
import type { ValidationError, Validator } from '../schemas/generated/validators.js';
import { ok, type Result, refuse } from './result.ts';

const usualMaxBytes = 16 * 1024 * 1024;

export type YamlRules<T> = {
  readonly kind: string;
  readonly valid: Validator<T>;
  /** The page that says what is expected. */
  readonly reference: string;
  readonly maxBytes?: number;
  /** What to do where a second document begins. */
  readonly secondDocument?: string;
  /** In words that know the schema, where there are better ones than those for all. */
  readonly explain?: (error: ValidationError, path: readonly string[], usual: string) => string;
};

export type YamlFile<T> = {
  readonly value: T;
  /** The line of what a path leads to; of the nearest part of it that is there. */
  readonly line: (path: readonly (string | number)[]) => number;
};

/** Refuses with `<kind>-invalid`; `file` only serves the message. */
export function parseYamlFile<T>(
  text: string,
  file: string,
  { kind, valid, reference, maxBytes = usualMaxBytes, secondDocument, explain }: YamlRules<T>,
): Result<YamlFile<T>> {
  const code = `${kind}-invalid`;
  if (text.length > maxBytes) return refuse(code, `${file}: larger than ${maxBytes} bytes`);
  const lines = new LineCounter();
  // Days stay texts: the core schema of YAML 1.2 knows no dates.
  const document = parseDocument(text, { lineCounter: lines, uniqueKeys: true, strict: true, version: '1.2' });
  const [syntax] = document.errors;
  if (syntax?.code === 'MULTIPLE_DOCS') {
    const { line } = lines.linePos(syntax.pos[0]);
    return refuse(code, `${file}, line ${line}: a second YAML document begins; expected: one in a file`, {
      remedy: secondDocument ?? 'take the line --- out, or move what follows into a file of its own',
    });
  }
  if (syntax !== undefined) {
    const { line } = lines.linePos(syntax.pos[0]);
    const message = (syntax.message.split('\n', 1)[0] ?? '').replace(/ at line \d+, column \d+:?$/, '');
    return refuse(code, `${file}, line ${line}: ${message}`, { remedy: 'correct the YAML at that line' });
  }
  let alias = false;
  visit(document, (_key, node) => {
    alias ||= isAlias(node);
  });
  if (alias) return refuse(code, `${file}: YAML aliases are not taken`, { remedy: 'write the value out' });
  const line = (path: readonly (string | number)[]): number => lineOf(path.map(String), document, lines);
  const value: unknown = document.toJS() ?? {};
  if (valid(value)) return ok({ value, line });
  const [error] = valid.errors ?? [];
  if (error === undefined) return refuse(code, `${file}: not as its schema says`);
  const path = pathOf(error);
  const usual = expectation(error, path);
  return refuse(code, `${file}, line ${line(path)}: ${explain?.(error, path, usual) ?? usual}`, {
    pointer: path.map((part) => `/${part.replaceAll('~', '~0').replaceAll('/', '~1')}`).join(''),
    remedy: `schemas/generated/reference/${reference}.md says what is expected`,
  });
}

function pathOf(error: ValidationError): string[] {
  const path = error.instancePath
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
  const unknown = error.params['additionalProperty'] ?? error.params['propertyName'];
  return typeof unknown === 'string' ? [...path, unknown] : path;
}

function lineOf(path: readonly string[], document: ReturnType<typeof parseDocument>, lines: LineCounter): number {
  for (let length = path.length; length > 0; length -= 1) {
    const parent: unknown = length === 1 ? document.contents : document.getIn(path.slice(0, length - 1), true);
    const items =
      typeof parent === 'object' && parent !== null && 'items' in parent && Array.isArray(parent.items)
        ? parent.items
        : [];
    const last = path[length - 1];
    const found: unknown = items.find((item: unknown, index) =>
      typeof item === 'object' && item !== null && 'key' in item && isNode(item.key)
        ? String(item.key) === last
        : String(index) === last,
    );
    const node: unknown = typeof found === 'object' && found !== null && 'key' in found ? found.key : found;
    if (isNode(node) && node.range) return lines.linePos(node.range[0]).line;
  }
  return 1;
}

const bounds: Readonly<Record<string, string>> = {
  minimum: 'at least',
  maximum: 'at most',
  maxLength: 'of a length of at most',
  minLength: 'of a length of at least',
  maxItems: 'a list of at most',
  minItems: 'a list of at least',
};

function expectation(error: ValidationError, path: readonly string[]): string {
  const name = path.join('.') || 'the file';
  const { params, keyword } = error;
  if (keyword === 'additionalProperties') return `${name} is not known here`;
  if (keyword === 'required') return `${name} lacks ${String(params['missingProperty'])}`;
  if (keyword === 'type') return `${name} must be of type ${String(params['type'])}`;
  if (keyword === 'enum') return `${name} must be one of ${JSON.stringify(params['allowedValues'])}`;
  if (keyword === 'const') return `${name} must be ${JSON.stringify(params['allowedValue'])}`;
  if (keyword === 'format') return `${name} must be a ${String(params['format'])}, such as 2026-01-02`;
  if (keyword === 'pattern') return `${name} does not have the expected form (${String(params['pattern'])})`;
  if (keyword === 'minProperties') return `${name} is empty`;
  if (typeof params['limit'] === 'number') return `${name} must be ${bounds[keyword] ?? 'within'} ${params['limit']}`;
  return `${name} is not as expected (${keyword})`;
}
