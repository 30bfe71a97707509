import assert from 'node:assert/strict';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { acknowledge, acknowledged, forgetAcknowledged } from '../../../agent/spool/acknowledged.ts';
import { lastCheckpoint, pinLogKey, pinnedLogKey, rememberCheckpoint } from '../../../agent/spool/checkpoint-memory.ts';
import { append, type NextLink } from '../../../agent/spool/spool.ts';
import type { State } from '../../../agent/spool/state.ts';
import { loadOrCreateTarget, rememberTarget } from '../../../agent/spool/target-id.ts';
import type { Signer } from '../../../evidence/signing-key.ts';
import { must, ready, refusalOf, sampleDocuments, scratchFolder, signFor } from './bundles.ts';

describe('what the agent remembers', () => {
  let home: string;
  let state: State;
  let signer: Signer;
  beforeEach(() => {
    home = scratchFolder();
    ({ state, signer } = ready(join(home, 'state')));
  });
  afterEach(() => {
    rmSync(home, { recursive: true });
  });
  const write = (name: string, text: string): void => writeFileSync(join(state.folder, name), text);

  function nextLink(): NextLink {
    const links: NextLink[] = [];
    must(
      append(state, (link) => {
        links.push(link);
        return signFor(signer, link, sampleDocuments('x'));
      }),
    );
    const [link] = links;
    assert.ok(link !== undefined);
    return link;
  }

  describe('of documents that the endpoint has', () => {
    const by = { endpoint: 'https://evidence.example.org', keyId: 'k1' };

    it('holds for the endpoint and the key that it was said to, and for no other', () => {
      must(acknowledge(state, by, ['a', 'b']));
      assert.deepEqual([...must(acknowledged(state, by))], ['a', 'b']);
      assert.equal(must(acknowledged(state, { ...by, keyId: 'k2' })).size, 0);
      assert.equal(must(acknowledged(state, { ...by, endpoint: 'https://other.example.org' })).size, 0);
    });

    it('is bounded to the newest bundles', () => {
      for (let count = 0; count < 30; count += 1) must(acknowledge(state, by, ['always', `only-${count}`]));
      const digests = must(acknowledged(state, by));
      assert.ok(digests.has('always') && digests.has('only-29') && !digests.has('only-0'));
      assert.ok(digests.size < 12);
    });

    it('forgets what the endpoint says it lacks', () => {
      must(acknowledge(state, by, ['a', 'b']));
      must(acknowledge(state, by, ['a', 'c']));
      must(forgetAcknowledged(state, by, ['a']));
      assert.deepEqual([...must(acknowledged(state, by))], ['b', 'c']);
    });

    it('counts as nothing where its file is damaged: then all is sent', () => {
      for (const text of [
        '',
        '[',
        '{"bundles":5}',
        '{"endpoint":"https://evidence.example.org","keyId":"k1","bundles":[5,["a",7]]}',
      ]) {
        write('post/acknowledged.json', text);
        assert.ok(!must(acknowledged(state, by)).has('7'));
      }
    });
  });

  describe('of checkpoints', () => {
    const root = '47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=';
    const other = 'a1DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=';
    const checkpoint = { origin: 'log.affiant.test', size: 12, root, note: 'the signed note' };

    it('stands in the next statement, the newest only', () => {
      assert.equal(nextLink().checkpoint, undefined);
      must(rememberCheckpoint(state, checkpoint));
      must(rememberCheckpoint(state, { ...checkpoint, size: 15 }));
      must(rememberCheckpoint(state, { ...checkpoint, size: 3, root: other }));
      assert.deepEqual(nextLink().checkpoint, { origin: 'log.affiant.test', size: 15, root });
      assert.equal(must(lastCheckpoint(state, 'log.affiant.test'))?.note, 'the signed note');
    });

    it('is kept for each origin', () => {
      must(rememberCheckpoint(state, checkpoint));
      must(rememberCheckpoint(state, { ...checkpoint, origin: 'other.test', size: 1 }));
      assert.equal(must(lastCheckpoint(state, 'log.affiant.test'))?.size, 12);
      assert.equal(nextLink().checkpoint?.origin, 'other.test');
    });

    it('refuses a log that shows two roots for one size, and the next statement says so', () => {
      must(rememberCheckpoint(state, checkpoint));
      must(rememberCheckpoint(state, checkpoint));
      const refusal = refusalOf(rememberCheckpoint(state, { ...checkpoint, root: other }));
      assert.equal(refusal.code, 'log-diverged');
      assert.equal(must(lastCheckpoint(state, 'log.affiant.test'))?.root, root);
      assert.deepEqual(
        nextLink().incidents.map(({ kind }) => kind),
        ['log-diverged'],
      );
    });
  });

  describe('of log keys', () => {
    const url = 'https://evidence.example.org';

    it('trusts the first key of an endpoint and refuses any other', () => {
      must(pinLogKey(state, url, 'log+00000000+AAAA'));
      must(pinLogKey(state, url, 'log+00000000+AAAA'));
      const refusal = refusalOf(pinLogKey(state, url, 'log+00000000+BBBB'));
      assert.equal(refusal.code, 'log-key-changed');
      assert.match(refusal.remedy ?? '', /log\.vkey/);
      assert.equal(must(pinnedLogKey(state, url)), 'log+00000000+AAAA');
      must(pinLogKey(state, 'http://127.0.0.1:8620', 'log+00000000+BBBB'));
      assert.equal(must(pinnedLogKey(state, url)), 'log+00000000+AAAA');
    });

    it('does not take a damaged file for no pin at all', () => {
      must(pinLogKey(state, url, 'log+00000000+AAAA'));
      write('post/log.vkey', readFileSync(join(state.folder, 'post/log.vkey'), 'utf8').replace(' ', ''));
      assert.equal(refusalOf(pinLogKey(state, url, 'log+00000000+BBBB')).code, 'log-key-damaged');
      assert.equal(refusalOf(pinnedLogKey(state, url)).code, 'log-key-damaged');
    });

    it('takes one word as a key, so that nothing can add a line', () => {
      assert.equal(refusalOf(pinLogKey(state, url, 'a\nhttps://x b')).code, 'log-key-invalid');
    });
  });

  describe('of the server itself', () => {
    it('is one random id, made once', () => {
      const { id } = must(loadOrCreateTarget(state));
      assert.match(id, /^[0-9a-f]{32}$/);
      assert.deepEqual(must(loadOrCreateTarget(state)), { id });
      const last = { id: '6f1e0d2c3b4a59687786a5b4c3d2e1f0', basis: 'machine-id' } as const;
      must(rememberTarget(state, last));
      assert.deepEqual(must(loadOrCreateTarget(state)), { id, last });
    });

    it('is not made anew where its file is damaged: that would be another server', () => {
      must(loadOrCreateTarget(state));
      write('target.json', '{"id":"');
      assert.equal(refusalOf(loadOrCreateTarget(state)).code, 'target-damaged');
    });
  });
});
