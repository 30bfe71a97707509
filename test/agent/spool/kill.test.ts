import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundleDigest } from '../../../evidence/bundle.ts';
import { decodePack } from '../../../evidence/pack.ts';
import type { Statement } from '../../../schemas/generated/types.ts';
import { scratchFolder } from './bundles.ts';
import { checkFolder, type Ledger, newLedger } from './ledger.ts';

const child = fileURLToPath(new URL('crash-child.ts', import.meta.url));

/** Runs the child; answers with what it was told, and whether it was killed. */
async function live(folder: string, ledger: Ledger, ...args: readonly string[]): Promise<'killed' | 'ended'> {
  const env = { NODE_COMPILE_CACHE: join(folder, '..', 'compile-cache') };
  const running = spawn(process.execPath, [child, folder, ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  const output = { stdout: '', stderr: '' };
  running.stdout.on('data', (chunk: Buffer) => (output.stdout += chunk.toString()));
  running.stderr.on('data', (chunk: Buffer) => (output.stderr += chunk.toString()));
  const [code, signal] = await new Promise<[number | null, string | null]>((done) => {
    running.on('close', (...how) => done(how));
  });
  for (const [, digest = ''] of output.stdout.matchAll(/^shown (\w+)$/gm)) {
    ledger.shown.add(digest);
    ledger.spooled.add(digest);
  }
  assert.equal(output.stderr, '', 'no warning of SQLite or anyone else');
  if (signal === 'SIGKILL') return 'killed';
  assert.equal(code, 0);
  return 'ended';
}

function contentsOf(folder: string): Map<string, Uint8Array> {
  const paths = readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((name) => join(folder, name));
  return new Map(paths.filter((path) => statSync(path).isFile()).map((path) => [path, readFileSync(path)]));
}

/** The statements that lie in the folder: nothing else tells what a killed process had signed. */
function readStatements(contents: ReadonlyMap<string, Uint8Array>, ledger: Ledger): void {
  for (const [path, bytes] of contents) {
    const pack = path.endsWith('.pack.json') ? decodePack(bytes) : undefined;
    if (pack?.ok !== true) continue;
    const payload = Buffer.from(pack.value.bundle.dsseEnvelope.payload, 'base64').toString();
    ledger.signed.set(bundleDigest(pack.value.bundle), JSON.parse(payload) as Statement);
  }
}

function check(folder: string, ledger: Ledger): void {
  const contents = contentsOf(folder);
  readStatements(contents, ledger);
  checkFolder(contents, folder, ledger);
}

describe('the spool and its processes', function () {
  this.timeout(180_000);
  let home: string;
  beforeEach(() => {
    home = scratchFolder();
  });
  afterEach(() => {
    rmSync(home, { recursive: true });
  });

  it('loses, doubles and hides nothing under kill -9 at every step, one after the other in one folder', async () => {
    const folder = join(home, 'state');
    const ledger = newLedger();
    let kills = 0;
    // Each life is killed one step later than the one before, and begins with what that one left.
    for (let step = 1; (await live(folder, ledger, String(step))) === 'killed'; step += 1) kills += 1;
    assert.ok(kills > 30, `only ${kills} steps`);
    assert.equal(await live(folder, ledger, '0'), 'ended');
    check(folder, ledger);
    console.log(
      kills,
      ledger.shown.size,
      [...ledger.signed.values()].flatMap((s) => s.predicate.incidents ?? []).length,
    );
  });

  it('gives each place once, without holes, to processes that append and send at the same time', async () => {
    const folder = join(home, 'state');
    const ledger = newLedger();
    await live(folder, ledger, '0', '1');
    await Promise.all([live(folder, ledger, '0', '8'), live(folder, ledger, '0', '8'), live(folder, ledger, '0', '8')]);
    await live(folder, ledger, '0', '1');
    check(folder, ledger);
    const sequences = [...ledger.signed.values()].map(({ predicate }) => predicate.chain.sequence);
    assert.deepEqual(
      sequences.toSorted((left, right) => left - right),
      Array.from({ length: 26 }, (_, index) => index),
    );
  });
});
