/** The network between fifty agents and their endpoint is cut for a while, in a namespace of its own. */
import assert from 'node:assert/strict';
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface, type Interface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { loadOrCreateLogKey } from '../../endpoint/log-key.ts';
import { openSqliteStore } from '../../endpoint/store/sqlite.ts';
import { valueOf } from '../evidence/sample.ts';

const name = `affiant-${process.pid}`;
const at = (file: string): string => fileURLToPath(new URL(file, import.meta.url));
const agentsCount = 50;
const bundlesEach = 6;
const mebibyte = 1024 * 1024;

/** Why it cannot be made here; undefined where it can. */
function missing(): string | undefined {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return 'it needs root on Linux';
  try {
    execFileSync('ip', ['netns', 'add', name], { stdio: 'pipe' });
    return undefined;
  } catch {
    return 'no network namespace can be made (iproute2, CAP_SYS_ADMIN)';
  }
}

describe('a network that is cut', () => {
  let folder = '';
  let isMade = false;
  const children: ChildProcess[] = [];
  before(function () {
    const why = missing();
    isMade = why === undefined;
    if (isMade) {
      loopback('up');
      return;
    }
    console.error(`      skipped: a network that is cut: ${why}`);
    this.skip();
  });
  after(() => {
    for (const child of children) child.kill('SIGKILL');
    if (isMade) execFileSync('ip', ['netns', 'delete', name]);
    if (folder !== '') rmSync(folder, { recursive: true, force: true });
  });

  /** The namespace has nothing but its own loopback: down, nothing reaches anything. */
  function loopback(state: 'up' | 'down'): void {
    execFileSync('ip', ['-n', name, 'link', 'set', 'lo', state]);
  }
  function inside(script: string, ...args: readonly string[]): { child: ChildProcess; lines: Interface } {
    const child = spawn('ip', ['netns', 'exec', name, process.execPath, at(script), ...args], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    children.push(child);
    return { child, lines: createInterface({ input: child.stdout }) };
  }
  /** `ip netns exec` becomes the program: the process is the endpoint's own. */
  function residentBytes(child: ChildProcess, which: 'VmRSS' | 'VmHWM'): number {
    const [, kilobytes] =
      new RegExp(`^${which}:\\s+(\\d+) kB`, 'm').exec(readFileSync(`/proc/${child.pid}/status`, 'utf8')) ?? [];
    return Number(kilobytes) * 1024;
  }

  it('loses nothing and keeps every chain in order when fifty agents come back at once', async () => {
    folder = mkdtempSync(join(tmpdir(), 'affiant-cut-'));
    const fleet = inside('network-agents.ts', folder, String(agentsCount), String(bundlesEach));
    await once(fleet.lines, 'line');
    const keys = readdirSync(folder).filter((file) => file.endsWith('.pem'));
    const served = inside('../endpoint/serve-child.ts', folder, ...keys.map((file) => join(folder, file)));
    const [port] = (await once(served.lines, 'line')) as [string];
    const told: string[] = [];
    fleet.lines.on('line', (line) => told.push(line));
    fleet.child.stdin?.write(`http://127.0.0.1:${port}\n`);
    await once(fleet.lines, 'line');
    assert.equal(told[0], 'begun');
    const before = residentBytes(served.child, 'VmRSS');
    loopback('down');
    // Long enough that every agent has tried in vain and more than one bundle waits.
    await new Promise((resolve) => setTimeout(resolve, 6_000));
    assert.equal(told.length, 1, 'nobody came through');
    loopback('up');
    await once(fleet.lines, 'line');
    const receipted = JSON.parse(told[1] ?? '') as string[][];
    assert.ok(residentBytes(served.child, 'VmHWM') < before + 200 * mebibyte);
    served.child.kill('SIGKILL');
    await once(served.child, 'exit');
    const logSigner = valueOf(loadOrCreateLogKey(folder, 'log.affiant.example'));
    const store = valueOf(await openSqliteStore(join(folder, 'endpoint.db'), { logSigner, now: () => new Date() }));
    try {
      const kept = valueOf(await store.bundles({ limit: 1000 }));
      assert.equal(receipted.flat().length, agentsCount * bundlesEach);
      assert.deepEqual(new Set(kept.map(({ digest }) => digest)), new Set(receipted.flat()));
      const byChain = Map.groupBy(kept, ({ chain }) => chain);
      assert.equal(byChain.size, agentsCount);
      for (const bundles of byChain.values()) {
        assert.deepEqual(
          bundles.map(({ sequence }) => sequence),
          Array.from({ length: bundlesEach }, (_, index) => index),
        );
        assert.ok(bundles.every(({ labels }) => !labels.includes('sequence-gap') && !labels.includes('chain-fork')));
      }
    } finally {
      await store.close();
    }
  });
});
