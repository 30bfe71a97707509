/** The schemas as they stand in their files, and walks through them. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import type { Schema } from '../../tools/generate.ts';

export type SchemaFile = { readonly name: string; readonly id: string; readonly schema: Schema };
/** A subschema with its JSON pointer, and the keywords on the way to it. */
export type Part = { readonly schema: Schema; readonly pointer: string; readonly keywords: readonly string[] };
export type Property = Part & { readonly name: string };

export const factRef = 'urn:affiant:schema:common:1#/$defs/fact';

export function isSchema(value: unknown): value is Schema {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function readSchemas(): SchemaFile[] {
  const folder = join(import.meta.dirname, '../../schemas');
  return readdirSync(folder)
    .filter((file) => file.endsWith('.schema.json'))
    .toSorted()
    .map((file) => {
      const schema = JSON.parse(readFileSync(join(folder, file), 'utf8')) as Schema;
      return { name: file.slice(0, -'.schema.json'.length), id: String(schema['$id']), schema };
    });
}

/** Plain ajv over the schemas as they are, without anything that our generator does to them. */
export function plainAjv(files: readonly SchemaFile[]): Ajv2020 {
  const ajv = new Ajv2020({ strict: true, strictRequired: false, strictTypes: false, allErrors: false });
  addFormats.default(ajv, ['date', 'date-time']);
  for (const { schema } of files) ajv.addSchema(schema);
  return ajv;
}

const singles = ['items', 'additionalProperties', 'propertyNames', 'not', 'if', 'then', 'else'];
const lists = ['oneOf', 'anyOf', 'allOf'];
const maps = ['properties', '$defs'];

function escaped(name: string): string {
  return name.replaceAll('~', '~0').replaceAll('/', '~1');
}

/** Every subschema of a schema, itself first. */
export function* parts(schema: Schema, pointer = '', keywords: readonly string[] = []): Generator<Part> {
  yield { schema, pointer, keywords };
  for (const key of singles) {
    const inner = schema[key];
    if (isSchema(inner)) yield* parts(inner, `${pointer}/${key}`, [...keywords, key]);
  }
  for (const key of lists)
    for (const [index, inner] of Object.entries(Array.isArray(schema[key]) ? schema[key] : []))
      if (isSchema(inner)) yield* parts(inner, `${pointer}/${key}/${index}`, [...keywords, key]);
  for (const key of maps)
    for (const [name, inner] of Object.entries(isSchema(schema[key]) ? schema[key] : {}))
      if (isSchema(inner)) yield* parts(inner, `${pointer}/${key}/${escaped(name)}`, [...keywords, key]);
}

/** Every part that describes a thing, not a condition on one. */
export function describing(schema: Schema): Part[] {
  return [...parts(schema)].filter(
    ({ keywords }) => !keywords.some((key) => ['if', 'then', 'else', 'not'].includes(key)),
  );
}

/** The named members of every object; a fact's `value` is described by the fact. */
export function properties(schema: Schema): Property[] {
  return describing(schema).flatMap(({ schema: part, pointer, keywords }) =>
    Object.entries(isSchema(part['properties']) ? part['properties'] : {}).flatMap(([name, property]) =>
      isSchema(property) && part['$ref'] !== factRef
        ? [{ name, schema: property, pointer: `${pointer}/properties/${escaped(name)}`, keywords }]
        : [],
    ),
  );
}
