import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import type { Result } from '../../evidence/result.ts';
import { type Stamped, stampAuthorities, timestampQuery, verifyTimestamp } from '../../evidence/timestamp.ts';
import { codeOf, valueOf } from './sample.ts';
import { policy, startTsa, type Tsa } from './tsa.ts';

describe('time stamps of RFC 3161, by openssl', function () {
  this.timeout(60_000);
  const data = Buffer.from('log.affiant.example\n3\nroot\n\n— signature\n');
  const nonce = Buffer.concat([Buffer.of(0xf0), randomBytes(7)]);
  let tsa: Tsa;
  before(async () => {
    tsa = await startTsa();
  });
  after(() => tsa.close());

  const judge = (response: Uint8Array, more: object = {}): Result<Stamped> =>
    verifyTimestamp(response, data, { authorities: valueOf(stampAuthorities(tsa.ca)), nonce, policy, ...more });

  it('are proved: time, policy, authority, with keys of ECDSA and of RSA', () => {
    for (const name of ['signer', 'rsa'] as const) {
      tsa.use(name);
      const stamped = valueOf(judge(tsa.reply(timestampQuery(data, nonce))));
      assert.ok(Math.abs(Date.parse(stamped.at) - Date.now()) < 60_000);
      assert.deepEqual([stamped.policy, stamped.authority], [policy, `CN=Test TSA ${name}`]);
    }
    tsa.use('signer');
  });

  it('are refused over other data, for another query, of another policy, and by an authority that nobody trusts', async () => {
    const reply = tsa.reply(timestampQuery(data, nonce));
    assert.equal(
      codeOf(verifyTimestamp(reply, Buffer.from('other'), { authorities: valueOf(stampAuthorities(tsa.ca)) })),
      'timestamp-invalid',
    );
    assert.equal(codeOf(judge(reply, { nonce: randomBytes(8) })), 'timestamp-invalid');
    assert.equal(codeOf(judge(reply, { policy: '1.2.3' })), 'timestamp-invalid');
    const other = await startTsa();
    assert.equal(codeOf(judge(reply, { authorities: valueOf(stampAuthorities(other.ca)) })), 'timestamp-untrusted');
    await other.close();
    assert.equal(codeOf(stampAuthorities('no certificate')), 'timestamp-ca-invalid');
  });

  it('are refused where the query was refused', () => {
    const query = Buffer.from(timestampQuery(data, nonce));
    // Another digest algorithm than any that the authority knows.
    query[query.indexOf(Buffer.from('608648016503040201', 'hex')) + 8] = 0x7f;
    assert.equal(codeOf(judge(tsa.reply(query))), 'timestamp-invalid');
  });

  it('are refused by certificates for another purpose too, or not for this alone and critically', () => {
    for (const name of ['not-critical', 'two-purposes'] as const) {
      tsa.use(name);
      try {
        const reply = tsa.reply(timestampQuery(data, nonce));
        assert.equal(codeOf(judge(reply)), 'timestamp-invalid', name);
      } catch (error) {
        // openssl itself may refuse to sign with such a certificate.
        assert.match(String(error), /Command failed/);
      }
    }
    tsa.use('signer');
  });

  it('are refused or say the same with a byte changed, and are refused when cut or with bytes behind them', () => {
    const reply = tsa.reply(timestampQuery(data, nonce));
    // A step that is prime to the length of most fields, so that each kind of byte is hit.
    for (let index = 0; index < reply.length; index += 7) {
      const changed = Uint8Array.from(reply);
      changed[index] = (changed[index] ?? 0) ^ 1;
      const result = judge(changed);
      // What nothing depends on (the text of a status, a name that is not compared) may be otherwise; time and data never.
      if (result.ok) assert.deepEqual(result, judge(reply), `byte ${index}`);
    }
    for (const length of [0, 1, 20, reply.length - 1]) assert.ok(!judge(reply.subarray(0, length)).ok);
    assert.ok(!judge(Buffer.concat([reply, Buffer.of(0)])).ok);
  });
});
