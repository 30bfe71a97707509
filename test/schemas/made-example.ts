/** A document with every member that its schema names, made from the examples of the innermost ones. */

import type { Schema } from '../../tools/generate.ts';
import { factRef, isSchema, type SchemaFile } from './all-schemas.ts';

type Resolve = (ref: string, base: string) => { schema: Schema; base: string };

export function resolver(files: readonly SchemaFile[]): Resolve {
  return (ref, base) => {
    const [id = '', pointer = ''] = (ref.startsWith('#') ? base + ref : ref).split('#');
    const file = files.find((candidate) => candidate.id === id);
    if (file === undefined) throw new Error(`no schema ${id}`);
    const schema = pointer
      .split('/')
      .slice(1)
      .reduce<unknown>((part, key) => (isSchema(part) ? part[key] : undefined), file.schema);
    if (!isSchema(schema)) throw new Error(`no schema ${ref}`);
    return { schema, base: id };
  };
}

/**
 * `undefined` where the schema says nothing of what an example looks like. Of a union it takes the
 * branch of the first example, or the `last` one.
 */
export function madeExample(
  schema: Schema,
  base: string,
  resolve: Resolve,
  union: 'first' | 'last' = 'first',
): unknown {
  const given = Array.isArray(schema['examples']) ? (schema['examples'][0] as unknown) : undefined;
  const ref = schema['$ref'];
  if (ref === factRef) return madeFact(schema, base, resolve, union);
  if (typeof ref === 'string') {
    const target = resolve(ref, base);
    return madeExample(target.schema, target.base, resolve, union) ?? structuredClone(given);
  }
  const branches = Array.isArray(schema['oneOf']) ? schema['oneOf'].filter(isSchema) : [];
  const branch = union === 'last' ? branches.at(-1) : undefined;
  if (branch !== undefined) return madeExample(branch, base, resolve, union);
  if (branches.length > 0) return structuredClone(given) ?? madeExample(branches[0] ?? {}, base, resolve);
  const map = schema['additionalProperties'];
  if (isSchema(map) && isSchema(given)) {
    const value = union === 'last' ? madeExample(map, base, resolve, union) : undefined;
    if (value !== undefined) return Object.fromEntries(Object.keys(given).map((key) => [key, structuredClone(value)]));
  }
  if (isSchema(schema['properties']) && schema['maxProperties'] === undefined)
    return Object.fromEntries(
      Object.entries(schema['properties']).flatMap(([name, property]) =>
        isSchema(property) ? [[name, madeExample(property, base, resolve, union)]] : [],
      ),
    );
  if (isSchema(schema['items'])) {
    const item = madeExample(schema['items'], base, resolve, union);
    if (item !== undefined) return [item];
  }
  if (given !== undefined) return structuredClone(given);
  if ('const' in schema) return schema['const'];
  if (Array.isArray(schema['enum'])) return schema['enum'][0];
  if (schema['type'] === 'boolean') return true;
  if (schema['type'] === 'integer') return schema['minimum'] ?? 1;
  return undefined;
}

function madeFact(schema: Schema, base: string, resolve: Resolve, union: 'first' | 'last'): unknown {
  const examples = Array.isArray(schema['examples']) ? schema['examples'] : [];
  const [example] = examples.filter(isSchema);
  if (example === undefined) throw new Error('a fact has no example');
  const value = isSchema(schema['properties']) ? schema['properties']['value'] : undefined;
  const made = isSchema(value) ? madeExample(value, base, resolve, union) : undefined;
  if (made === undefined) return structuredClone(example);
  return { status: 'observed', value: made, sources: example['sources'] };
}
