/** A sweep that is killed again and again, each time in the middle: what was collected stays, and the next goes on. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { verificationKeyFromPem } from '../../../evidence/signing-key.ts';
import { decodeSweep } from '../../../evidence/sweep.ts';
import { verifyPack } from '../../../evidence/verify-pack.ts';
import type { SweepPredicate } from '../../../schemas/generated/types.ts';
import { valueOf } from '../../evidence/sample.ts';
import { type Lab, labMissing, openLab, plainAccount, type Sshd } from './lab.ts';
import { knownIn, loginAt, newOut } from './swept.ts';

const program = join(import.meta.dirname, '../../../agent/cli/affiant.mjs');
const count = 9;

describe('affiant sweep killed in the middle', function () {
  this.timeout(300_000);
  let lab: Lab | undefined;
  let sshd: Sshd;
  before(async function () {
    const missing = labMissing();
    if (missing !== undefined) {
      console.error(`skipped: a sweep that is killed: ${missing}`);
      this.skip();
    }
    lab = openLab();
    sshd = await lab.start();
  });
  after(() => lab?.close());

  function start(hosts: string, out: string): { child: ChildProcess; ended: Promise<unknown>; line: Promise<unknown> } {
    assert.ok(lab);
    const child = spawn(process.execPath, [program, 'sweep', hosts, '--out', out, '--only', 'host'], {
      env: { ...process.env, AFFIANT_STATE: join(lab.folder, 'killed-state') },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    return { child, ended: once(child, 'exit'), line: once(child.stderr ?? assert.fail('no output'), 'data') };
  }

  const summaryIn = (out: string): SweepPredicate =>
    valueOf(decodeSweep(readFileSync(join(out, 'sweep.json')))).predicate;
  const done = (summary: SweepPredicate): ReadonlyMap<string, string | undefined> =>
    new Map(
      summary.hosts.flatMap(({ name, outcome, bundle }) => (outcome === 'collected' ? [[name, bundle] as const] : [])),
    );

  it('keeps every pack that the summary names, asks nobody twice, and ends with all of them', async () => {
    assert.ok(lab);
    const names = Array.from({ length: count }, (_unused, index) => `127.0.2.${index + 1}`);
    const known = knownIn(
      lab,
      names.map((name) => sshd.knownHost.replaceAll('127.0.0.1', name)),
    );
    const hosts = join(lab.folder, 'killed.yaml');
    writeFileSync(
      hosts,
      JSON.stringify({
        parallel: 3,
        knownHostsFile: known,
        defaults: loginAt(sshd, plainAccount),
        hosts: names.map((name) => ({ name: `h-${name}`, address: name })),
      }),
    );
    const out = newOut(lab);
    let before: ReadonlyMap<string, string | undefined> = new Map();
    let id: string | undefined;
    for (let kills = 0; kills < 4; kills += 1) {
      const { child, ended, line } = start(hosts, out);
      // A server has just been told of, others are under way.
      await line;
      child.kill('SIGKILL');
      await ended;
      const summary = summaryIn(out);
      const now = done(summary);
      assert.ok(now.size > before.size, `${now.size} after ${kills + 1} runs`);
      for (const [name, bundle] of before) assert.equal(now.get(name), bundle, name);
      assert.equal(summary.finished, now.size === count);
      id ??= summary.id;
      assert.equal(summary.id, id);
      before = now;
    }
    // As if a write had been cut: the next run removes it, and nothing else.
    writeFileSync(join(out, 'h-127.0.2.1.pack.json.0123456789ab.part'), '{"half":');
    writeFileSync(join(out, 'notes.part'), 'of a person');
    const { child, ended } = start(hosts, out);
    child.stderr?.resume();
    assert.deepEqual(await ended, [0, null]);
    const summary = summaryIn(out);
    assert.deepEqual([summary.finished, done(summary).size, summary.id], [true, count, id]);
    for (const [name, bundle] of before) assert.equal(done(summary).get(name), bundle, name);
    const packs = names.map((name) => `h-${name}.pack.json`);
    assert.deepEqual(readdirSync(out).toSorted(), [...packs, 'notes.part', 'sweep.json'].toSorted());
    const pem = readFileSync(join(lab.folder, 'killed-state/sweep/public.pem'), 'utf8');
    const key = valueOf(verificationKeyFromPem(pem));
    for (const pack of packs) {
      const verified = valueOf(verifyPack(readFileSync(join(out, pack)), { key: () => key }));
      assert.equal(verified.digest, done(summary).get(pack.replace('.pack.json', '')));
      // Whoever was under way when it was killed may have sworn once before; nothing was sworn twice for one place.
      assert.equal(verified.statement.predicate.chain.forkOf, undefined);
    }
  });
});
