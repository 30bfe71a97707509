import assert from 'node:assert/strict';
import type { Reply } from '../../../agent/post/transport.ts';
import { type Expected, judgeReply, type Verdict } from '../../../agent/post/verdict.ts';
import { leafHash, rootHash } from '../../../evidence/merkle.ts';
import { logLeaf, makeReceipt } from '../../../evidence/receipt.ts';
import type { VerificationKey } from '../../../evidence/signing-key.ts';
import { makeAgent } from '../../endpoint/agent.ts';
import { sampleLog } from '../../evidence/sample.ts';

describe('verdict on an answer', () => {
  const log = sampleLog();
  const agent = makeAgent();
  const stranger = makeAgent();
  const { bundle, digest } = agent.make();

  /** A receipt whose leaf says that `key` signed. */
  function receiptFor(key: VerificationKey): object {
    const leaf = leafHash(logLeaf(bundle, key));
    return makeReceipt({
      index: 0,
      size: 1,
      hashes: [],
      checkpoint: log.signer.signCheckpoint(1, rootHash([leaf])),
      logKey: log.signer.verifierKey,
    });
  }
  function judge(key: VerificationKey | undefined, shown: VerificationKey, logged: VerificationKey): Verdict['kind'] {
    const header = shown.publicKey.export({ type: 'spki', format: 'der' }).toString('base64');
    const reply: Reply = {
      status: 201,
      headers: { 'content-type': 'application/vnd.affiant.receipt.v1+json', 'affiant-public-key': header },
      body: Buffer.from(JSON.stringify(receiptFor(logged))),
    };
    const expected: Expected = { digest, bundle, keyId: agent.key.keyId, key, log: log.verifier };
    return judgeReply(reply, expected).kind;
  }

  it('takes the public key from the endpoint only if its digest is the id that signed', () => {
    assert.equal(judge(undefined, agent.key, agent.key), 'receipt');
    assert.equal(judge(undefined, stranger.key, stranger.key), 'receipt-refused');
    assert.equal(judge(undefined, stranger.key, agent.key), 'receipt-refused');
  });

  it('takes the key that it knows over the one that the endpoint shows', () => {
    assert.equal(judge(agent.key, stranger.key, agent.key), 'receipt');
    assert.equal(judge(agent.key, stranger.key, stranger.key), 'receipt-refused');
  });

  it('needs no answer to be well-formed to know it for a redirect or a busy endpoint', () => {
    const expected: Expected = { digest, bundle, keyId: agent.key.keyId, key: agent.key, log: log.verifier };
    for (const status of [429, 503, 500, 408])
      assert.equal(judgeReply({ status, headers: {}, body: Buffer.from('<') }, expected).kind, 'later');
    const redirect = judgeReply(
      { status: 302, headers: { location: 'https://evil.example' }, body: Buffer.alloc(0) },
      expected,
    );
    assert.ok(redirect.kind === 'not-understood');
    assert.match(redirect.message, /redirects are not followed/);
    assert.ok(!redirect.message.includes('evil'));
  });
});
