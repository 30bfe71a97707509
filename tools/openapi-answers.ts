/** Answers of the endpoint with their headers, for openapi-paths.ts. */
import type { Schema } from './generate.ts';

const problem = ref('urn:affiant:schema:problem:1');
export const target = { type: 'string', pattern: '^[0-9a-f]{32}$' };
export const digest = { type: 'string', pattern: '^[0-9a-f]{64}$' };
export const integer = { type: 'integer', minimum: 0 };

export function ref(id: string): Schema {
  return { $ref: id };
}
export function json(schema: Schema, type = 'application/json'): Schema {
  return { content: { [type]: { schema } } };
}
export function text(description: string, type: string): Schema {
  return { description, content: { [type]: { schema: { type: 'string' } } } };
}

const seconds = { description: 'Seconds.', schema: { type: 'string', pattern: '^[0-9]+$' } };
export const plainString = { schema: { type: 'string' } };
const problems: Readonly<Record<number, { readonly description: string; readonly headers?: Schema }>> = {
  400: { description: 'Not what the contract says.' },
  401: {
    description: 'The key or the token is missing or unknown.',
    headers: { 'WWW-Authenticate': { required: true, ...plainString } },
  },
  403: { description: 'The key or the token may not do this.', headers: { 'WWW-Authenticate': plainString } },
  404: { description: 'Nothing here, or nothing for this token.' },
  405: { description: 'Another method.', headers: { Allow: { required: true, ...plainString } } },
  408: { description: 'The body stopped coming.' },
  409: {
    description: 'Another one stands there; of bundles both are kept.',
    headers: { 'Affiant-Public-Key': plainString },
  },
  413: { description: 'Too large; signed where the bundle was named.' },
  415: {
    description: 'Another form of body.',
    headers: { 'Accept-Post': plainString, 'Accept-Encoding': plainString },
  },
  417: { description: 'An expectation that cannot be met.' },
  422: { description: 'Will never be taken; signed where the key signed the bundle.' },
  424: { description: 'Documents are missing.' },
  429: { description: 'Later: too much at once.', headers: { 'Retry-After': { required: true, ...seconds } } },
  500: { description: 'A fault of the program; nothing was kept.' },
  503: {
    description: 'Later: the store does not answer, or the endpoint is ending.',
    headers: { 'Retry-After': { required: true, ...seconds } },
  },
};
const requestId = {
  'X-Request-Id': { description: 'Names the request in the log.', schema: { type: 'string', format: 'uuid' } },
};

export function answers(good: Schema, ...statuses: readonly number[]): Schema {
  const responses: Schema = {};
  for (const [status, response] of Object.entries(good)) {
    const { headers, ...rest } = response as Schema;
    responses[status] = {
      description: 'Done.',
      ...rest,
      headers: { ...requestId, ...(headers as Schema | undefined) },
    };
  }
  for (const status of statuses) {
    const { description, headers } = problems[status] ?? { description: 'A problem.' };
    responses[String(status)] = {
      description,
      headers: { ...requestId, ...headers },
      ...json(problem, 'application/problem+json'),
    };
  }
  return responses;
}
