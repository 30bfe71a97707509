/** Secrets at rest: what lies on the disk opens on the machine that sealed it, under its own name, and nowhere else. */
import assert from 'node:assert/strict';
import { cpSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { adoptNextKey, loadOrCreateKeys, loadOrCreateNextKey } from '../../../agent/spool/keys.ts';
import type { Sealing } from '../../../agent/spool/sealing.ts';
import { openState, type State } from '../../../agent/spool/state.ts';
import { askerOf } from '../../../agent/spool/windows-ask.ts';
import { sealingBy } from '../../../agent/spool/windows-sealing.ts';
import { engineOrSkip } from '../../powershell/engine.ts';
import { must, refusalOf, scratchFolder } from './bundles.ts';

/** A machine that seals by a byte of its own, and counts how often it is asked. */
function machine(own: number): Sealing & { readonly asked: { count: number } } {
  const asked = { count: 0 };
  const turn = (bytes: Uint8Array): Uint8Array => bytes.map((byte) => byte ^ own);
  return {
    asked,
    protection: 'dpapi',
    make() {
      asked.count += 1;
      const key = new Uint8Array(32).fill(own + 1);
      return { key, sealed: Uint8Array.from([own, ...turn(key)]) };
    },
    open([first, ...rest]) {
      asked.count += 1;
      return first === own ? turn(Uint8Array.from(rest)) : undefined;
    },
  };
}

describe('secrets at rest under a key of the machine', () => {
  let home: string;
  let folder: string;
  const open = (sealing?: Sealing): State =>
    must(openState(folder, { create: true, now: () => new Date(), ...(sealing !== undefined && { sealing }) }));
  const disk = (name: string): string => readFileSync(join(folder, name), 'latin1');
  beforeEach(() => {
    home = scratchFolder();
    folder = join(home, 'state');
  });
  afterEach(() => {
    rmSync(home, { recursive: true });
  });

  it('lie on the disk as nothing that a reader of the disk could use, and the statement says so', () => {
    const here = machine(7);
    const { signer, blindKey } = must(loadOrCreateKeys(open(here)));
    assert.equal(signer.protection, 'dpapi');
    for (const name of ['key.pem', 'blind.key']) assert.match(disk(name), /^affiant-sealed\/1 [A-Za-z0-9+/=]+$/);
    assert.ok(!disk('key.pem').includes('PRIVATE KEY'));
    const again = must(loadOrCreateKeys(open(here)));
    assert.equal(again.signer.keyId, signer.keyId);
    assert.deepEqual(again.blindKey, blindKey);
    // Once to make it, once for the folder opened again: each asking is a process.
    assert.equal(here.asked.count, 2);
  });

  it('open on no other machine, with no other key, and under no other name', () => {
    must(loadOrCreateKeys(open(machine(7))));
    const other = refusalOf(loadOrCreateKeys(open(machine(8))));
    assert.equal(other.code, 'key-unreadable');
    assert.match(other.message, /this machine does not open/);
    assert.equal(refusalOf(loadOrCreateKeys(open())).code, 'key-unreadable');
    cpSync(join(folder, 'blind.key'), join(folder, 'key.pem'));
    assert.match(refusalOf(loadOrCreateKeys(open(machine(7)))).message, /is not what was sealed/);
    rmSync(join(folder, 'sealing.key'));
    assert.equal(refusalOf(loadOrCreateKeys(open(machine(7)))).code, 'key-lost');
  });

  it('are refused with any byte changed', () => {
    must(loadOrCreateKeys(open(machine(7))));
    const text = disk('key.pem');
    for (let at = 17; at < text.length - 4; at += 29) {
      writeFileSync(join(folder, 'key.pem'), text.slice(0, at) + (text[at] === 'A' ? 'B' : 'A') + text.slice(at + 1));
      assert.equal(refusalOf(loadOrCreateKeys(open(machine(7)))).code, 'key-unreadable');
    }
    for (const length of [17, 25, 45, text.length - 8]) {
      writeFileSync(join(folder, 'key.pem'), text.slice(0, length));
      assert.equal(refusalOf(loadOrCreateKeys(open(machine(7)))).code, 'key-unreadable', `${length} characters`);
    }
  });

  it('stay sealed through a rotation', () => {
    const state = open(machine(7));
    const { signer } = must(loadOrCreateKeys(state));
    const next = must(loadOrCreateNextKey(state));
    assert.equal(next.protection, 'dpapi');
    must(adoptNextKey(state, next));
    const now = must(loadOrCreateKeys(open(machine(7)))).signer;
    assert.equal(now.keyId, next.keyId);
    assert.notEqual(now.keyId, signer.keyId);
    assert.equal(now.protection, 'dpapi');
  });

  it('lie as before where the machine has no way, which the statement says too; and a key from before stays in use', () => {
    const none: Sealing = { protection: 'dpapi', make: () => undefined, open: () => undefined };
    const { signer } = must(loadOrCreateKeys(open(none)));
    assert.equal(signer.protection, 'file');
    assert.ok(!existsSync(join(folder, 'sealing.key')));
    const later = must(loadOrCreateKeys(open(machine(7)))).signer;
    assert.deepEqual([later.keyId, later.protection], [signer.keyId, 'file']);
  });

  it('are asked of a real PowerShell without a secret in what it is told', function () {
    this.timeout(60_000);
    const engine = engineOrSkip(this);
    const env = { PATH: '/usr/bin:/bin', HOME: '/nonexistent', TERM: 'dumb', NO_COLOR: '1' };
    // DPAPI is Windows' own; here the bytes come back turned around. test/slow/wine.test.ts has the real calls.
    const turned = `function Protect-Bytes { param([byte[]]$Bytes) $turned = [byte[]]$Bytes.Clone(); [Array]::Reverse($turned); return , $turned }\n\nfunction Unprotect-Bytes { param([byte[]]$Bytes) $turned = [byte[]]$Bytes.Clone(); [Array]::Reverse($turned); return , $turned }\n\n`;
    const windows = sealingBy(askerOf(engine, env, turned));
    const made = windows.make();
    assert.equal(made?.key.length, 32);
    assert.deepEqual(windows.open(made.sealed), made.key);
    // Without the functions of Windows there is no answer, and nothing is sealed.
    const bare = sealingBy(askerOf(engine, env));
    assert.equal(bare.make(), undefined);
  });
});
