import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { statementOf } from '../../evidence/bundle.ts';
import { canonicalBytes } from '../../evidence/canonical-json.ts';
import { decodePack } from '../../evidence/pack.ts';
import { timestampQuery } from '../../evidence/timestamp.ts';
import { findCosign } from './find-cosign.ts';
import { type LoggedPacks, loggedPacks } from './logged-packs.ts';
import { valueOf } from './sample.ts';
import { startTsa, type Tsa } from './tsa.ts';

function pathOf(relative: string): string {
  return fileURLToPath(new URL(relative, import.meta.url));
}

/** The shell blocks of the page, of the kinds asked for; a block without a word is of kind `plain`. */
function blocks(...kinds: readonly string[]): string {
  const page = readFileSync(pathOf('../../docs/verify-without-us.md'), 'utf8');
  return [...page.matchAll(/^```sh ?(\w*)\n([^]*?)^```$/gm)]
    .filter(([, kind = '']) => kinds.includes(kind === '' ? 'plain' : kind))
    .map(([, , script = '']) => script)
    .join('\n');
}

/** A pack in a folder as the page describes it. */
function unpack(folder: string, bytes: Uint8Array, key: string, logKey: string): void {
  const pack = valueOf(decodePack(bytes));
  const { subject } = valueOf(statementOf(pack.bundle));
  mkdirSync(folder);
  for (const { name, digest } of subject)
    writeFileSync(join(folder, `${name.replace('/', '-')}.json`), canonicalBytes(pack.documents[digest.sha256]));
  writeFileSync(join(folder, 'bundle.sigstore.json'), canonicalBytes(pack.bundle));
  writeFileSync(join(folder, 'statement.json'), Buffer.from(pack.bundle.dsseEnvelope.payload, 'base64'));
  writeFileSync(join(folder, 'receipt.json'), canonicalBytes(pack.receipt));
  writeFileSync(join(folder, 'K.pem'), key);
  writeFileSync(join(folder, 'LOG.vkey'), logKey);
}

function unpackExample(folder: string): void {
  const [bytes, key, logKey] = ['pack.json', 'pem', 'vkey'].map((end) =>
    readFileSync(pathOf(`../fixtures/pack/example.${end}`)),
  );
  unpack(folder, bytes ?? Buffer.of(), String(key), String(logKey));
}

describe('docs/verify-without-us.md', () => {
  let parent = '';
  let folder = '';

  before(function () {
    const tools = spawnSync('sh', ['-c', 'command -v openssl sha256sum && openssl version'], { encoding: 'utf8' });
    if (tools.status !== 0 || !/OpenSSL [3-9]/.test(tools.stdout)) {
      console.error('      skipped: no sha256sum or no openssl 3');
      this.skip();
    }
    parent = mkdtempSync(join(tmpdir(), 'affiant-without-us-'));
  });
  beforeEach(() => {
    folder = join(parent, 'unpacked');
    unpackExample(folder);
  });
  afterEach(() => {
    rmSync(folder, { recursive: true, force: true });
  });
  after(() => {
    if (parent !== '') rmSync(parent, { recursive: true, force: true });
  });

  function run(script: string, path = '/usr/bin:/bin'): { status: number | null; stdout: string; stderr: string } {
    const { status, stdout, stderr } = spawnSync('sh', ['-eu', '-c', script], {
      cwd: folder,
      env: { PATH: path, HOME: folder, LC_ALL: 'C.UTF-8' },
      encoding: 'utf8',
    });
    return { status, stdout, stderr };
  }

  function change(file: string, from: string, to: string): void {
    const text = readFileSync(join(folder, file), 'utf8');
    assert.ok(text.includes(from), `${file} has no ${from}`);
    writeFileSync(join(folder, file), text.replace(from, to));
  }

  it('verifies the example pack from top to bottom, with openssl alone', () => {
    const result = run(blocks('plain', 'receipt'));
    assert.equal(result.status, 0, result.stderr);
    assert.match(result.stdout, /^sources-host\.json: OK$/m);
    assert.match(result.stdout, /^Verified OK$/m);
    assert.match(result.stdout, /^Signature Verified Successfully$/m);
  });

  it('verifies the example pack with cosign', function () {
    const cosign = findCosign();
    if (cosign === undefined) {
      console.error('      skipped: no cosign (AFFIANT_COSIGN, PATH, or run test/judges/cosign.sh)');
      this.skip();
    }
    const result = run(blocks('cosign'), `${dirname(cosign)}:/usr/bin:/bin`);
    assert.equal(result.status, 0, result.stderr);
  });

  it('lets cosign judge the receipt too, with our log as the only one that is trusted', function () {
    const cosign = findCosign();
    if (cosign === undefined) {
      console.error('      skipped: no cosign (AFFIANT_COSIGN, PATH, or run test/judges/cosign.sh)');
      this.skip();
    }
    const path = `${dirname(cosign)}:/usr/bin:/bin`;
    const prepared = run(blocks('plain', 'receipt', 'cosignlog'), path);
    assert.equal(prepared.status, 0, prepared.stderr);
    assert.match(prepared.stderr, /Verified OK/);
    const judged = (): number | null =>
      run(
        'cosign verify-blob-attestation --key K.pem --bundle logged.bundle --trusted-root trusted.root ' +
          '--type urn:affiant:predicate:posture:1 sources-host.json',
        path,
      ).status;
    assert.equal(judged(), 0);
    for (const [file, from, to] of [
      ['logged.bundle', '"hashes":["O', '"hashes":["P'],
      ['logged.bundle', '\\n3\\n', '\\n4\\n'],
      ['logged.bundle', 'ERP+b5cH', 'ERP+b5cI'],
      ['logged.bundle', '"canonicalizedBody":"eyJhcGl', '"canonicalizedBody":"eyJhcGk'],
      ['trusted.root', '"rawBytes":"MCowBQYDK2VwAyEA', '"rawBytes":"MCowBQYDK2VwAyEB'],
    ] as const) {
      const whole = readFileSync(join(folder, file), 'utf8');
      change(file, from, to);
      assert.notEqual(judged(), 0, `${file}: ${from}`);
      writeFileSync(join(folder, file), whole);
    }
    assert.equal(judged(), 0);
  });

  const forgeries: readonly (readonly [string, string, string, string])[] = [
    ['a document', 'sources-host.json', '"bytes":55', '"bytes":56'],
    ['the statement', 'statement.json', '0.1.0', '0.1.1'],
    ['the signature', 'bundle.sigstore.json', '"sig":"MEQCIC', '"sig":"MEQCID'],
    ['the named key', 'bundle.sigstore.json', '"hint":"4', '"hint":"5'],
    ['the place in the log', 'receipt.json', '"logIndex":2', '"logIndex":1'],
    ['a hash of the proof', 'receipt.json', '"hashes":["O', '"hashes":["P'],
    ['the checkpoint', 'receipt.json', '\\n3\\n', '\\n4\\n'],
    ['the root', 'receipt.json', '\\nr7I3', '\\nr7I4'],
    ['the signature of the checkpoint', 'receipt.json', 'ERP+b5cH', 'ERP+b5cI'],
  ];
  for (const [what, file, from, to] of forgeries)
    it(`fails where somebody changed ${what}`, () => {
      change(file, from, to);
      assert.notEqual(run(blocks('plain', 'receipt')).status, 0);
    });

  it('fails with the key of another log', () => {
    const other = 'log.affiant.example+cf2f4d5f+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k\n';
    writeFileSync(join(folder, 'LOG.vkey'), other);
    assert.notEqual(run(blocks('plain', 'receipt')).status, 0);
  });

  describe('on a time stamp and on the log since', function () {
    this.timeout(60_000);
    let tsa: Tsa;
    before(async () => {
      tsa = await startTsa();
    });
    after(() => tsa.close());

    /** The receipt is over a log of `from` entries; the log has `to` by now. */
    function prepare(from: number, to: number): LoggedPacks {
      const logged = loggedPacks([from, to], (note) => tsa.reply(timestampQuery(note, Buffer.of(1, 2, 3))));
      rmSync(folder, { recursive: true, force: true });
      const { signer } = logged.agent;
      unpack(folder, logged.packs[0]?.bytes ?? Buffer.of(), signer.publicKeyPem, `${logged.log.signer.verifierKey}\n`);
      writeFileSync(join(folder, 'TSA.pem'), tsa.ca);
      writeFileSync(join(folder, 'newest'), logged.checkpoint(to));
      writeFileSync(join(folder, 'consistency.proof'), logged.consistency(from, to));
      return logged;
    }
    const all = (): string => blocks('plain', 'receipt', 'timestamp', 'consistency');

    it('proves both, for full trees and others', () => {
      for (const [from, to] of [
        [1, 2],
        [4, 7],
        [6, 8],
        [5, 13],
      ] as const) {
        prepare(from, to);
        const result = run(all());
        assert.equal(result.status, 0, `${from} to ${to}: ${result.stderr}`);
        assert.match(result.stdout, /^Time stamp: \w+ +\d+ [\d:.]+ 20\d\d GMT$/m);
      }
    });

    it('fails where the log shows another face, or the proof is not one', () => {
      const { log } = prepare(5, 13);
      writeFileSync(join(folder, 'newest'), loggedPacks([5, 13], undefined, log).checkpoint(13));
      assert.notEqual(run(all()).status, 0);
      for (const at of [0, 1, 2]) {
        prepare(5, 13);
        const proof = JSON.parse(readFileSync(join(folder, 'consistency.proof'), 'utf8')) as { hashes: string[] };
        const hashes = proof.hashes.map((hash, place) =>
          place === at ? hash.replace(/^./, (one) => (one === 'A' ? 'B' : 'A')) : hash,
        );
        writeFileSync(join(folder, 'consistency.proof'), JSON.stringify({ ...proof, hashes }));
        assert.notEqual(run(all()).status, 0, `hash ${at}`);
      }
    });

    it('fails with another authority, and for a stamp over another checkpoint', async () => {
      prepare(3, 4);
      const other = await startTsa();
      writeFileSync(join(folder, 'TSA.pem'), other.ca);
      await other.close();
      assert.notEqual(run(all()).status, 0);
      const { packs } = prepare(3, 4);
      const stamp = packs[1]?.parts.receipt?.timestamp ?? assert.fail();
      change('receipt.json', packs[0]?.parts.receipt?.timestamp ?? assert.fail(), stamp);
      assert.notEqual(run(all()).status, 0);
    });
  });
});
