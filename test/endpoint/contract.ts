/** Holds an answer to schemas/generated/openapi.json: its status, its headers, its body. */
import assert from 'node:assert/strict';
import type { IncomingHttpHeaders } from 'node:http';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { makeRouter } from '../../endpoint/router.ts';
import { routes } from '../../endpoint/routes.ts';
import description from '../../schemas/generated/openapi.json' with { type: 'json' };

type Described = {
  readonly headers?: Record<string, { required?: boolean; schema?: object }>;
  readonly content?: Record<string, object>;
};
type Operations = Record<string, { readonly responses: Record<string, Described> } | undefined>;

const paths = description.paths as unknown as Record<string, Operations | undefined>;
const ajv = new Ajv2020({ strict: false, validateFormats: true });
addFormats.default(ajv);
ajv.addSchema(description, 'openapi');
const compiled = new Map<string, ValidateFunction>();
const find = makeRouter(routes);
/** Those of HTTP itself, and those that every answer has. */
const always: ReadonlySet<string> = new Set([
  'date',
  'connection',
  'keep-alive',
  'content-length',
  'content-type',
  'cache-control',
  'x-content-type-options',
  'transfer-encoding',
]);

export function heldToContract(
  method: string,
  url: string,
  status: number,
  headers: IncomingHttpHeaders,
  body: string,
): void {
  const [path = ''] = url.split('?', 1);
  const found = find(method, path);
  if ('answer' in found) {
    assert.ok([found.answer.status, 417].includes(status), `${method} ${path}: ${status}`);
    return;
  }
  const verb = method === 'HEAD' ? 'get' : method.toLowerCase();
  const where = `${method} ${found.path} ${status}`;
  const template = found.path.replace('...}', '}');
  const described = paths[template]?.[verb]?.responses[String(status)];
  assert.ok(described !== undefined, `${where} is not described`);
  const names = new Map(Object.entries(described.headers ?? {}).map(([name, header]) => [name.toLowerCase(), header]));
  for (const name of Object.keys(headers))
    assert.ok(always.has(name) || names.has(name), `${where}: the header ${name} is not described`);
  for (const [name, { required }] of names)
    assert.ok(required !== true || headers[name] !== undefined, `${where}: no header ${name}`);
  const type = String(headers['content-type']).split(';', 1)[0] ?? '';
  assert.ok(Object.hasOwn(described.content ?? {}, type), `${where}: ${type} is not described`);
  if (method === 'HEAD' || !type.endsWith('json') || headers['content-encoding'] !== undefined) return;
  const pointer = ['paths', template, verb, 'responses', String(status), 'content', type, 'schema']
    .map((part) => part.replaceAll('~', '~0').replaceAll('/', '~1'))
    .join('/');
  const validate = compiled.get(pointer) ?? ajv.compile({ $ref: `openapi#/${encodeURI(pointer)}` });
  compiled.set(pointer, validate);
  assert.ok(validate(JSON.parse(body)), `${where}: ${ajv.errorsText(validate.errors)}: ${body.slice(0, 300)}`);
}
