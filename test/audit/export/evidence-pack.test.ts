/** A stranger with stock tools: unzip the pack, follow its README, in a shell that knows nothing of us. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type EvidencePackParts, evidencePackZip } from '../../../audit/export/evidence-pack.ts';
import { signStatement } from '../../../evidence/bundle.ts';
import { inclusionProof, leafHash, rootHash } from '../../../evidence/merkle.ts';
import { documentDigest, encodePack } from '../../../evidence/pack.ts';
import { logLeaf, makeReceipt } from '../../../evidence/receipt.ts';
import { throwAwaySigner } from '../../../evidence/signing-key.ts';
import { verifyPack } from '../../../evidence/verify-pack.ts';
import { findCosign } from '../../evidence/find-cosign.ts';
import { keyOf, sampleLog, sampleRaw, sampleSources, sampleStatement, valueOf } from '../../evidence/sample.ts';

/** Three bundles of one chain in one log, and what a pack of them is made of. */
function parts(): EvidencePackParts {
  const signer = throwAwaySigner();
  const key = keyOf(signer);
  const log = sampleLog();
  const documents = new Map<string, object>([sampleSources, sampleRaw].map((each) => [documentDigest(each), each]));
  let previous: string | undefined;
  const bundles = [0, 1, 2].map((sequence) => {
    const statement = sampleStatement(signer);
    const { chain } = statement.predicate;
    const linked = {
      ...statement.predicate,
      chain: { ...chain, sequence, ...(previous !== undefined && { previous }) },
    };
    const made = signStatement({ ...statement, predicate: linked }, signer);
    previous = made.digest;
    return made.bundle;
  });
  const leaves = [leafHash(Buffer.of(9)), ...bundles.map((bundle) => leafHash(logLeaf(bundle, key)))];
  const packs = bundles.map((bundle, at) => {
    const receipt = makeReceipt({
      index: at + 1,
      size: leaves.length,
      logKey: log.signer.verifierKey,
      hashes: inclusionProof(at + 1, leaves),
      checkpoint: log.signer.signCheckpoint(leaves.length, rootHash(leaves)),
    });
    const bytes = encodePack({ bundle, documents, receipt });
    return { bytes, verified: valueOf(verifyPack(bytes, { key: () => key, logKey: log.verifier })) };
  });
  return {
    host: 'web`1`',
    targetId: '0f5b6c1d2e3f405162738495a6b7c8d9',
    from: '2026-01-02',
    to: '2026-01-02',
    packs,
    refused: [{ file: 'forged.pack.json', message: 'signed by nobody' }],
    keys: [{ keyId: signer.keyId, pem: signer.publicKeyPem }],
    logKey: log.signer.verifierKey,
    report: '<!doctype html><title>x</title>',
    findings: [],
    version: '0.1.0',
  };
}

describe('the evidence pack', () => {
  let folder = '';
  const made = parts();
  before(function () {
    const tools = spawnSync('sh', ['-c', 'command -v unzip openssl sha256sum awk && openssl version'], {
      encoding: 'utf8',
    });
    if (tools.status !== 0 || !/OpenSSL [3-9]/.test(tools.stdout)) {
      console.error('      skipped: no unzip, sha256sum, awk or openssl 3');
      this.skip();
    }
  });
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'affiant-evidence-pack-'));
    writeFileSync(join(folder, 'pack.zip'), evidencePackZip(made));
    assert.equal(run('unzip -q pack.zip && rm pack.zip').status, 0);
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  function run(script: string, path = '/usr/bin:/bin'): { status: number | null; said: string } {
    const { status, stdout, stderr } = spawnSync('sh', ['-eu', '-c', script], {
      cwd: folder,
      env: { PATH: path, HOME: folder, LC_ALL: 'C.UTF-8', TMPDIR: folder },
      encoding: 'utf8',
    });
    return { status, said: stdout + stderr };
  }
  const blocks = (kind: string): string =>
    [...readFileSync(join(folder, 'README.md'), 'utf8').matchAll(/^```sh ?(\w*)\n([^]*?)^```$/gm)]
      .filter(([, found]) => found === kind)
      .map(([, , script]) => script)
      .join('\n');

  it('is verified from top to bottom by the commands of its README, with stock tools alone', () => {
    const { status, said } = run(blocks(''));
    assert.equal(status, 0, said);
    assert.match(said, /signatures: OK, 3 bundles/);
    assert.match(said, /chain: OK/);
    assert.match(said, /places in the log: OK/);
    assert.doesNotMatch(said, /has a gap/);
  });

  it('brings the same commands as a script', () => {
    assert.equal(run('sh ./verify.sh').status, 0);
    assert.deepEqual(
      readdirSync(folder).filter((name) => name.startsWith('tmp')),
      [],
    );
  });

  it('is verified by cosign, document by document', function () {
    const cosign = findCosign();
    if (cosign === undefined) {
      console.error('      skipped: no cosign (AFFIANT_COSIGN, PATH, or run test/judges/cosign.sh)');
      this.skip();
    }
    const { status, said } = run(blocks('cosign'), `${dirname(cosign)}:/usr/bin:/bin`);
    assert.equal(status, 0, said);
  });

  const sums = 'find . -type f ! -name SHA256SUMS | cut -c 3- | sort | xargs sha256sum > SHA256SUMS';
  const forgeries: readonly (readonly [string, string])[] = [
    ['a byte of a document', `sed -i 's/"records":\\[/"records":[ /' documents/*.json; ${sums}`],
    [
      'a byte of a statement',
      `sed -i s/2026-01-02T03:04:07Z/2026-01-03T03:04:07Z/ bundles/00002*/statement.json; ${sums}`,
    ],
    ['a file, but not its sum', 'echo >> report.html'],
    [
      'a signature',
      `sed -i 's/"sig":"MEQ/"sig":"MER/; s/"sig":"MEU/"sig":"MEV/' bundles/00001*/bundle.sigstore.json; ${sums}`,
    ],
    ['the name of a bundle', `mv bundles/00003* bundles/00003-2026-01-02-${'0'.repeat(64)}; ${sums}`],
    ['a place in the log', `sed -i 's/"logIndex":2/"logIndex":1/' bundles/00002*/receipt.json; ${sums}`],
    ['a document for another', `rm documents/*; ${sums}`],
  ];
  for (const [what, forge] of forgeries)
    it(`fails where somebody changed ${what}`, () => {
      run(forge);
      assert.notEqual(run(blocks('')).status, 0);
    });

  it('fails with the key of another', () => {
    const [key = ''] = readdirSync(join(folder, 'keys')).filter((name) => name.endsWith('.pem'));
    writeFileSync(join(folder, 'keys', key), throwAwaySigner().publicKeyPem);
    assert.notEqual(run(`${sums}; ${blocks('')}`).status, 0);
  });

  it('tells of a bundle that was taken out of the middle', () => {
    const { said } = run(`rm -r bundles/00002*; ${sums}; ${blocks('')}`);
    assert.match(said, /gap before number 2/);
  });

  it('names what was refused, and that it is replayed', () => {
    const readme = readFileSync(join(folder, 'README.md'), 'utf8');
    assert.match(readme, /`forged\.pack\.json`: `signed by nobody`/);
    assert.match(readme, /Replayed evidence/);
    assert.match(readme, /^# Evidence of `web'1'`/);
  });

  it('is the same, byte for byte, for the same evidence, in every time zone', () => {
    const zone = process.env['TZ'];
    const zips = ['UTC', 'Pacific/Kiritimati', 'America/St_Johns'].map((each) => {
      process.env['TZ'] = each;
      return Buffer.from(evidencePackZip(made)).toString('base64');
    });
    if (zone === undefined) delete process.env['TZ'];
    else process.env['TZ'] = zone;
    assert.equal(new Set(zips).size, 1);
  });
});
