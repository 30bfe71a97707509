/** `affiant verify` and the audit, as processes, over time stamps of a real authority (openssl) and several checkpoints of a log. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { timestampQuery } from '../../../evidence/timestamp.ts';
import { type LoggedPacks, loggedPacks } from '../../evidence/logged-packs.ts';
import { startTsa, type Tsa } from '../../evidence/tsa.ts';
import { affiant, type Ran } from './run-cli.ts';

describe('affiant verify, on time stamps and on the log between packs', function () {
  this.timeout(60_000);
  let folder = '';
  let tsa: Tsa;
  let logged: LoggedPacks;
  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'affiant-verify-log-'));
    tsa = await startTsa();
    logged = loggedPacks([3, 7], (note) => tsa.reply(timestampQuery(note, Buffer.of(1, 2, 3))));
    write('K.pem', logged.agent.signer.publicKeyPem);
    write('LOG.vkey', logged.log.signer.verifierKey);
    write('TSA.pem', tsa.ca);
    for (const { size, bytes } of logged.packs) write(`${size}.pack.json`, bytes);
  });
  after(async () => {
    await tsa.close();
    rmSync(folder, { recursive: true, force: true });
  });

  function write(name: string, content: string | Uint8Array): string {
    const file = join(folder, name);
    writeFileSync(file, content);
    return file;
  }
  const file = (name: string): string => join(folder, name);
  const trust = (): string[] => ['--key', file('K.pem'), '--log-key', file('LOG.vkey')];
  const verify = (...args: string[]): Ran => affiant(['verify', ...args, ...trust()]);

  it('shows the time and the authority of a stamp that is trusted, and says of one that was not checked', () => {
    const trusted = verify(file('3.pack.json'), '--stamp-ca', file('TSA.pem'));
    assert.equal(trusted.code, 0, trusted.err);
    assert.match(trusted.out, /in the log by 20\d\d-\d\d-\d\dT[\d:.]+Z \(RFC 3161, CN=Test TSA signer\)/);
    assert.match(verify(file('3.pack.json')).out, /time stamp not checked \(give --stamp-ca\)/);
  });

  it('fails where another authority is trusted, and for what is no certificate', async () => {
    const other = await startTsa();
    write('other.pem', other.ca);
    await other.close();
    const untrusted = verify(file('3.pack.json'), '--stamp-ca', file('other.pem'));
    assert.equal(untrusted.code, 1);
    assert.match(untrusted.out, /timestamp-untrusted/);
    const wrong = verify(file('3.pack.json'), '--stamp-ca', file('LOG.vkey'));
    assert.equal(wrong.code, 2);
    assert.match(wrong.err, /LOG\.vkey: .*no certificates/);
  });

  it('says whether the checkpoints of several packs were compared, and how they can be', () => {
    const both = [file('7.pack.json'), file('3.pack.json')];
    const without = verify(...both);
    assert.equal(without.code, 0);
    assert.match(without.out, /not compared: 1 of 1 proofs .*consistency\?from=3&to=7/);
    const proved = verify(...both, '--consistency', write('proof.json', logged.consistency(3, 7)));
    assert.equal(proved.code, 0, proved.out);
    assert.match(proved.out, /one log: each of its 2 trees/);
    const text = logged
      .consistency(3, 7)
      .replace(/"hashes":\["./, (all) => all.replace(/.$/, (one) => (one === 'A' ? 'B' : 'A')));
    const broken = verify(...both, '--consistency', write('broken.json', text));
    assert.equal(broken.code, 1);
    assert.match(broken.out, /two faces.*log-contradicted/);
    assert.equal(verify(...both, '--consistency', file('K.pem')).code, 2);
  });

  it('fails for a log that shows two faces, with no proof at all', () => {
    const other = loggedPacks([7], undefined, logged.log);
    const forked = write('forked.pack.json', other.packs[0]?.bytes ?? '');
    const key = write('other-key.pem', other.agent.signer.publicKeyPem);
    assert.equal(verify(forked, '--key', key).code, 0);
    const seen = verify(file('7.pack.json'), forked, '--key', key);
    assert.equal(seen.code, 1);
    assert.match(seen.out, /two faces: its trees of 7 and 7/);
  });

  it('gives the audit an upper bound with a time, also where a cache was made without', () => {
    const kept = mkdtempSync(join(tmpdir(), 'affiant-verify-cache-'));
    try {
      const options = ['as-of', '2026-12-31', '--packs', folder, ...trust(), '--cache', kept, '--format', 'json'];
      const without = affiant(options);
      assert.match(without.out, /not after: checkpoint \d+ of log\.affiant\.example holds it, without a time stamp/);
      const stamped = affiant([...options, '--stamp-ca', file('TSA.pem')]);
      assert.match(stamped.out, /not after: checkpoint \d+ of log\.affiant\.example holds it, stamped 20/);
      assert.equal(affiant(options).out, without.out);
    } finally {
      rmSync(kept, { recursive: true, force: true });
    }
  });
});
