import type { NamedSchema, Schema } from './generate.ts';

/** Keywords whose value is one subschema, a list of them, or a map of them (JSON Schema 2020-12, core section 10). */
const single = new Set(['items', 'additionalProperties', 'propertyNames', 'contains']);
/** Conditions stay where they are: as functions of their own they would add an error. */
const conditions = new Set(['not', 'if', 'then', 'else']);
const lists = new Set(['oneOf', 'anyOf', 'allOf']);
const maps = new Set(['properties', 'patternProperties', '$defs']);
const branching = new Set(['oneOf', 'anyOf', 'allOf', 'not', 'if', 'propertyNames']);
const prose = new Set(['title', 'description', 'examples']);

function isSchema(value: unknown): value is Schema {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

type Change = (part: unknown) => unknown;

/** The schema with every direct subschema put through `change`, its conditions through `inCondition`. */
function mapSubschemas(schema: Schema, change: Change, inCondition: Change = within(change)): Schema {
  const changed = Object.entries(schema).map(([key, value]) => {
    if (conditions.has(key)) return [key, inCondition(value)] as const;
    if (single.has(key)) return [key, change(value)] as const;
    if (lists.has(key) && Array.isArray(value)) return [key, value.map(change)] as const;
    if (maps.has(key) && isSchema(value))
      return [key, Object.fromEntries(Object.entries(value).map(([name, part]) => [name, change(part)]))] as const;
    return [key, value] as const;
  });
  return Object.fromEntries(changed);
}

function within(change: Change): Change {
  return (part) => (isSchema(part) ? mapSubschemas(part, change) : part);
}

/** Without what only people read, and with every `$ref` to a definition as the id that `inPieces` gives it. */
function bare(part: unknown, base: string): unknown {
  if (!isSchema(part)) return part;
  const kept = Object.fromEntries(Object.entries(part).filter(([key]) => !prose.has(key)));
  const ref = kept['$ref'];
  if (typeof ref === 'string') kept['$ref'] = (ref.startsWith('#') ? base + ref : ref).replace('#/$defs/', ':');
  const further = (inner: unknown): unknown => bare(inner, base);
  return mapSubschemas(kept, further, further);
}

/**
 * Whether it becomes a function of its own: because that is shorter than its code in place, or because
 * it holds a union or a condition, which would make all the code around it more roundabout.
 */
function isWorthSharing(part: Schema, places: number): boolean {
  const keys = Object.keys(part);
  if (keys.some((key) => branching.has(key))) return true;
  return places > 1 && (keys.length > 1 || keys.some((key) => single.has(key) || lists.has(key) || maps.has(key)));
}

/**
 * The same schemas in pieces: every definition, and every subschema that stands in more than one
 * place, becomes a schema with an id of its own. ajv makes one function for each such piece, where it
 * would repeat the code of the piece at every place and in every document. What is valid stays the same.
 */
export function inPieces(schemas: readonly NamedSchema[]): { roots: Map<string, Schema>; pieces: Schema[] } {
  const whole = schemas.map(({ name, schema }) => ({ name, schema: bare(schema, String(schema['$id'])) as Schema }));
  const seen = new Map<string, number>();
  const count = (part: unknown): unknown => {
    if (!isSchema(part)) return part;
    const text = JSON.stringify(part);
    seen.set(text, (seen.get(text) ?? 0) + 1);
    // What stands inside a repeated piece only is counted once with it.
    return seen.get(text) === 1 ? mapSubschemas(part, count) : part;
  };
  for (const { schema } of whole) mapSubschemas(schema, count);

  const ids = new Map<string, string>();
  const pieces: Schema[] = [];
  const share = (part: unknown): unknown => {
    if (!isSchema(part)) return part;
    const text = JSON.stringify(part);
    if (!isWorthSharing(part, seen.get(text) ?? 0)) return mapSubschemas(part, share);
    const known = ids.get(text);
    if (known !== undefined) return { $ref: known };
    const id = `urn:affiant:piece:${ids.size}`;
    ids.set(text, id);
    pieces.push({ $id: id, ...mapSubschemas(part, share) });
    return { $ref: id };
  };
  const definitions = whole.flatMap(({ schema }) =>
    Object.entries(isSchema(schema['$defs']) ? schema['$defs'] : {}).flatMap(([key, part]) =>
      isSchema(part) ? [{ id: `${String(schema['$id'])}:${key}`, part }] : [],
    ),
  );
  for (const { id, part } of definitions) ids.set(JSON.stringify(part), ids.get(JSON.stringify(part)) ?? id);
  for (const { id, part } of definitions) pieces.push({ $id: id, ...mapSubschemas(part, share) });
  const roots = new Map(
    whole.map(({ name, schema: { $defs: _definitions, ...root } }) => [name, mapSubschemas(root, share)]),
  );
  return { roots, pieces };
}
