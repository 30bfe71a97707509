import type { PosturePredicate, Statement } from '../schemas/generated/types.ts';
import { ok, type Result, refuse } from './result.ts';

/** The in-toto Statement v1 over documents by name; subjects are ordered by name, by UTF-16 code units. */
export function makeStatement(
  documents: ReadonlyMap<string, { readonly digest: string }>,
  predicate: PosturePredicate,
): Statement {
  const subject = [...documents]
    .map(([name, { digest }]) => ({ name, digest: { sha256: digest } }))
    .toSorted((left, right) => (left.name < right.name ? -1 : 1));
  return {
    _type: 'https://in-toto.io/Statement/v1',
    subject,
    predicateType: 'urn:affiant:predicate:posture:1',
    predicate,
  };
}

/**
 * What the schema cannot say: each name once and in order, and a chain link that fits its place.
 * Refuses with `statement-incoherent` and the pointer.
 */
export function coherent(statement: Statement): Result<Statement> {
  for (const [index, { name }] of statement.subject.entries()) {
    const before = statement.subject[index - 1];
    if (before !== undefined && before.name >= name)
      return refuse('statement-incoherent', 'the subjects are not in the order of their names, each once', {
        pointer: `/subject/${index}/name`,
      });
  }
  const { sequence, previous, forkOf } = statement.predicate.chain;
  if ((sequence === 0) === (previous !== undefined))
    return refuse('statement-incoherent', 'a link names the bundle before it, except at sequence 0', {
      pointer: '/predicate/chain/previous',
    });
  if (forkOf !== undefined && sequence !== 0)
    return refuse('statement-incoherent', 'only the first link of a chain can replace another chain', {
      pointer: '/predicate/chain/forkOf',
    });
  return ok(statement);
}
