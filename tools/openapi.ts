/** schemas/generated/openapi.json: every address of the endpoint, with the schemas that it speaks in as components. */
import type { NamedSchema, Schema } from './generate.ts';
import { openApiPaths } from './openapi-paths.ts';

/** The description as text, with every schema that it reaches as a component. */
export function openApiOf(schemas: readonly NamedSchema[]): string {
  const byId = new Map<string, { readonly name: string; readonly schema: Schema; readonly base: string }>();
  for (const { schema } of schemas) {
    const base = String(schema['$id']);
    byId.set(base, { name: String(schema['title']), schema, base });
    for (const [name, definition] of Object.entries((schema['$defs'] ?? {}) as Record<string, Schema>))
      byId.set(`${base}#/$defs/${name}`, { name: String(definition['title']), schema: definition, base });
  }
  const components: Record<string, unknown> = {};

  function rewrite(node: unknown, base: string): unknown {
    if (Array.isArray(node)) return node.map((item) => rewrite(item, base));
    if (typeof node !== 'object' || node === null) return node;
    const copy: Schema = {};
    for (const [key, value] of Object.entries(node))
      if (key === '$ref' && typeof value === 'string')
        copy['$ref'] = component(value.startsWith('#') ? base + value : value);
      else if (key !== '$id' && key !== '$schema' && key !== '$defs')
        copy[key] = key === 'examples' ? value : rewrite(value, base);
    return copy;
  }
  function component(id: string): string {
    const found = byId.get(id);
    if (found === undefined) throw new Error(`no schema ${id}`);
    const { name, schema, base } = found;
    if (!Object.hasOwn(components, name)) {
      components[name] = {};
      components[name] = rewrite(schema, base);
    }
    return `#/components/schemas/${name}`;
  }

  const described = rewrite(openApiPaths, '');
  const sorted = Object.fromEntries(Object.entries(components).toSorted(([one], [other]) => (one < other ? -1 : 1)));
  const description = {
    openapi: '3.1.0',
    info: {
      title: 'Affiant endpoint',
      version: '1',
      description:
        'What agents, readers and operators say to a central endpoint. The order of the checks and what an agent does with each answer stand in docs/endpoint-contract.md.',
      license: { name: 'Unlicensed', identifier: 'LicenseRef-Unlicensed' },
    },
    servers: [{ url: '/' }],
    paths: described,
    components: {
      schemas: sorted,
      securitySchemes: { reader: { type: 'http', scheme: 'bearer', description: 'A token of affiant reader create.' } },
    },
  };
  return `${JSON.stringify(description, undefined, 2)}\n`;
}
