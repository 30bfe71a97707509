import { documentValidators } from '../schemas/generated/documents.ts';
import { sources, type Validator } from '../schemas/generated/validators.js';
import { ok, type Result, refuse } from './result.ts';
import { validated } from './validate.ts';

const validators: ReadonlyMap<string, Validator<object>> = new Map<string, Validator<object>>(
  Object.entries(documentValidators),
);

/**
 * The document, checked against the schema that its name in the statement demands; `raw/…` holds
 * what a tool printed and has none. Refuses with `schema-violation`, or with `document-unknown`: a
 * name without a schema is not waved through.
 */
export function validatedDocument(name: string, document: object): Result<object> {
  if (name.startsWith('raw/')) return ok(document);
  const validator = validatorOf(name);
  if (validator === undefined)
    return refuse('document-unknown', `this version knows no schema for a document named ${name}`, {
      remedy: 'verify with the version of affiant that made the pack, or a newer one',
    });
  return validated(validator, document, `document ${name}`);
}

/** Undefined for a name without a schema. */
export function validatorOf(name: string): Validator<object> | undefined {
  return name.startsWith('sources/') ? sources : validators.get(name);
}
