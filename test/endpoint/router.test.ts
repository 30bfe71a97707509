import assert from 'node:assert/strict';
import type { Handler, Route } from '../../endpoint/call.ts';
import { makeRouter } from '../../endpoint/router.ts';

describe('router of the endpoint', () => {
  const handle: Handler = () => Promise.reject(new Error('not called'));
  const route = (method: Route['method'], path: string): Route => ({ method, path, handle });
  const find = makeRouter([
    route('GET', '/v1/targets/{id}'),
    route('GET', '/v1/targets/mine'),
    route('POST', '/v1/targets/{id}'),
    route('GET', '/tile/{rest...}'),
  ]);
  function path(method: string, asked: string): string {
    const found = find(method, asked);
    return 'answer' in found
      ? `${found.answer.status} ${found.answer.headers?.['allow'] ?? ''}`
      : `${found.path} ${JSON.stringify(found.parameters)}`;
  }

  it('finds an address by its parameters, and one that is written out before them', () => {
    assert.equal(path('GET', '/v1/targets/ab12'), '/v1/targets/{id} {"id":"ab12"}');
    assert.equal(path('HEAD', '/v1/targets/mine'), '/v1/targets/mine {}');
    assert.equal(path('GET', '/tile/0/x001/067'), '/tile/{rest...} {"rest":"0/x001/067"}');
  });

  it('says 404 where there is nothing and 405 with Allow where another method is', () => {
    for (const none of [
      '',
      '/',
      '/v1/targets',
      '/v1/targets/',
      '/v1/targets/a/b',
      '/v1/targets/a%2fb',
      '/tile',
      '/tile/',
      '/tile/0//1',
    ])
      assert.equal(path('GET', none), '404 ', none);
    assert.equal(path('DELETE', '/v1/targets/a'), '405 GET, HEAD, POST');
    assert.equal(path('POST', '/v1/targets/mine'), '405 GET, HEAD');
  });

  it('refuses two routes for one address and method', () => {
    assert.throws(() => makeRouter([route('GET', '/a'), route('GET', '/a')]), /two routes/);
  });
});
