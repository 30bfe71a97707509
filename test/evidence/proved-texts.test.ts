/** What is remembered of signatures over a text that many packs quote: it saves the work, and no check. */
import assert from 'node:assert/strict';
import type { LogVerifier } from '../../evidence/checkpoint.ts';
import { provedTexts } from '../../evidence/proved-texts.ts';
import { verifyReceipt } from '../../evidence/receipt.ts';
import { ok, type Result, refuse } from '../../evidence/result.ts';
import type { Receipt } from '../../schemas/generated/types.ts';
import { codeOf, sampleLog, samplePack, valueOf, withReceipt } from './sample.ts';

describe('a text that was proved before', () => {
  const log = sampleLog();
  const { parts, key } = withReceipt(samplePack(), log);
  const receipt = parts.receipt as Receipt;
  /** The log, and how often its signature was verified. */
  const counted = (): LogVerifier & { times(): number } => {
    let times = 0;
    return {
      ...log.verifier,
      times: () => times,
      isSigned(text, signature) {
        times += 1;
        return log.verifier.isSigned(text, signature);
      },
    };
  };

  it('has the signature of a checkpoint verified once for all receipts that quote it', () => {
    const verifier = counted();
    for (let at = 0; at < 3; at += 1) valueOf(verifyReceipt(receipt, parts.bundle, key, verifier));
    assert.equal(verifier.times(), 1);
    const another = counted();
    valueOf(verifyReceipt(receipt, parts.bundle, key, another));
    assert.equal(another.times(), 1);
  });

  it('still proves of each receipt that it speaks of this checkpoint, and that the bundle stands in it', () => {
    const verifier = counted();
    valueOf(verifyReceipt(receipt, parts.bundle, key, verifier));
    const verified = (changed: Partial<Receipt>): string =>
      codeOf(verifyReceipt({ ...receipt, ...changed }, parts.bundle, key, verifier));
    assert.equal(verified({ treeSize: receipt.treeSize + 1 }), 'receipt-invalid');
    assert.equal(verified({ logIndex: receipt.logIndex === 0 ? 1 : receipt.logIndex - 1 }), 'receipt-not-included');
    assert.equal(codeOf(verifyReceipt(receipt, samplePack().parts.bundle, key, verifier)), 'receipt-not-included');
    assert.equal(verifier.times(), 1);
  });

  it('is another text with any character changed, and is refused each time', () => {
    const verifier = counted();
    valueOf(verifyReceipt(receipt, parts.bundle, key, verifier));
    const at = receipt.checkpoint.lastIndexOf('=');
    const digit = receipt.checkpoint[at - 2] === 'A' ? 'B' : 'A';
    const checkpoint = receipt.checkpoint.slice(0, at - 2) + digit + receipt.checkpoint.slice(at - 1);
    for (let time = 0; time < 2; time += 1)
      assert.match(codeOf(verifyReceipt({ ...receipt, checkpoint }, parts.bundle, key, verifier)), /note|checkpoint/);
    const twice = receipt.checkpoint + receipt.checkpoint.split('\n\n')[1];
    for (let time = 0; time < 2; time += 1)
      assert.equal(
        codeOf(verifyReceipt({ ...receipt, checkpoint: twice }, parts.bundle, key, verifier)),
        'receipt-invalid',
      );
  });

  it('is let go when there are newer ones, and never a refusal', () => {
    const remember = provedTexts<string>(2);
    const owner = {};
    const asked: string[] = [];
    const prove = (text: string): Result<string> =>
      remember(owner, text, () => {
        asked.push(text);
        return text === 'wrong' ? refuse('wrong', 'wrong') : ok(text);
      });
    for (const text of ['a', 'b', 'wrong', 'a', 'c', 'b', 'wrong', 'a']) prove(text);
    assert.deepEqual(asked, ['a', 'b', 'wrong', 'c', 'wrong', 'a']);
  });
});
