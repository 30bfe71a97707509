import assert from 'node:assert/strict';
import { join } from 'node:path';
import { withDefaults } from '../../../agent/config/defaults.ts';
import { openRecording } from '../../../agent/host/replay.ts';
import { bundleReplay } from '../../../agent/run/make-bundle.ts';
import { verificationKeyFromPem } from '../../../evidence/signing-key.ts';
import { verifyPack } from '../../../evidence/verify-pack.ts';
import { raw as isRaw } from '../../../schemas/generated/validators.js';
import { must } from '../spool/bundles.ts';

const machine = join(import.meta.dirname, '../../fixtures/machines/debian-12');

async function bundle(raw: boolean) {
  const recording = must(openRecording(machine));
  const request = { machine: recording.machine, settings: withDefaults({}), only: ['admins'], raw };
  return must(await bundleReplay(machine, request, () => new Date('2026-11-23T12:00:00Z')));
}

describe('a bundle with raw outputs', () => {
  it('verifies, names them as raw/<n>, and each belongs to a source record', async () => {
    const { bytes, signer } = await bundle(true);
    const key = must(verificationKeyFromPem(signer.publicKeyPem));
    const { documents } = must(verifyPack(bytes, { key: () => key }));
    const sources = documents.get('sources/admins') as { records: { locator: string; secret?: true }[] };
    const known = new Map(sources.records.map((record) => [record.locator, record]));
    const outputs = [...documents].filter(([name]) => name.startsWith('raw/'));
    assert.ok(outputs.length > 20);
    for (const [name, document] of outputs) {
      assert.ok(isRaw(document), `${name}: ${JSON.stringify(isRaw.errors)}`);
      const record = known.get(document.locator);
      assert.ok(record !== undefined && record.secret === undefined, document.locator);
    }
    const sudoers = outputs.find(([, document]) => (document as { locator: string }).locator === 'file:/etc/sudoers');
    assert.match(JSON.stringify(sudoers), /includedir/);
  });

  it('carries nothing of secret sources', async () => {
    const { collected } = await bundle(true);
    const text = JSON.stringify([...collected.documents].filter(([name]) => name.startsWith('raw/')));
    assert.doesNotMatch(text, /\/etc\/shadow"|\/\.ssh\/authorized_keys"|alice@laptop|\$6\$[^r]|\$y\$[^r]/);
  });

  it('is what it was without them where nobody asked', async () => {
    const { collected } = await bundle(false);
    assert.deepEqual(
      [...collected.documents.keys()].filter((name) => name.startsWith('raw/')),
      [],
    );
  });
});
