/** A state folder that two real users share: this process is one and then the other, by its effective numbers. */
import assert from 'node:assert/strict';
import {
  chmodSync,
  chownSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pinLogKey, pinnedLogKey } from '../../../agent/spool/checkpoint-memory.ts';
import { loadOrCreateKeys } from '../../../agent/spool/keys.ts';
import { fork, quarantine } from '../../../agent/spool/release.ts';
import { append, type NextLink, pending, type SpooledPack } from '../../../agent/spool/spool.ts';
import { openState, type State } from '../../../agent/spool/state.ts';
import type { Result } from '../../../evidence/result.ts';
import { must, refusalOf, sampleDocuments, signFor } from './bundles.ts';

const owner = 64_101;
const sender = 64_102;

describe('a shared state folder', function () {
  this.timeout(60_000);
  let home = '';
  let folder = '';
  before(function () {
    if (process.getuid?.() === 0) return;
    console.log('      skipped: root is missing, to be two users');
    this.skip();
  });
  beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), 'affiant-sharing-'));
    chmodSync(home, 0o755);
    folder = join(home, 'state');
    mkdirSync(folder);
    chownSync(folder, owner, owner);
    chmodSync(folder, 0o2750);
  });
  afterEach(() => {
    if (home !== '') rmSync(home, { recursive: true });
  });

  /** Does something as another user, who has these groups alone. */
  function as<T>(uid: number, groups: readonly number[], work: () => T): T {
    const before = process.getgroups?.() ?? [];
    process.setgroups?.([...groups]);
    process.setegid?.(uid);
    process.seteuid?.(uid);
    try {
      return work();
    } finally {
      process.seteuid?.(0);
      process.setegid?.(0);
      process.setgroups?.(before);
    }
  }
  const open = (): Result<State> => openState(folder, { create: false, now: () => new Date() });
  const send = <T>(work: (state: State) => T): T => as(sender, [owner], () => work(must(open())));
  const first = (state: State): SpooledPack => must(pending(state))[0] as SpooledPack;

  /** The owner signs a bundle; answers with its place and what it had to tell. */
  function sign(): { sequence: number; incidents: string[] } {
    return as(owner, [], () => {
      const state = must(open());
      const { signer } = must(loadOrCreateKeys(state));
      let link: NextLink | undefined;
      const { sequence } = must(
        append(state, (next) => {
          link = next;
          return signFor(signer, next, sampleDocuments('x'));
        }),
      );
      return { sequence, incidents: link?.incidents.map(({ kind }) => kind) ?? [] };
    });
  }

  it('lets the sender see what waits, remember what it learns, and set aside what was refused', () => {
    assert.deepEqual(sign(), { sequence: 0, incidents: [] });
    assert.equal(
      send((state) => must(pending(state)).length),
      1,
    );
    send((state) => must(pinLogKey(state, 'https://e.example', 'log.example+1+key')));
    send((state) => must(quarantine(state, first(state), 'rejected')));
    assert.equal(statSync(join(folder, 'post/log.vkey')).uid, sender);
    // The incident that the sender recorded is signed, and removed, by the owner.
    assert.deepEqual(sign(), { sequence: 1, incidents: ['rejected'] });
    assert.deepEqual(readdirSync(join(folder, 'incidents')), []);
    assert.equal(
      as(owner, [], () => must(pinnedLogKey(must(open()), 'https://e.example'))),
      'log.example+1+key',
    );
  });

  it('never lets the sender sign, read a key or move the chain', () => {
    sign();
    assert.equal(refusalOf(send((state) => loadOrCreateKeys(state))).code, 'key-not-ours');
    const chain = readFileSync(join(folder, 'chain.json'), 'utf8');
    for (const name of ['key.pem', 'blind.key'])
      assert.throws(() => send(() => readFileSync(join(folder, name))), { code: 'EACCES' }, name);
    for (const name of ['key.pem', 'chain.json', 'run.json', 'target.json'])
      assert.throws(() => send(() => writeFileSync(join(folder, name), 'x')), { code: 'EACCES' }, name);
    assert.throws(() => send(() => rmSync(join(folder, 'key.pem'))), { code: 'EACCES' });
    assert.equal(readFileSync(join(folder, 'chain.json'), 'utf8'), chain);
  });

  it('begins the new chain that the sender asked for, by the owner and once', () => {
    sign();
    send((state) => must(fork(state, first(state))));
    send((state) => must(fork(state, first(state))));
    assert.deepEqual(sign(), { sequence: 0, incidents: ['fork'] });
    assert.deepEqual(sign(), { sequence: 1, incidents: [] });
    assert.deepEqual(readdirSync(join(folder, 'post')), []);
  });

  it('is refused to whoever is no member, before the owner made it, and without the mark', () => {
    assert.equal(refusalOf(as(sender, [owner], open)).code, 'state-missing');
    sign();
    assert.equal(refusalOf(as(sender, [], open)).code, 'not-permitted');
    chmodSync(folder, 0o750);
    const refused = refusalOf(as(sender, [owner], open));
    assert.equal(refused.code, 'folder-unsafe');
    assert.match(refused.remedy ?? '', /setpriv --reuid 64101/);
  });

  it('is refused to the sender where a part of it is not as its owner makes it', () => {
    sign();
    chownSync(join(folder, 'spool'), sender, owner);
    assert.equal(refusalOf(as(sender, [owner], open)).code, 'folder-unsafe');
    chownSync(join(folder, 'spool'), owner, owner);
    chmodSync(join(folder, 'packs'), 0o2777);
    assert.equal(refusalOf(as(sender, [owner], open)).code, 'folder-unsafe');
  });

  it('that was filled before it was shared is shared with all that is in it', () => {
    chmodSync(folder, 0o700);
    sign();
    assert.equal(statSync(join(folder, 'spool')).mode & 0o7777, 0o700);
    chmodSync(folder, 0o2750);
    sign();
    assert.equal(
      send((state) => must(pending(state)).length),
      2,
    );
    assert.equal(statSync(join(folder, 'key.pem')).mode & 0o7777, 0o600);
  });
});
