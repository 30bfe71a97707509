/** Refusals of the identity half as problems: each code has its one status. */
import type { Refusal } from '../../evidence/result.ts';
import { type Answer, problem, problemAnswer } from '../answer.ts';
import { storeFailed } from '../ingest.ts';

/** Everything else is 422: said, understood, and not to be taken. */
const statuses: Readonly<Record<string, number>> = {
  'token-unknown': 401,
  'token-revoked': 403,
  'token-expired': 403,
  'token-used': 403,
  'key-unknown': 401,
  'key-pending': 403,
  'key-superseded': 403,
  'key-revoked': 403,
  'role-forbidden': 403,
  'kind-forbidden': 403,
  'key-enrolled': 409,
};

const remedies: Readonly<Record<string, string>> = {
  'token-unknown': "Ask the endpoint's operator for a token: affiant token create.",
  'token-revoked': "Ask the endpoint's operator for another token: affiant token create.",
  'token-expired': "Ask the endpoint's operator for another token: affiant token create.",
  'token-used': 'A token is for one key. Where nobody of yours used it, tell the operator at once: somebody else did.',
  'key-pending': 'The operator of the endpoint approves it: affiant key approve.',
  'key-superseded': 'Use the key that took its place; where it is lost, enrol anew with a new token.',
  'key-revoked': 'Ask the operator of the endpoint; a new key needs a new token.',
  'key-unknown': 'A person must enrol the key: affiant enroll, or affiant serve --trust-key FILE.',
};

export function refusedAnswer(refusal: Refusal): Answer {
  const { code, message, pointer } = refusal;
  if (code === 'store-failed') return storeFailed();
  if (code === 'store-contended')
    return problemAnswer(problem(503, 'store-contended', 'The endpoint is busy; nothing was kept.'), {
      'retry-after': '2',
    });
  // Handed over by another process, and the new key is not in this one's folder yet: nothing is wrong with what was sent.
  if (code === 'registrar-key-other')
    return problemAnswer(problem(503, code, 'The endpoint has not got the key for its records; nothing was kept.'), {
      'retry-after': '60',
    });
  const status = statuses[code] ?? 422;
  const detail = remedies[code] ?? refusal.remedy;
  return problemAnswer(
    problem(status, code, message.slice(0, 256), {
      ...(detail !== undefined && { detail }),
      ...(pointer !== undefined && { pointer }),
    }),
    status === 401 ? { 'www-authenticate': code === 'token-unknown' ? 'Affiant-Token' : 'Affiant-Key' } : {},
  );
}
