import { type Answer, problem, problemAnswer, throttledAnswer } from '../answer.ts';
import type { Call } from '../call.ts';
import type { Permission, Reader } from './readers-file.ts';

/** RFC 6750 section 2.1. */
const bearer = /^Bearer ([A-Za-z0-9._~+/-]{16,512}=*)$/i;

export type Authorised = { readonly reader: Reader } | { readonly answer: Answer };

/**
 * The reader who asks, where its role has the permission. A token that is none is counted by its
 * address, as everything that proves nothing is; what was not found and what has expired look alike.
 */
export function authorise({ request, context, notes }: Call, permission: Permission): Authorised {
  const visit = context.gate.visit(request.socket.remoteAddress);
  if ('code' in visit) return { answer: throttledAnswer(visit) };
  const [, token] = bearer.exec(request.headers.authorization ?? '') ?? [];
  if (token === undefined)
    return {
      answer: problemAnswer(problem(401, 'token-missing', 'This address is read with a bearer token.'), {
        'www-authenticate': 'Bearer',
      }),
    };
  const reader = context.readers.find(token, context.now());
  if (reader === undefined)
    return {
      answer: problemAnswer(problem(401, 'token-unknown', 'The token is not known here, or has expired.'), {
        'www-authenticate': 'Bearer error="invalid_token"',
      }),
    };
  visit.spare();
  notes.reader = reader.name;
  if (reader.may(permission)) return { reader };
  return {
    answer: problemAnswer(problem(403, 'not-permitted', 'The role of this token does not have this address.'), {
      'www-authenticate': 'Bearer error="insufficient_scope"',
    }),
  };
}

export function maySee(reader: Reader, target: string): boolean {
  return reader.targets === undefined || reader.targets.has(target);
}
