import type { Validator } from '../schemas/generated/validators.js';
import { validatedDocument, validatorOf } from './document-schemas.ts';
import { ok, type Result } from './result.ts';

/**
 * What a fact says that the agent did not know of when it made the document. `config:` since nothing was asked:
 * the program itself is the reason.
 */
const notCollected = {
  status: 'unsupported',
  reason: 'not-collected-by-this-version',
  sources: ['config:agent-version'],
} as const;

/** More facts than these were never added between versions; a document that lacks more is not an older one. */
const maxAdded = 256;

/**
 * The document as this version reads it. Schemas gain facts, and what was signed cannot gain them: a fact that an
 * older agent did not know of was not seen, and says so, so that whatever rests on it is undetermined. Gives the
 * document itself where it lacks nothing, else a copy whose bytes nobody signed: never stored, hashed or handed on.
 * Only facts are added, and only where the schema lets one be unsupported; whatever else is missing or strange is
 * refused as `validatedDocument` does.
 */
export function readDocument(name: string, document: object): Result<object> {
  const asIs = validatedDocument(name, document);
  const validator = validatorOf(name);
  if (asIs.ok || validator === undefined || missingMember(validator) === undefined) return asIs;
  const copy = structuredClone(document);
  for (let added = 0; added < maxAdded; added += 1) {
    if (validator(copy)) return ok(copy);
    const missing = missingMember(validator);
    if (missing === undefined || !addFact(copy, missing)) return asIs;
  }
  return asIs;
}

type Path = readonly string[];

/** Where the validator, which has just refused something, found a member missing: the deepest place of several. */
function missingMember({ errors }: Validator<object>): Path | undefined {
  const found = (errors ?? []).flatMap(({ keyword, params, instancePath }): Path[] => {
    const member = keyword === 'required' ? params['missingProperty'] : undefined;
    if (typeof member !== 'string') return [];
    const parents = instancePath.split('/').slice(1);
    return [[...parents.map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~')), member]];
  });
  return found.toSorted((one, other) => other.length - one.length)[0];
}

/** False where there is no object to add it to. */
function addFact(root: object, path: Path): boolean {
  const parent = path
    .slice(0, -1)
    .reduce<unknown>((at, name) => (isObject(at) && Object.hasOwn(at, name) ? Reflect.get(at, name) : undefined), root);
  const fact = path.at(-1);
  if (fact === undefined || !isObject(parent) || Array.isArray(parent) || Object.hasOwn(parent, fact)) return false;
  return Reflect.defineProperty(parent, fact, {
    value: { ...notCollected, sources: [...notCollected.sources] },
    configurable: true,
    enumerable: true,
    writable: true,
  });
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
