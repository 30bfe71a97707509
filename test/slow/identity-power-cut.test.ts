/** The power of a server is cut at every step of enrolment and rotation; the endpoint is a real one. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { enrolHere } from '../../agent/enrol/enrol-here.ts';
import { readEnrolment } from '../../agent/enrol/enrolment-note.ts';
import { rotateKey } from '../../agent/enrol/rotate.ts';
import { loadKnownKeys, loadOrCreateKeys } from '../../agent/spool/keys.ts';
import { openState, type State } from '../../agent/spool/state.ts';
import { listKeys } from '../../endpoint/identity/known-keys.ts';
import { recordsFrom } from '../../endpoint/identity/read-records.ts';
import { openRegistrar } from '../../endpoint/identity/registrar.ts';
import { createToken } from '../../endpoint/identity/tokens.ts';
import { openSqliteStore } from '../../endpoint/store/sqlite.ts';
import { openLedger } from '../../evidence/ledger.ts';
import { throwAwaySigner } from '../../evidence/signing-key.ts';
import { standings } from '../../evidence/standing.ts';
import type { TokenFile } from '../../schemas/generated/types.ts';
import { type Disk, memoryDisk } from '../agent/spool/memory-files.ts';
import { type Running, startRunning } from '../endpoint/running.ts';
import { sampleLog, valueOf } from '../evidence/sample.ts';

const now = new Date('2026-11-23T10:00:05Z');
const folder = '/var/lib/affiant';

function stateOn(disk: Disk): State {
  return valueOf(openState(folder, { create: true, now: () => now, files: disk, lock: (work) => work() }));
}

class Cut extends Error {}

type Life = { readonly token: TokenFile; readonly target: string };
type Prepare = (disk: Disk, life: Life) => Promise<string>;
type Check = (disk: Disk, life: Life, prepared: string, where: string) => Promise<void>;

/** Does the work and cuts the power before its change number `at` of the disk; whether it came to that. */
async function cutAt(disk: Disk, at: number, work: () => Promise<unknown>): Promise<boolean> {
  let changes = 0;
  disk.before = () => {
    if (changes === at) throw new Cut();
    changes += 1;
  };
  try {
    await work();
    return false;
  } catch (error) {
    if (error instanceof Cut) return true;
    throw error;
  } finally {
    disk.before = () => undefined;
  }
}

describe('a server whose power is cut', function () {
  this.timeout(120_000);
  let running: Running;
  let place: string;
  let targets = 0;

  before(async () => {
    place = mkdtempSync(join(tmpdir(), 'affiant-cut-'));
    const log = sampleLog();
    const store = valueOf(await openSqliteStore(join(place, 'endpoint.db'), { logSigner: log.signer, now: () => now }));
    const registrar = valueOf(
      await openRegistrar(store, { signer: throwAwaySigner(), logSigner: log.signer, now: () => now }),
    );
    running = { ...(await startRunning(new Map(), { store, logSigner: log.signer, registrar })), log };
  });
  after(async () => {
    await running.stop();
    rmSync(place, { recursive: true, force: true });
  });

  async function token(): Promise<TokenFile> {
    const order = { role: 'agent', targets: [], endpoint: running.endpoint.url, pins: [] } as const;
    const logKey = running.log.signer.verifierKey;
    return valueOf(await createToken(running.store, { ...order, logKey, expiresAt: '2026-11-24T10:00:00Z' }, now));
  }

  function nextTarget(): string {
    targets += 1;
    return targets.toString(16).padStart(32, '0');
  }

  async function enrolOn(disk: Disk, made: TokenFile, target: string): Promise<string> {
    const state = stateOn(disk);
    const { signer } = valueOf(loadOrCreateKeys(state));
    valueOf(await enrolHere(state, { token: made, signer, target, label: undefined, now }));
    return signer.keyId;
  }

  /** All keys that ever spoke for a target, oldest first. */
  async function keysOf(target: string): Promise<[string, string][]> {
    const rows = valueOf(
      await running.store.read((sql) =>
        sql.all('SELECT key_id, standing FROM known_key WHERE targets = $1 ORDER BY enrolled', [
          JSON.stringify([target]),
        ]),
      ),
    );
    return rows.map((row) => [String(row['key_id']), String(row['standing'])]);
  }

  /** The records, which are the truth, say the same of every key. */
  async function assertRecorded(): Promise<void> {
    const { records } = valueOf(await recordsFrom(running.store, 0, 10_000));
    const recorded = standings(valueOf(openLedger(records, running.log.verifier)).entries);
    const keys = valueOf(await running.store.read((sql) => listKeys(sql, { limit: 10_000 })));
    assert.deepEqual(
      new Set(keys.map(({ keyId, standing }) => `${keyId} ${standing}`)),
      new Set([...recorded].map(([keyId, { standing }]) => `${keyId} ${standing}`)),
    );
  }

  /**
   * Everything that a power cut before any change of the disk can leave, each in a life of its own, since the
   * endpoint goes on from what it was told in that life. Gives how many there were.
   */
  async function everyCut(
    live: (disk: Disk, life: Life) => Promise<unknown>,
    check: Check,
    before?: Prepare,
  ): Promise<number> {
    let lives = 0;
    for (let at = 0; ; at += 1)
      for (let branch = 0; ; branch += 1) {
        const life: Life = { token: await token(), target: nextTarget() };
        const disk = memoryDisk();
        const prepared = (await before?.(disk, life)) ?? '';
        if (!(await cutAt(disk, at, () => live(disk, life)))) return lives;
        const rebooted = disk.afterPowerCut(2)[branch];
        if (rebooted === undefined) break;
        lives += 1;
        await check(rebooted, life, prepared, `cut before change ${at}, page cache ${branch}`);
      }
  }

  it('while it enrols ends with one key, one record and its note, wherever it was', async () => {
    const lives = await everyCut(
      (disk, life) => enrolOn(disk, life.token, life.target),
      async (disk, life, _, where) => {
        const keyId = await enrolOn(disk, life.token, life.target);
        assert.deepEqual(await keysOf(life.target), [[keyId, 'active']], where);
        const note = valueOf(readEnrolment(stateOn(disk)));
        assert.deepEqual([note?.keyId, note?.token], [keyId, life.token.id], where);
      },
      async (disk) => stateOn(disk).folder,
    );
    assert.ok(lives > 20, `${lives} lives`);
    await assertRecorded();
  });

  it('while it rotates ends with the new key active, the old one superseded, and both known here', async () => {
    const lives = await everyCut(
      async (disk) => rotateKey(stateOn(disk), {}, now),
      async (disk, life, old, where) => {
        const state = stateOn(disk);
        const present = valueOf(loadOrCreateKeys(state)).signer.keyId;
        // The cut came after the last step that matters: there is nothing left to do.
        const rotated = present === old ? valueOf(await rotateKey(state, {}, now)).keyId : present;
        const expected = [
          [old, 'superseded'],
          [rotated, 'active'],
        ];
        assert.deepEqual(await keysOf(life.target), expected, where);
        assert.equal(valueOf(loadOrCreateKeys(state)).signer.keyId, rotated, where);
        const known = valueOf(loadKnownKeys(state));
        assert.ok(known(old) !== undefined && known(rotated) !== undefined, where);
      },
      (disk, life) => enrolOn(disk, life.token, life.target),
    );
    assert.ok(lives > 20, `${lives} lives`);
    await assertRecorded();
  });
});
