/**
 * Holds events against the framework's own definitions (a copy of its repository: dictionary.json, events/,
 * objects/, profiles/): classes and objects are put together from what they extend and include, then every
 * attribute is checked for its name, type, list, enumeration, requirement and constraints.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

type Attribute = {
  readonly requirement?: string;
  readonly enum?: Readonly<Record<string, unknown>>;
  readonly type?: string;
  readonly is_array?: boolean;
};
type Definition = {
  readonly uid?: number;
  readonly name?: string;
  readonly extends?: string;
  readonly category?: string;
  readonly attributes: Readonly<Record<string, Attribute | readonly string[]>>;
  readonly constraints?: { readonly at_least_one?: readonly string[]; readonly just_one?: readonly string[] };
};
type Whole = {
  readonly attributes: Map<string, Attribute>;
  readonly constraints: NonNullable<Definition['constraints']>[];
};

const read = (file: string): unknown => JSON.parse(readFileSync(file, 'utf8'));

export function ocsfDefinitions(root: string): (event: unknown) => string[] {
  const dictionary = (read(join(root, 'dictionary.json')) as Definition).attributes;
  const load = (folder: string): Map<string, Definition> =>
    new Map(
      readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
        .filter((name) => name.endsWith('.json'))
        .map((name) => read(join(root, folder, name)) as Definition)
        .map((definition) => [definition.name ?? '', definition]),
    );
  const [objects, events] = [load('objects'), load('events')];
  const categories = (read(join(root, 'categories.json')) as { attributes: Record<string, { uid: number }> })
    .attributes;

  function whole(all: Map<string, Definition>, name: string): Whole {
    const definition = all.get(name);
    const result: Whole = { attributes: new Map(), constraints: [] };
    if (definition === undefined) return result;
    if (definition.extends !== undefined) {
      const parent = whole(all, definition.extends);
      for (const [key, value] of parent.attributes) result.attributes.set(key, value);
      result.constraints.push(...parent.constraints);
    }
    if (definition.constraints !== undefined) result.constraints.push(definition.constraints);
    for (const [key, value] of Object.entries(definition.attributes)) {
      if (key === '$include') {
        for (const file of value as readonly string[])
          for (const [name, each] of Object.entries((read(join(root, file)) as Definition).attributes))
            if (!name.startsWith('$')) result.attributes.set(name, { ...(each as Attribute), requirement: 'optional' });
        continue;
      }
      const before = result.attributes.get(key);
      result.attributes.set(key, {
        ...before,
        ...(value as Attribute),
        enum: { ...before?.enum, ...(value as Attribute).enum },
      });
    }
    return result;
  }

  const hasPath = (value: unknown, path: string): boolean =>
    path
      .split('.')
      .reduce<unknown>(
        (at, key) => (typeof at === 'object' && at !== null && key in at ? at[key as never] : undefined),
        value,
      ) !== undefined;

  function check(value: unknown, { attributes, constraints }: Whole, path: string): string[] {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return [`${path} is no object`];
    const faults: string[] = [];
    for (const [key, { requirement }] of attributes)
      if (requirement === 'required' && !(key in value)) faults.push(`${path}.${key} is missing`);
    for (const { at_least_one: some, just_one: one } of constraints) {
      if (some !== undefined && !some.some((each) => hasPath(value, each)))
        faults.push(`${path} has none of ${some.join(', ')}`);
      if (one !== undefined && one.filter((each) => hasPath(value, each)).length !== 1)
        faults.push(`${path} must have one of ${one.join(', ')}`);
    }
    for (const [key, each] of Object.entries(value)) {
      const own = attributes.get(key);
      const named = dictionary[key] as Attribute | undefined;
      if (own === undefined || named === undefined) faults.push(`${path}.${key} is not defined`);
      else
        faults.push(
          ...checkAttribute(each, { ...named, ...own, enum: { ...named.enum, ...own.enum } }, `${path}.${key}`),
        );
    }
    return faults;
  }

  function checkAttribute(value: unknown, attribute: Attribute, path: string): string[] {
    if (attribute.is_array === true)
      return Array.isArray(value)
        ? value.flatMap((each, at) => checkAttribute(each, { ...attribute, is_array: false }, `${path}[${at}]`))
        : [`${path} is no list`];
    const type = attribute.type ?? '';
    // The two that name the class are written by the framework's compiler.
    const names = /\.(?:category|class)_uid$/.test(path) ? [] : Object.keys(attribute.enum ?? {});
    if (names.length > 0 && !names.includes(String(value)))
      return [`${path} is ${String(value)}, not of ${names.join(', ')}`];
    if (/^(?:integer|long|port)_t$|^timestamp_t$/.test(type))
      return Number.isSafeInteger(value) ? [] : [`${path} is no integer`];
    if (type === 'boolean_t') return typeof value === 'boolean' ? [] : [`${path} is no boolean`];
    if (type === 'json_t' || type === 'object') return [];
    if (type.endsWith('_t')) return typeof value === 'string' || type === 'float_t' ? [] : [`${path} is no text`];
    return check(value, whole(objects, type), path);
  }

  return (event) => {
    const uid: unknown =
      typeof event === 'object' && event !== null && 'class_uid' in event ? event.class_uid : undefined;
    const found = [...events.values()].find(
      (each) => each.uid !== undefined && each.uid + 1000 * (categories[categoryOf(each)]?.uid ?? 0) === uid,
    );
    return found === undefined
      ? [`no class ${String(uid)}`]
      : check(event, whole(events, found.name ?? ''), String(found.name));
  };

  function categoryOf(definition: Definition): string {
    const parent = definition.extends === undefined ? undefined : events.get(definition.extends);
    return definition.category ?? (parent === undefined ? 'other' : categoryOf(parent));
  }
}
