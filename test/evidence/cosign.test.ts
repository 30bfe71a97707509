import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { canonicalBytes } from '../../evidence/canonical-json.ts';
import { findCosign } from './find-cosign.ts';
import { samplePack, sampleSources } from './sample.ts';

describe('cosign', () => {
  const cosign = findCosign();
  const pack = samplePack();
  let folder = '';

  before(function () {
    if (cosign === undefined) {
      console.error('      skipped: no cosign (AFFIANT_COSIGN, PATH, or run test/judges/cosign.sh)');
      this.skip();
    }
    folder = mkdtempSync(join(tmpdir(), 'affiant-cosign-'));
    writeFileSync(join(folder, 'key.pem'), pack.signer.publicKeyPem);
    writeFileSync(join(folder, 'other.pem'), samplePack().signer.publicKeyPem);
    writeFileSync(join(folder, 'bundle.json'), canonicalBytes(pack.parts.bundle));
    writeFileSync(join(folder, 'document.json'), canonicalBytes(sampleSources));
    writeFileSync(join(folder, 'changed.json'), canonicalBytes({ ...sampleSources, records: [1] }));
    const { bundle } = samplePack(pack.signer).parts;
    const payload = Buffer.from(bundle.dsseEnvelope.payload, 'base64').toString().replace('0.1.0', '0.1.1');
    const dsseEnvelope = { ...bundle.dsseEnvelope, payload: Buffer.from(payload).toString('base64') };
    writeFileSync(join(folder, 'forged.json'), canonicalBytes({ ...bundle, dsseEnvelope }));
  });

  after(() => {
    if (folder !== '') rmSync(folder, { recursive: true, force: true });
  });

  function verify(
    key: string,
    bundle: string,
    document: string,
    type = 'urn:affiant:predicate:posture:1',
  ): number | null {
    const options = [
      '--key',
      join(folder, key),
      '--bundle',
      join(folder, bundle),
      '--type',
      type,
      '--insecure-ignore-tlog=true',
    ];
    const env = { HOME: folder, PATH: '/usr/bin:/bin' };
    return spawnSync(cosign ?? '', ['verify-blob-attestation', ...options, join(folder, document)], { env }).status;
  }

  it('accepts a document under our bundle', () => {
    assert.equal(verify('key.pem', 'bundle.json', 'document.json'), 0);
  });

  it('refuses another document, another key, another type and a forged statement', () => {
    assert.equal(verify('key.pem', 'bundle.json', 'changed.json'), 1);
    assert.equal(verify('other.pem', 'bundle.json', 'document.json'), 1);
    assert.equal(verify('key.pem', 'bundle.json', 'document.json', 'urn:affiant:predicate:posture:2'), 1);
    assert.equal(verify('key.pem', 'forged.json', 'document.json'), 1);
  });
});
