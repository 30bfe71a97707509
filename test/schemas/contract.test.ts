import assert from 'node:assert/strict';
import { describing, factRef, isSchema, plainAjv, properties, readSchemas } from './all-schemas.ts';

const files = readSchemas();

/** Maps to objects whose own schema stands elsewhere, or that a vendor makes; everything else is closed. */
const open = new Set([
  'pack#/properties/documents/additionalProperties',
  'recording#/properties/system/additionalProperties',
  // What somebody's own policy test gives to somebody's own expressions.
  'policy#/$defs/policyTest/properties/fix',
  'policy#/$defs/policyTest/properties/host',
  'policy#/$defs/policyTest/properties/documents',
]);

describe('every schema', () => {
  it('is there for each document, the statement, the pack and what we exchange', () => {
    const names = new Set(files.map(({ name }) => name));
    const known =
      'admins common config edr host identity-provider mfa pack packages problem raw receipt recording sources statement updates';
    // A new document adds a schema and needs no line here.
    assert.deepEqual(
      known.split(' ').filter((name) => !names.has(name)),
      [],
    );
  });

  for (const { name, id, schema } of files)
    describe(name, () => {
      it('has an id of its own and is valid JSON Schema 2020-12', () => {
        assert.equal(id, `urn:affiant:schema:${name}:1`);
        assert.equal(schema['$schema'], 'https://json-schema.org/draft/2020-12/schema');
        const ajv = plainAjv([]);
        assert.equal(ajv.validateSchema(schema), true, ajv.errorsText());
      });

      it('compiles in strict mode, every definition too', () => {
        const ajv = plainAjv(files);
        assert.equal(typeof ajv.getSchema(id), 'function');
        for (const key of Object.keys(isSchema(schema['$defs']) ? schema['$defs'] : {}))
          assert.equal(typeof ajv.getSchema(`${id}#/$defs/${key}`), 'function', key);
      });

      it('describes every property and gives an example of it', () => {
        const bare = properties(schema)
          .filter(
            ({ schema: { description, examples } }) =>
              typeof description !== 'string' ||
              description === '' ||
              !Array.isArray(examples) ||
              examples.length === 0,
          )
          .map(({ pointer }) => pointer);
        assert.deepEqual(bare, []);
      });

      it('gives only examples that are valid', () => {
        const ajv = plainAjv(files);
        const wrong: string[] = [];
        for (const { schema: part, pointer } of describing(schema)) {
          if (!Array.isArray(part['examples'])) continue;
          const validate = ajv.getSchema(`${id}#${pointer}`);
          assert.ok(validate, pointer);
          for (const example of part['examples'])
            if (!validate(example)) wrong.push(`${pointer}: ${ajv.errorsText(validate.errors)}`);
        }
        assert.deepEqual(wrong, []);
      });

      it('is closed: an object takes only members that it names, or is a map with a schema', () => {
        const loose = describing(schema)
          .filter(({ schema: part }) => part['type'] === 'object' || (part['properties'] && part['$ref'] !== factRef))
          .filter(
            ({ schema: part }) => part['additionalProperties'] !== false && !isSchema(part['additionalProperties']),
          )
          .map(({ pointer }) => `${name}#${pointer}`)
          .filter((pointer) => !open.has(pointer));
        assert.deepEqual(loose, []);
      });

      it('requires every fact: one that is left out would say nothing of why', () => {
        const optional = describing(schema).flatMap(({ schema: part, pointer }) =>
          Object.entries(isSchema(part['properties']) ? part['properties'] : {})
            .filter(([, property]) => isSchema(property) && property['$ref'] === factRef)
            .filter(([key]) => !Array.isArray(part['required']) || !part['required'].includes(key))
            .map(([key]) => `${pointer}/${key}`),
        );
        assert.deepEqual(optional, []);
      });

      it('requires only what it names', () => {
        const unknown = describing(schema).flatMap(({ schema: part, pointer }) =>
          (Array.isArray(part['required']) ? part['required'] : [])
            .filter((key) => isSchema(part['properties']) && !(String(key) in part['properties']))
            .map((key) => `${pointer}/${String(key)}`),
        );
        assert.deepEqual(unknown, []);
      });

      it('holds no conclusions: no ages, windows, verdicts', () => {
        const concluding = properties(schema)
          .filter(({ name: key }) =>
            /(?:age(?:Hours|Days|Minutes)|effective$|risky|requirement|compliant|verdict|missingSecurity)/i.test(key),
          )
          .filter(
            ({ pointer }) =>
              ![
                '/properties/passwordStates/properties/value/items/properties/maximumAgeDays',
                // No document: what a policy's own test expects.
                '/$defs/policyTest/properties/expect/properties/verdict',
              ].includes(pointer),
          )
          .map(({ pointer }) => pointer);
        assert.deepEqual(concluding, []);
      });

      it('uses nothing that the generated validators leave out', () => {
        const text = JSON.stringify(schema);
        assert.doesNotMatch(
          text,
          /"(?:unevaluated\w+|\$dynamicRef|\$dynamicAnchor|\$recursiveRef|patternProperties|dependent\w+|prefixItems|contains)":/,
        );
      });
    });

  it('names its types once: two of one name would become numbered twins', () => {
    const titles = files.flatMap(({ schema }) =>
      describing(schema).flatMap(({ schema: { title } }) => (typeof title === 'string' ? [title] : [])),
    );
    const twice = titles.filter((title, index) => titles.indexOf(title) !== index);
    assert.deepEqual([...new Set(twice)], []);
  });
});
