/** `affiant verify` of the summary of a sweep: every pack that it names has to lie beside it, and to be that one. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from '../../../agent/cli/commands/verify.ts';
import type { Io } from '../../../agent/cli/io.ts';
import { signStatement } from '../../../evidence/bundle.ts';
import { sha256Hex } from '../../../evidence/digest.ts';
import { encodePack } from '../../../evidence/pack.ts';
import { throwAwaySigner } from '../../../evidence/signing-key.ts';
import { encodeSweep } from '../../../evidence/sweep.ts';
import type { SweepPredicate, SweptHost } from '../../../schemas/generated/types.ts';
import { sampleLog, samplePack, sampleStatement, withReceipt } from '../../evidence/sample.ts';

describe('affiant verify of a sweep', () => {
  const signer = throwAwaySigner();
  const [web1, web2] = [samplePack(signer), samplePack(signer)];
  let folder = '';
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'affiant-verify-sweep-'));
    writeFileSync(join(folder, 'K.pem'), signer.publicKeyPem);
    writeFileSync(join(folder, 'web1.pack.json'), web1.bytes);
    writeFileSync(join(folder, 'web2.pack.json'), web2.bytes);
    summarise(entry('web1', web1), entry('web2', web2));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  function entry(name: string, { digest, bytes }: typeof web1, target = '0f5b6c1d2e3f405162738495a6b7c8d9'): SweptHost {
    return { name, address: '127.0.0.1', outcome: 'collected', bundle: digest, pack: sha256Hex(bytes), target };
  }

  function summarise(...hosts: readonly SweptHost[]): void {
    const predicate: SweepPredicate = {
      id: '6f1e0d2c3b4a59687786a5b4c3d2e1f0',
      agent: { name: 'affiant', version: '0.1.0', programDigest: '0'.repeat(64), configDigest: '0'.repeat(64) },
      key: { id: signer.keyId },
      startedAt: '2026-01-02T03:04:05Z',
      finishedAt: '2026-01-02T03:04:07Z',
      finished: true,
      hostsFile: '0'.repeat(64),
      acceptNew: false,
      hosts: [...hosts],
    };
    writeFileSync(join(folder, 'sweep.json'), encodeSweep(predicate, signer));
  }

  async function verify(...more: readonly string[]): Promise<{ code: number; out: string }> {
    let out = '';
    const io: Io = {
      out: (text) => {
        out += text;
      },
      err: () => undefined,
      refused: ({ message }) => {
        out += message;
      },
      path: (given) => join(folder, given),
      environment: {},
      stdout: {},
      stderr: {},
    };
    const key = more.includes('--key') ? [] : ['--key', 'K.pem'];
    return { code: await run(['sweep.json', ...key, ...more], io), out: out.replaceAll(folder, '') };
  }

  it('proves the summary and each pack beside it, also where a receipt came later, and names whom it lacks', async () => {
    writeFileSync(join(folder, 'web2.pack.json'), withReceipt(web2, sampleLog()).bytes);
    summarise(
      { name: 'old1', address: '127.0.0.1', outcome: 'timed-out', reason: 'no-handshake' },
      entry('web1', web1),
      entry('web2', web2),
    );
    const { code, out } = await verify();
    assert.equal(code, 0, out);
    const lines = out.trim().split('\n');
    assert.equal(lines.length, 3);
    assert.match(lines[0] ?? '', /^VERIFIED {2}\/web1\.pack\.json: 3 documents/);
    assert.match(lines[1] ?? '', /^VERIFIED {2}\/web2\.pack\.json: .* receipt not checked/);
    assert.equal(
      lines[2],
      'VERIFIED  sweep.json: sweep of 2026-01-02T03:04:07Z (claimed), 2 of 3 servers collected, not collected: old1 (timed-out, no-handshake)',
    );
    const json = JSON.parse((await verify('--format', 'json')).out) as { file: string; verified: boolean }[];
    assert.deepEqual(
      json.map(({ file, verified }) => [file, verified]),
      [
        ['/web1.pack.json', true],
        ['/web2.pack.json', true],
        ['sweep.json', true],
      ],
    );
  });

  it('finds a pack that is gone, changed, of another run, or of another server', async () => {
    rmSync(join(folder, 'web1.pack.json'));
    const gone = await verify();
    assert.deepEqual([gone.code, /FAILED {4}\/web1\.pack\.json: .*\[unreadable\]/.test(gone.out)], [1, true], gone.out);

    const changed = Buffer.from(web1.bytes);
    const at = changed.indexOf('quoted');
    changed.write('Q', at);
    writeFileSync(join(folder, 'web1.pack.json'), changed);
    const spoilt = await verify();
    assert.equal(spoilt.code, 1, spoilt.out);
    assert.match(spoilt.out, /FAILED {4}\/web1\.pack\.json/);

    // It verifies by itself: the same key signed it.
    const statement = sampleStatement(signer);
    const later = { ...statement.predicate, clock: { state: 'synchronised' } } as const;
    const { bundle } = signStatement({ ...statement, predicate: later }, signer);
    writeFileSync(join(folder, 'web1.pack.json'), encodePack({ ...web1.parts, bundle }));
    const other = await verify();
    assert.match(other.out, /FAILED {4}\/web1\.pack\.json: .*\[pack-other\]\nVERIFIED {2}\/web2/);
    assert.equal(other.code, 1);

    writeFileSync(join(folder, 'web1.pack.json'), web1.bytes);
    summarise(entry('web1', web1, 'f'.repeat(32)), entry('web2', web2));
    assert.match((await verify()).out, /FAILED {4}\/web1\.pack\.json: .*\[pack-other\]/);
  });

  it('refuses a summary that somebody else signed, or changed, whatever the packs are', async () => {
    writeFileSync(join(folder, 'other.pem'), throwAwaySigner().publicKeyPem);
    const foreign = await verify('--key', 'other.pem');
    assert.deepEqual([foreign.code, /^FAILED {4}sweep\.json: .*\[key-unknown\]\n$/.test(foreign.out)], [1, true]);

    const text = readFileSync(join(folder, 'sweep.json'), 'utf8');
    writeFileSync(join(folder, 'sweep.json'), `${text} `);
    const spoilt = await verify();
    assert.equal(spoilt.code, 1);
    assert.match(spoilt.out, /^FAILED {4}sweep\.json: /);
  });
});
