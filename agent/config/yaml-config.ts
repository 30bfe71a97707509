/** Reads one YAML text against the configuration's schema; an error names file, line and what is expected. */
import { isAlias, isNode, LineCounter, parseDocument, visit } from 'yaml';
import { ok, type Result, refuse } from '../../evidence/result.ts';
import schema from '../../schemas/config.schema.json' with { type: 'json' };
import type { Config } from '../../schemas/generated/types.ts';
import { config as isConfig, type ValidationError } from '../../schemas/generated/validators.js';

const maxBytes = 1024 * 1024;

/** `file` only serves the message. */
export function parseConfig(text: string, file: string): Result<Config> {
  if (text.length > maxBytes) return refuse('config-invalid', `${file}: larger than ${maxBytes} bytes`);
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, uniqueKeys: true, strict: true, version: '1.2' });
  const [syntax] = document.errors;
  if (syntax?.code === 'MULTIPLE_DOCS') {
    const { line } = lines.linePos(syntax.pos[0]);
    return refuse('config-invalid', `${file}, line ${line}: a second YAML document begins; expected: one in a file`, {
      remedy: 'take the line --- out, or move what follows into a file of its own in conf.d',
    });
  }
  if (syntax !== undefined) {
    const { line } = lines.linePos(syntax.pos[0]);
    return refuse('config-invalid', `${file}, line ${line}: ${firstLine(syntax.message)}`, {
      remedy: 'correct the YAML at that line',
    });
  }
  let alias = false;
  visit(document, (_key, node) => {
    alias ||= isAlias(node);
  });
  if (alias) return refuse('config-invalid', `${file}: YAML aliases are not taken`, { remedy: 'write the value out' });
  const value: unknown = document.toJS() ?? {};
  if (isConfig(value)) return ok(value);
  const [error] = isConfig.errors ?? [];
  if (error === undefined) return refuse('config-invalid', `${file}: not a configuration`);
  const path = pathOf(error);
  return refuse(
    'config-invalid',
    `${file}, line ${lineOf(path, document, lines)}: ${expectation(error, path)}${meaning(path)}`,
    {
      pointer: path.map((part) => `/${part.replaceAll('~', '~0').replaceAll('/', '~1')}`).join(''),
      remedy: 'schemas/generated/reference/config.md lists every setting',
    },
  );
}

function firstLine(message: string): string {
  return message.split('\n', 1)[0]?.replace(/ at line \d+, column \d+:?$/, '') ?? '';
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
    const found: unknown = items.find((item: unknown, index) => {
      if (typeof item === 'object' && item !== null && 'key' in item && isNode(item.key))
        return String(item.key) === last;
      return String(index) === last;
    });
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
  const { params } = error;
  if (error.keyword === 'additionalProperties') {
    const known = Object.keys(member(schemaAt(path.slice(0, -1)), 'properties') ?? {});
    return `${name} is not a setting; expected: one of ${known.join(', ')}`;
  }
  if (error.keyword === 'required')
    return `${path.length === 0 ? 'the file' : name} lacks ${String(params['missingProperty'])}`;
  if (error.keyword === 'type') return `${name} must be of type ${String(params['type'])}`;
  if (error.keyword === 'enum') return `${name} must be one of ${JSON.stringify(params['allowedValues'])}`;
  if (error.keyword === 'pattern') return `${name} does not have the expected form (${String(params['pattern'])})`;
  if (typeof params['limit'] === 'number')
    return `${name} must be ${bounds[error.keyword] ?? 'within'} ${params['limit']}`;
  return `${name} is not as expected (${error.keyword})`;
}

/** What the schema says of the setting at a path, with its example. */
function meaning(path: readonly string[]): string {
  const node = schemaAt(path);
  const description = member(node, 'description');
  const [example] = (member(node, 'examples') as unknown[] | undefined) ?? [];
  return typeof description === 'string' && path.length > 0
    ? `; expected: ${description} Example: ${JSON.stringify(example)}`
    : '';
}

function schemaAt(path: readonly string[]): unknown {
  let node: unknown = schema;
  for (const part of path) {
    const properties = member(node, 'properties');
    node = member(properties, part) ?? member(node, 'items') ?? member(node, 'additionalProperties');
  }
  return node;
}

function member(node: unknown, name: string): unknown {
  return typeof node === 'object' && node !== null && Object.hasOwn(node, name) ? Reflect.get(node, name) : undefined;
}
