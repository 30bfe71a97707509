import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { statementOf } from '../../evidence/bundle.ts';
import { canonicalBytes } from '../../evidence/canonical-json.ts';
import { decodePack } from '../../evidence/pack.ts';
import { findCosign } from './find-cosign.ts';
import { valueOf } from './sample.ts';

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

/** The example pack in a folder as the page describes it. */
function unpackExample(folder: string): void {
  const pack = valueOf(decodePack(readFileSync(pathOf('../fixtures/pack/example.pack.json'))));
  const { subject } = valueOf(statementOf(pack.bundle));
  mkdirSync(folder);
  for (const { name, digest } of subject)
    writeFileSync(join(folder, `${name.replace('/', '-')}.json`), canonicalBytes(pack.documents[digest.sha256]));
  writeFileSync(join(folder, 'bundle.sigstore.json'), canonicalBytes(pack.bundle));
  writeFileSync(join(folder, 'statement.json'), Buffer.from(pack.bundle.dsseEnvelope.payload, 'base64'));
  writeFileSync(join(folder, 'receipt.json'), canonicalBytes(pack.receipt));
  copyFileSync(pathOf('../fixtures/pack/example.pem'), join(folder, 'K.pem'));
  copyFileSync(pathOf('../fixtures/pack/example.vkey'), join(folder, 'LOG.vkey'));
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
});
