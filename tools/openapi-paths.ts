/** Every address of the endpoint with its answers, for openapi.ts. */
import { attestationKinds } from '../evidence/attestation.ts';
import type { Schema } from './generate.ts';
import { answers, digest, integer, json, plainString, ref, target, text } from './openapi-answers.ts';

const posting = [400, 401, 403, 404, 408, 409, 413, 415, 417, 422, 424, 429, 500, 503];
const reading = [400, 401, 403, 404, 429, 500, 503];
const open = [400, 404, 500, 503];

function parameter(
  name: string,
  where: 'path' | 'query' | 'header',
  schema: Schema,
  description: string,
  required = where === 'path',
): Schema {
  return { name, in: where, required, description, schema };
}
const limit = parameter(
  'limit',
  'query',
  { type: 'integer', minimum: 1, maximum: 1000, default: 100 },
  'Entries at most.',
);
const after = (schema: Schema): Schema => parameter('after', 'query', schema, 'What an earlier answer gave as next.');
const from = parameter('from', 'query', { type: 'string', format: 'date-time' }, 'Arrived then or later.');
const to = parameter('to', 'query', { type: 'string', format: 'date-time' }, 'Arrived before.');

function get(
  operationId: string,
  summary: string,
  good: Schema,
  more: Schema = {},
  statuses: readonly number[] = reading,
): Schema {
  const { security = [{ reader: [] }], ...rest } = more;
  return { operationId, summary, security, responses: answers(good, ...statuses), ...rest };
}
function post(
  operationId: string,
  summary: string,
  media: readonly [string, Schema],
  good: Schema,
  more: Schema = {},
): Schema {
  const [type, schema] = media;
  return {
    operationId,
    summary,
    security: [],
    requestBody: { required: true, ...json(schema, type) },
    responses: answers(good, ...posting),
    ...more,
  };
}

const receipt = json(ref('urn:affiant:schema:receipt:1'), 'application/vnd.affiant.receipt.v1+json');
const receiptHeaders = { 'Affiant-Public-Key': { required: true, ...plainString }, 'Affiant-Labels': plainString };
const records = {
  ...json(ref('urn:affiant:schema:records:1'), 'application/vnd.affiant.records.v1+json'),
  headers: { 'Affiant-Labels': plainString },
};
const attestation = json(ref('urn:affiant:schema:signed:1'), 'application/vnd.affiant.attestation.v1+json');
const ok = {
  content: {
    'application/json': { schema: { type: 'object', required: ['status'], properties: { status: { const: 'ok' } } } },
  },
};
const anyBytes = { type: 'string' };

export const openApiPaths: Schema = {
  '/v1/bundles': {
    post: post(
      'postBundle',
      'Take a bundle.',
      ['application/vnd.affiant.pack.v1+json', anyBytes],
      { 201: { ...receipt, headers: receiptHeaders }, 200: { ...receipt, headers: receiptHeaders } },
      {
        security: [{}, { reader: [] }],
        parameters: [
          parameter('Affiant-Key', 'header', digest, 'The id of the signing key.', true),
          parameter('Affiant-Bundle', 'header', digest, 'The bundle digest.'),
          parameter('Content-Encoding', 'header', { const: 'zstd' }, 'The body is compressed.', true),
          parameter(
            'Affiant-Note',
            'header',
            { type: 'string', maxLength: 600 },
            'Where a pack that is brought was collected, percent-encoded.',
          ),
        ],
      },
    ),
    get: get(
      'listBundles',
      'Kept bundles of all servers that the token may see, in the order of the log.',
      { 200: json(ref('urn:affiant:schema:bundles:1')) },
      { parameters: [after(integer), from, to, limit] },
    ),
  },
  '/v1/bundles/{keyId}/{digest}': {
    get: get(
      'getPack',
      'A pack with its receipt, as far as its documents are kept.',
      {
        200: {
          ...json(ref('urn:affiant:schema:pack:1'), 'application/vnd.affiant.pack.v1+json'),
          headers: {
            'Affiant-Public-Key': { required: true, ...plainString },
            Vary: plainString,
            'Content-Encoding': plainString,
          },
        },
      },
      {
        parameters: [
          parameter('keyId', 'path', digest, 'The signing key.'),
          parameter('digest', 'path', digest, 'The bundle digest.'),
        ],
      },
    ),
  },
  '/v1/targets': {
    get: get(
      'listTargets',
      'Servers, with the state of their reporting.',
      { 200: json(ref('urn:affiant:schema:targets:1')) },
      { parameters: [after(target), limit] },
    ),
  },
  '/v1/targets/{id}': {
    get: get(
      'getTarget',
      'One server.',
      { 200: json(ref('urn:affiant:schema:targets:1#/$defs/target')) },
      { parameters: [parameter('id', 'path', target, 'The server.')] },
    ),
  },
  '/v1/targets/{id}/bundles': {
    get: get(
      'listBundlesOfTarget',
      'Kept bundles of one server, in the order of the log.',
      { 200: json(ref('urn:affiant:schema:bundles:1')) },
      { parameters: [parameter('id', 'path', target, 'The server.'), after(integer), from, to, limit] },
    ),
  },
  '/v1/reads': {
    get: get(
      'listReads',
      'The audit trail of readers.',
      { 200: json(ref('urn:affiant:schema:reads:1')) },
      { parameters: [after(integer), limit] },
    ),
  },
  '/v1/webhooks/dead': {
    get: get(
      'listDeadLetters',
      'Messages that no webhook took.',
      { 200: json(ref('urn:affiant:schema:dead-letters:1')) },
      { parameters: [after(integer), limit] },
    ),
  },
  '/v1/records': {
    get: get(
      'listRecords',
      'Records of keys and of what was erased, by their numbers.',
      { 200: records },
      {
        parameters: [parameter('from', 'query', integer, 'The number of the first.'), limit],
      },
    ),
  },
  '/v1/keys/{id}': {
    get: get(
      'getKey',
      'A key with the records that speak of it.',
      { 200: json(ref('urn:affiant:schema:key-state:1')) },
      {
        parameters: [parameter('id', 'path', digest, 'The key.')],
      },
    ),
  },
  '/v1/attestations/{digest}': {
    get: get(
      'getAttestation',
      'A statement of a person.',
      { 200: attestation },
      {
        parameters: [parameter('digest', 'path', digest, 'The bundle digest.')],
      },
    ),
  },
  '/v1/log/tile/{tile}': {
    get: get(
      'getTile',
      'A tile of the log (https://c2sp.org/tlog-tiles).',
      {
        200: { content: { 'application/octet-stream': { schema: { type: 'string' } } } },
      },
      { parameters: [parameter('tile', 'path', { type: 'string' }, 'Level and number, or entries.')] },
    ),
  },
  '/v1/enrolments': {
    post: post(
      'postEnrolment',
      'Enrol a key with a one-use token.',
      ['application/vnd.affiant.enrolment.v1+json', ref('urn:affiant:schema:enrolment:1')],
      { 201: records, 200: records, 202: records },
    ),
  },
  '/v1/rotations': {
    post: post(
      'postRotation',
      'Hand over from a key to the next.',
      ['application/vnd.affiant.rotation.v1+json', ref('urn:affiant:schema:signed:1')],
      { 201: records, 200: records, 202: records },
    ),
  },
  '/v1/attestations': {
    get: get(
      'listAttestations',
      'Statements of persons, in the order of the log.',
      { 200: json(ref('urn:affiant:schema:attestations:1')) },
      {
        parameters: [
          parameter('target', 'query', target, 'Those that speak of this server.'),
          parameter('kind', 'query', { type: 'string', enum: attestationKinds }, 'Those of this kind.'),
          after(integer),
          limit,
        ],
      },
    ),
    post: post(
      'postAttestation',
      'Take a statement of a person.',
      ['application/vnd.affiant.attestation.v1+json', ref('urn:affiant:schema:signed:1')],
      { 201: attestation, 200: attestation },
    ),
  },
  '/v1/log': {
    get: get(
      'getLog',
      "The log's public key and newest checkpoint.",
      {
        200: json({
          type: 'object',
          additionalProperties: false,
          required: ['verifierKey', 'checkpoint'],
          properties: { verifierKey: { type: 'string' }, checkpoint: { type: 'string' } },
        }),
      },
      { security: [] },
      open,
    ),
  },
  '/v1/log/checkpoint': {
    get: get(
      'getCheckpoint',
      'The newest checkpoint as it is signed.',
      { 200: text('A signed note.', 'text/plain') },
      { security: [] },
      open,
    ),
  },
  '/v1/log/consistency': {
    get: get(
      'getConsistency',
      'That a tree continues a smaller one.',
      {
        200: json({
          type: 'object',
          additionalProperties: false,
          required: ['from', 'to', 'hashes'],
          properties: { from: integer, to: integer, hashes: { type: 'array', items: { type: 'string' } } },
        }),
      },
      {
        security: [],
        parameters: [
          parameter('from', 'query', { type: 'integer', minimum: 1 }, 'The smaller size.', true),
          parameter('to', 'query', { type: 'integer', minimum: 1 }, 'The larger size.', true),
        ],
      },
      open,
    ),
  },
  '/v1/openapi.json': {
    get: get('getDescription', 'This description.', { 200: json({ type: 'object' }) }, { security: [] }, open),
  },
  '/metrics': { get: get('getMetrics', 'Metrics for Prometheus.', { 200: text('The text format.', 'text/plain') }) },
  '/healthz': { get: get('getHealth', 'Whether the store can be read.', { 200: ok }, { security: [] }, open) },
  '/readyz': { get: get('getReadiness', 'Whether it takes bundles.', { 200: ok }, { security: [] }, open) },
};
