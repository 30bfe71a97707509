import type { ValidationError, Validator } from '../schemas/generated/validators.js';
import { jsonPointer } from './json-pointer.ts';
import { ok, type Result, refuse } from './result.ts';

/** Where an error is: the member itself where ajv points only at the object around it. */
function pointerOf({ keyword, params, instancePath }: ValidationError): string {
  const member =
    keyword === 'additionalProperties'
      ? params['additionalProperty']
      : keyword === 'propertyNames'
        ? params['propertyName']
        : undefined;
  return typeof member === 'string' ? instancePath + jsonPointer([member]) : instancePath;
}

/**
 * ajv lists the errors of every branch of a union; the one that lies deepest is the most exact.
 * `if` only says that a branch failed whose own error stands beside it.
 */
function mostExact(errors: readonly ValidationError[]): ValidationError | undefined {
  const depth = (error: ValidationError): number => pointerOf(error).split('/').length;
  return errors
    .filter(({ keyword }) => keyword !== 'if')
    .reduce<ValidationError | undefined>(
      (best, error) => (best === undefined || depth(error) > depth(best) ? error : best),
      undefined,
    );
}

/**
 * The value with its type, or the refusal `schema-violation` with the JSON pointer to what is wrong:
 * an unknown member itself; for a missing one the object, and the message names the member. Texts
 * speak of the schema, never of the value, which may be secret.
 */
export function validated<T>(validator: Validator<T>, value: unknown, name: string): Result<T> {
  if (validator(value)) return ok(value);
  const error = mostExact(validator.errors ?? []);
  if (error === undefined) return refuse('schema-violation', `the ${name} does not match its schema`, { pointer: '' });
  const pointer = pointerOf(error);
  const what =
    error.keyword === 'additionalProperties'
      ? 'has a member that the schema does not know'
      : (error.message ?? 'is wrong');
  const where = pointer === '' ? 'it' : pointer;
  return refuse('schema-violation', `the ${name} does not match its schema: ${where} ${what}`, { pointer });
}
