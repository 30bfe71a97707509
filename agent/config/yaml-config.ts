/** Reads one YAML text against the configuration's schema; an error names file, line and what is expected. */
import { ok, type Result } from '../../evidence/result.ts';
import { parseYamlFile } from '../../evidence/yaml-file.ts';
import schema from '../../schemas/config.schema.json' with { type: 'json' };
import type { Config } from '../../schemas/generated/types.ts';
import { config as valid } from '../../schemas/generated/validators.js';

/** `file` only serves the message. */
export function parseConfig(text: string, file: string): Result<Config> {
  const read = parseYamlFile(text, file, {
    kind: 'config',
    valid,
    reference: 'config',
    maxBytes: 1024 * 1024,
    secondDocument: 'take the line --- out, or move what follows into a file of its own in conf.d',
    explain: ({ keyword }, path, usual) =>
      `${keyword === 'additionalProperties' ? notASetting(path) : usual}${meaning(path)}`,
  });
  return read.ok ? ok(read.value.value) : read;
}

function notASetting(path: readonly string[]): string {
  const known = Object.keys(member(schemaAt(path.slice(0, -1)), 'properties') ?? {});
  return `${path.join('.') || 'the file'} is not a setting; expected: one of ${known.join(', ')}`;
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
