/** `prune`, `erase`, `hold`, `backup`, and `verify` of what they leave, as processes over a state folder of their own. */
import assert from 'node:assert/strict';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openOperated } from '../../../agent/cli/wire-registrar.ts';
import { enrolByOperator } from '../../../endpoint/identity/enrol.ts';
import { recordsFrom } from '../../../endpoint/identity/read-records.ts';
import { loadOrCreateLogKey } from '../../../endpoint/log-key.ts';
import { openSqliteStore } from '../../../endpoint/store/sqlite.ts';
import { encodePack, packParts } from '../../../evidence/pack.ts';
import { encodeRecords } from '../../../evidence/records-file.ts';
import { type Agent, type Made, makeAgent } from '../../endpoint/agent.ts';
import { admission } from '../../endpoint/store/test-store.ts';
import { valueOf } from '../../evidence/sample.ts';
import { recordedKey } from '../../evidence/sample-records.ts';
import { affiant, type Ran } from './run-cli.ts';

const origin = 'log.affiant.localhost';
const serve = { listen: '127.0.0.1:0', origin, acceptReplay: false };
/** Long past: the commands know the clock of this machine alone. */
const longAgo = '2020-03-01T10:00:00.000Z';

describe('affiant prune, erase, hold and backup', function () {
  this.timeout(120_000);
  let folder = '';
  let template = '';
  let count = 0;
  let state = '';
  let agent: Agent;
  let old: Made;
  let logKey = '';

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'affiant-retention-'));
    template = join(folder, 'template');
    const place = join(template, 'endpoint');
    mkdirSync(place, { recursive: true, mode: 0o700 });
    agent = makeAgent();
    const operated = valueOf(await openOperated(place, serve));
    const key = recordedKey(agent.signer);
    valueOf(await enrolByOperator(operated.registrar, { key, role: 'agent', targets: [agent.target], at: longAgo }));
    old = agent.make({
      documents: new Map([['raw/1', { text: 'jane was here' }]]),
      predicate: { run: { startedAt: longAgo, finishedAt: longAgo } },
    });
    valueOf(await operated.store.admit(admission(agent, old, { receivedAt: longAgo })));
    logKey = operated.logKey;
    await operated.close();
    writeFileSync(join(folder, 'LOG.vkey'), logKey);
  });
  beforeEach(() => {
    count += 1;
    state = join(folder, `state-${count}`);
    cpSync(template, state, { recursive: true });
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  const run = (...args: string[]): Ran => affiant([...args, '--state', state]);
  const good = (...args: string[]): string => {
    const { code, out, err } = run(...args);
    assert.equal(code, 0, err);
    return out;
  };
  const bad = (code: number, ...args: string[]): string => {
    const ran = run(...args);
    assert.equal(ran.code, code, `${ran.out}${ran.err}`);
    return ran.err;
  };

  /** The pack and the records as a reader has them now, judged by `affiant verify`. */
  async function verified(file = join(state, 'endpoint', 'endpoint.sqlite'), withRecords = true): Promise<Ran> {
    const logSigner = valueOf(loadOrCreateLogKey(join(state, 'endpoint'), origin));
    const store = valueOf(await openSqliteStore(file, { logSigner, now: () => new Date() }));
    try {
      const pack = valueOf(await store.pack(agent.key.keyId, old.digest)) ?? assert.fail('not kept');
      const { records } = valueOf(await recordsFrom(store, 0, 100));
      const kept = withRecords ? records : records.slice(0, 2);
      writeFileSync(join(state, 'one.pack.json'), encodePack(packParts(pack)));
      writeFileSync(join(state, 'records.json'), encodeRecords(kept, logKey));
    } finally {
      await store.close();
    }
    return affiant([
      'verify',
      join(state, 'one.pack.json'),
      '--records',
      join(state, 'records.json'),
      '--log-key',
      join(folder, 'LOG.vkey'),
    ]);
  }

  it('prunes what is old, after saying what would go; verify says where the log records it, and refuses what no record explains', async () => {
    const whole = await verified();
    assert.equal(whole.code, 0, whole.out);
    assert.doesNotMatch(whole.out, /pruned/);
    assert.match(good('prune', '--dry-run'), /^1 documents .* would go$/m);
    assert.equal((await verified()).out, whole.out, 'nothing went yet');
    assert.match(good('prune'), /^1 documents of 1 bundles removed, recorded at \d+ in the log/);
    const pruned = await verified();
    assert.equal(pruned.code, 0, pruned.out);
    assert.match(pruned.out, /raw\/1 pruned \(log index \d+\)/);
    const unexplained = await verified(undefined, false);
    assert.equal(unexplained.code, 1);
    assert.match(unexplained.out, /no record removed them: raw\/1.*document-missing/);
    assert.match(good('prune'), /^0 documents/);
  });

  it('prunes nothing that is young enough, and takes no other spans', () => {
    assert.match(good('prune', '--older-than', '99999d'), /^0 documents/);
    for (const span of ['0d', '3', '2y', '-1d']) assert.match(bad(2, 'prune', `--older-than=${span}`), /takes days/);
  });

  it('erases the documents of a server, also from the file itself; verify says where the log records it', async () => {
    assert.match(good('erase', '--target', 'f'.repeat(32), '--reason', 'a slip'), /^0 documents erased/);
    assert.match(good('erase', '--target', agent.target, '--reason', 'request'), /^1 documents erased, recorded at/);
    const erased = await verified();
    assert.equal(erased.code, 0, erased.out);
    assert.match(erased.out, /raw\/1 erased \(log index \d+\)/);
    const bytes = readFileSync(join(state, 'endpoint', 'endpoint.sqlite'));
    assert.ok(!bytes.includes('jane was here'));
  });

  it('erases nothing without one scope and a reason that the log can hold', () => {
    assert.match(bad(2, 'erase', '--target', agent.target), /reason/);
    assert.match(bad(2, 'erase', '--reason', 'why not'), /one server, one key, or one account/);
    assert.match(bad(2, 'erase', '--target', 'x', '--key', 'y', '--reason', 'both'), /one server/);
    assert.match(bad(2, 'erase', '--target', agent.target, '--reason', 'x'.repeat(2001)), /2000/);
  });

  it('holds what is named against both, until the hold is released', () => {
    assert.match(good('hold'), /^no legal hold/);
    assert.match(good('hold', 'case-17', '--reason', 'inquiry', '--target', agent.target), /recorded at \d+/);
    assert.match(good('hold'), new RegExp(`case-17: ${agent.target}; since .*inquiry`));
    assert.match(good('prune'), /^0 documents/);
    const refused = run('erase', '--target', agent.target, '--reason', 'request');
    assert.notEqual(refused.code, 0);
    assert.match(refused.err, /under-legal-hold|legal hold/);
    assert.notEqual(run('hold', 'case-17', '--reason', 'again').code, 0);
    assert.match(bad(2, 'hold', 'case-18'), /reason/);
    assert.match(bad(2, 'hold', 'case-18', '--reason', 'é'.repeat(2001)), /2000/);
    assert.match(good('hold', 'case-17', '--reason', 'closed', '--release'), /recorded at \d+/);
    assert.match(good('prune'), /^1 documents/);
  });

  it('backs up what verifies when it is opened again, and overwrites nothing', async () => {
    const copy = join(state, 'copy.sqlite');
    assert.match(good('backup', copy), /^\d+ entries of the log in /);
    const restored = await verified(copy);
    assert.equal(restored.code, 0, restored.out);
    const bytes = readFileSync(copy);
    const again = run('backup', copy);
    assert.notEqual(again.code, 0);
    assert.ok(readFileSync(copy).equals(bytes));
    const nowhere = run('backup', join(state, 'no', 'such', 'copy.sqlite'));
    assert.notEqual(nowhere.code, 0);
    assert.match(nowhere.err, /copy\.sqlite/);
    assert.ok(!existsSync(join(state, 'no')));
  });
});
