import assert from 'node:assert/strict';
import { createConfig, lintFromString } from '@redocly/openapi-core';
import { routes } from '../../endpoint/routes.ts';
import description from '../../schemas/generated/openapi.json' with { type: 'json' };
import { makeAgent } from './agent.ts';
import { heldToContract } from './contract.ts';
import { ask, startRunning, trusting } from './running.ts';

describe('the description of the endpoint', () => {
  it('is valid OpenAPI 3.1 by the rules of Redocly', async () => {
    const config = await createConfig({ extends: ['recommended'], rules: { 'operation-4xx-response': 'error' } });
    const found = await lintFromString({ source: JSON.stringify(description), absoluteRef: 'openapi.json', config });
    assert.deepEqual(
      found.map(({ ruleId, message, location }) => `${ruleId}: ${message} at ${location[0]?.pointer}`),
      [],
    );
  });

  it('has every address of the endpoint with its methods, and nothing else', () => {
    const described = Object.entries(description.paths).flatMap(([path, operations]) =>
      Object.keys(operations).map((method) => `${method.toUpperCase()} ${path}`),
    );
    // OpenAPI has no word for the rest of a path: {tile...} is described as {tile}.
    const served = routes.map(({ method, path }) => `${method} ${path.replace('...}', '}')}`);
    assert.deepEqual(described.toSorted(), served.toSorted());
  });

  it('is shown by the endpoint', async () => {
    const running = await startRunning(trusting(makeAgent()));
    try {
      const heard = await ask(running.endpoint, 'GET', '/v1/openapi.json');
      assert.deepEqual(JSON.parse(heard.text), description);
    } finally {
      await running.stop();
    }
  });

  it('is what answers are held to: another status, header, type or body fails', () => {
    const good = { 'content-type': 'application/json', 'x-request-id': '0f8c2f8e-3d7e-4b8f-9b6c-0a4f6f1f2e3d' };
    const body = '{"status":"ok"}';
    heldToContract('GET', '/healthz', 200, good, body);
    assert.throws(() => heldToContract('GET', '/healthz', 418, good, body), /not described/);
    assert.throws(
      () => heldToContract('GET', '/healthz', 200, { ...good, 'x-other': '1' }, body),
      /x-other is not described/,
    );
    assert.throws(
      () => heldToContract('GET', '/healthz', 200, { ...good, 'content-type': 'text/html' }, body),
      /text\/html/,
    );
    assert.throws(() => heldToContract('GET', '/healthz', 200, good, '{"status":"fine"}'), /must be equal/);
    assert.throws(
      () => heldToContract('GET', '/healthz', 503, { ...good, 'content-type': 'application/problem+json' }, '{}'),
      /retry-after/,
    );
  });
});
