import assert from 'node:assert/strict';
import { openCheckpoint } from '../../evidence/checkpoint.ts';
import { isSignedRejection, signRejection } from '../../evidence/rejection.ts';
import type { Problem } from '../../schemas/generated/types.ts';
import { problem as isProblem } from '../../schemas/generated/validators.js';
import { codeOf, sampleLog } from './sample.ts';

describe('signed rejection', () => {
  const { signer, verifier } = sampleLog();
  const rejection: Problem = {
    type: 'urn:affiant:problem:schema-violation',
    title: 'The pack is not valid.',
    status: 422,
    pointer: '/value',
    bundle: 'ab'.repeat(32),
  };

  it('is a problem of the schema that verifies with the log key, in whatever order its members come', () => {
    const signed = signRejection(rejection, signer);
    assert.ok(isProblem(signed));
    assert.ok(isSignedRejection(signed, verifier));
    assert.ok(
      isSignedRejection(
        JSON.parse(JSON.stringify(Object.fromEntries(Object.entries(signed).toReversed()))) as Problem,
        verifier,
      ),
    );
  });

  it('does not verify with another key, without a signature, or after any member was changed, added or taken away', () => {
    const signed = signRejection(rejection, signer);
    assert.ok(!isSignedRejection(signed, sampleLog().verifier));
    assert.ok(!isSignedRejection(rejection, verifier));
    const { pointer: _, ...less } = signed;
    const others = [
      less,
      { ...signed, detail: 'more' },
      { ...signed, status: 413 },
      { ...signed, bundle: 'cd'.repeat(32) },
    ];
    for (const other of others) assert.ok(!isSignedRejection(other, verifier));
    for (const signature of ['', 'AAAA', 'not base64', `${signed.signature}=`])
      assert.ok(!isSignedRejection({ ...signed, signature }, verifier), signature);
  });

  it('can never pass for a checkpoint, nor a checkpoint for it', () => {
    const signature = Buffer.from(signer.signText('affiant rejection 1\n{}')).toString('base64');
    const note = `affiant rejection 1\n{}\n\n\u2014 ${signer.origin} ${signature}\n`;
    assert.match(codeOf(openCheckpoint(note, verifier)), /checkpoint|note/);
    const checkpoint = signer.signCheckpoint(0, new Uint8Array(32));
    const [, encoded = ''] = /\u2014 \S+ (\S+)\n$/.exec(checkpoint) ?? [];
    const bare = Buffer.from(encoded, 'base64').subarray(4).toString('base64');
    assert.ok(!isSignedRejection({ ...rejection, signature: bare }, verifier));
  });
});
