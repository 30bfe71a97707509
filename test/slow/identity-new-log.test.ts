/** What an operator does when the log's key must not sign any more: a new log beside the old one, by real processes over TLS. */
import assert from 'node:assert/strict';
import { appendFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeScene, type Ran, type Scene } from './identity-scene.ts';

describe('a new log in the place of one whose key is lost', function () {
  this.timeout(300_000);
  let scene: Scene;
  before(async () => {
    scene = await makeScene();
    await scene.serve();
  });
  after(() => scene?.remove());

  const done = (ran: Ran): string => {
    assert.equal(ran.code, 0, ran.out + ran.err);
    return ran.out;
  };

  it('takes nobody in silently: agents keep what they have until they were enrolled there, and old receipts stay good', async () => {
    done(scene.server('web1', 'enroll', '--token-file', scene.token()));
    done(scene.server('web1', 'collect', '--only', 'host'));
    done(scene.server('web1', 'post'));
    const [first = ''] = scene.packsOf('web1');
    await scene.stopServing();
    const old = join(scene.folder, 'old-endpoint');
    renameSync(scene.endpointState, old);
    appendFileSync(scene.config, '  origin: second.log.example\n');
    await scene.serve();
    done(scene.server('web1', 'collect', '--only', 'host'));
    const kept = scene.server('web1', 'post');
    assert.equal(kept.code, 4, kept.out);
    assert.match(kept.out, /kept[\s\S]*does not know/);
    const token = scene.token();
    const early = scene.server('web1', 'enroll', '--token-file', token);
    assert.equal(early.code, 1, early.out);
    assert.match(early.err, /its secret was not sent[\s\S]*whether the log was replaced; if so, remove the line/);
    const tokens = JSON.parse(scene.operator('token', 'list', '--format', 'json').out) as { state: string }[];
    assert.deepEqual(
      tokens.map(({ state }) => state),
      ['open'],
      'the token is still there to be used',
    );
    // What a person decides.
    rmSync(join(scene.stateOf('web1'), 'post', 'log.vkey'));
    done(scene.server('web1', 'enroll', '--token-file', token));
    assert.match(done(scene.server('web1', 'post')), /receipt verified/);
    const second = scene.packsOf('web1').find((one) => one !== first) ?? assert.fail('no second receipt');
    const key = join(scene.folder, 'web1.pem');
    writeFileSync(key, done(scene.server('web1', 'key', 'show')));
    const verify = (pack: string, endpoint: string): Ran =>
      scene.plain(
        'verify',
        join(scene.stateOf('web1'), 'packs', pack),
        '--key',
        key,
        '--log-key',
        join(endpoint, 'endpoint', 'log.vkey'),
      );
    done(verify(first, old));
    done(verify(second, scene.endpointState));
    const crossed = verify(first, scene.endpointState);
    assert.equal(crossed.code, 1);
    assert.match(crossed.out, /receipt-other-log/);
  });
});
