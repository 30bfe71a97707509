/** The generated validators against plain ajv on the schemas as they are: whatever the generator does, it weakens nothing. */
import assert from 'node:assert/strict';
import * as generated from '../../schemas/generated/validators.js';
import { plainAjv, readSchemas } from './all-schemas.ts';
import { madeExample, resolver } from './made-example.ts';

type Node = { readonly holder: Record<string, unknown>; readonly key: string; readonly pointer: string };

const files = readSchemas();
const ajv = plainAjv(files);
const validators: Readonly<Record<string, generated.Validator<unknown>>> = { ...generated };

function* nodes(value: unknown, pointer = ''): Generator<Node> {
  if (typeof value !== 'object' || value === null) return;
  const holder = value as Record<string, unknown>;
  for (const key of Object.keys(holder)) {
    const at = `${pointer}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`;
    yield { holder, key, pointer: at };
    yield* nodes(holder[key], at);
  }
}

/** Past the smaller limits; the larger ones are of the same code. Whole products are not worth the time. */
function manyOf(value: unknown): unknown[] {
  return Array.from({ length: (JSON.stringify(value) ?? '').length > 500 ? 65 : 300 }, () => value);
}

const unknown = Symbol('a member that no schema names');
const missing = Symbol('no member at all');

/** What stands in for a value: every JSON type, the edges of text and numbers, more and less than there was. */
function substitutes(value: unknown): unknown[] {
  const other: unknown[] = [
    missing,
    null,
    true,
    false,
    0,
    -1,
    0.5,
    2 ** 53,
    '',
    'A',
    '\u0000',
    'x'.repeat(70_000),
    '🙂'.repeat(300),
    [],
    {},
  ];
  other.push(
    '2026-01-02T03:04:05+00:00',
    '2026-02-30',
    '9F86D081884C7D659A2FEAA0C55AD015A3BF4F1B2B0B822CD15D6C15B0F00A08',
  );
  if (Array.isArray(value)) return [...other, [...value, ...value], [...value, null], manyOf(value[0])];
  if (typeof value === 'object' && value !== null) {
    const [first] = Object.values(value);
    const many = Object.fromEntries(Array.from({ length: 300 }, (_none, index) => [`member${index}`, first]));
    return [...other, { ...value, [unknown]: 1 }, { [unknown]: 1 }, many];
  }
  if (typeof value === 'string') return [...other, `${value} `, value.toUpperCase(), `${value}\n`];
  return other;
}

/** For the other branches of unions, in documents that are otherwise known already. */
function fewSubstitutes(value: unknown): unknown[] {
  const few: unknown[] = [missing, null, 'A ', -0.5];
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? [...few, { ...value, [unknown]: 1 }, { [unknown]: 1 }]
    : few;
}

function named(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || !(unknown in value)) return value;
  return { ...value, unknownMember: 1 };
}

type Found = readonly { instancePath: string; keyword: string; message?: string }[] | null | undefined;

function byNumber(one: string, other: string): number {
  return Number(one) - Number(other);
}

/** The errors in a form to compare; of one message we have a plainer one than ajv. */
function says(errors: Found): string {
  return (
    (errors ?? [])
      .map(({ instancePath, keyword, message }) => `${instancePath} ${keyword} ${message}`)
      .map((line) => line.replace('boolean schema is false', 'must not be given here'))
      // Which of the two it names first hangs on whether ajv knows the items' type.
      .map((line) =>
        line.replace(
          /## (\d+) and (\d+)/,
          (_, one: string, other: string) => `## ${[one, other].toSorted(byNumber).join(' and ')}`,
        ),
      )
      .toSorted()
      .join('\n')
  );
}

/** Calls `check` with every change made in place, one after the other, and undoes it. */
function eachChange(
  document: unknown,
  changes: (value: unknown) => readonly unknown[],
  check: (pointer: string, substitute: unknown) => void,
): void {
  for (const { holder, key, pointer } of nodes(document)) {
    const before = holder[key];
    for (const substitute of changes(before)) {
      if (substitute === missing && Array.isArray(holder)) continue;
      if (substitute === missing) delete holder[key];
      else holder[key] = named(substitute);
      check(pointer, substitute);
      holder[key] = before;
    }
  }
}

describe('the generated validators', () => {
  for (const { name, id, schema } of files.filter((file) => file.name !== 'common'))
    describe(name, () => {
      const validator = validators[name.replace(/-([a-z])/g, (_dash, letter: string) => letter.toUpperCase())];
      const plain = ajv.getSchema(id);
      assert.ok(validator);
      assert.ok(plain);
      const whole = madeExample(schema, id, resolver(files));
      const otherwise = madeExample(schema, id, resolver(files), 'last');

      it('accepts a document that has every member', () => {
        for (const document of [whole, otherwise]) {
          assert.equal(plain(document), true, ajv.errorsText(plain.errors));
          assert.equal(validator(document), true, JSON.stringify(validator.errors));
          assert.equal(validator.errors, null);
        }
      });

      it('agrees with the schema on every change of every member, and points at it', function () {
        this.timeout(60_000);
        let refused = 0;
        const compare = (document: unknown, pointer: string, substitute: unknown): void => {
          const expected: boolean = plain(document) === true;
          if (validator(document) === expected && says(validator.errors) === says(plain.errors)) {
            refused += expected ? 0 : 1;
            const [{ instancePath } = { instancePath: pointer }] = validator.errors ?? [];
            if (instancePath.startsWith(pointer) || pointer.startsWith(instancePath)) return;
          }
          const what = substitute === missing ? 'missing' : JSON.stringify(substitute);
          assert.fail(
            `${pointer}, ${what?.slice(0, 200)}: ${says(validator.errors)}\nbut the schema: ${says(plain.errors)}`,
          );
        };
        const first = structuredClone(whole);
        eachChange(first, substitutes, (pointer, substitute) => compare(first, pointer, substitute));
        const last = structuredClone(otherwise);
        eachChange(last, fewSubstitutes, (pointer, substitute) => compare(last, pointer, substitute));
        assert.ok(refused > 20, `only ${refused} changes were refused`);
      });
    });
});
