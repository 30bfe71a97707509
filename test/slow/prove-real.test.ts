/**
 * `affiant prove` against a real clamd with a signature of our own, a real clamonacc where the kernel lets it
 * watch, and a real auditd where none listens yet. Needs the packages clamav-daemon, clamdscan and auditd, and root.
 */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { localLinux } from '../../agent/host/local-linux.ts';
import { eicarBytes } from '../../agent/prove/eicar.ts';
import { keptProofs } from '../../agent/prove/ledger.ts';
import { runCollectors } from '../../agent/run/run-collectors.ts';
import { openState } from '../../agent/spool/state.ts';
import { edr } from '../../collectors/edr/index.ts';
import type { DetectionProof, EdrDocument, SourcesDocument } from '../../schemas/generated/types.ts';
import { must } from '../agent/spool/bundles.ts';

const main = join(import.meta.dirname, '../../agent/cli/main.ts');

describe('proofs of detection with real parts', () => {
  let folder = '';
  const children: ChildProcess[] = [];

  function start(program: string, ...args: readonly string[]): ChildProcess {
    const child = spawn(program, args, { stdio: 'ignore' });
    children.push(child);
    return child;
  }

  async function until(what: string, is: () => boolean): Promise<void> {
    for (let tries = 0; tries < 300; tries += 1) {
      if (is()) return;
      await new Promise((done) => setTimeout(done, 100));
    }
    assert.fail(`${what} did not come`);
  }

  function commandLine(...args: readonly string[]): string[] {
    const state = ['--state', join(folder, 'state'), '--config', join(folder, 'affiant.yaml')];
    return [process.execPath, main, 'prove', ...state, '--format', 'json', ...args];
  }

  type Proved = { readonly proofs: DetectionProof[]; readonly status: number | null };

  function prove(...args: readonly string[]): Proved {
    return proved(commandLine(...args));
  }

  function proved([program = '', ...args]: readonly string[]): Proved {
    const run = spawnSync(program, args, { encoding: 'utf8' });
    assert.notEqual(run.stdout, '', run.stderr);
    return { proofs: JSON.parse(run.stdout) as DetectionProof[], status: run.status };
  }

  /** Outcome and reason of each proof, and the exit code. */
  function inShort({ proofs, status }: Proved): [string[], number | null] {
    return [proofs.map(({ outcome, reason }) => [outcome, reason].filter(Boolean).join(' ')), status];
  }

  before(async function () {
    const missing = ['/usr/sbin/clamd', '/usr/sbin/clamonacc', '/usr/bin/clamdscan'].filter(
      (path) => !existsSync(path),
    );
    if (missing.length > 0 || process.getuid?.() !== 0) {
      console.warn(`      skipped: ${missing.length > 0 ? `${missing.join(', ')} not installed` : 'not root'}`);
      this.skip();
    }
    folder = mkdtempSync('/opt/affiant-prove-test-');
    chmodSync(folder, 0o755);
    for (const name of ['db', 'watched', 'socket']) mkdirSync(join(folder, name));
    writeFileSync(join(folder, 'affiant.yaml'), 'prove:\n  waitSeconds: 20\n');
    writeFileSync(join(folder, 'db/own.ndb'), `Affiant.Test.Eicar:0:*:${Buffer.from(eicarBytes()).toString('hex')}\n`);
    const conf = [
      `DatabaseDirectory ${folder}/db`,
      `LocalSocket ${folder}/socket/clamd.sock`,
      `LogFile ${folder}/clamd.log`,
      'Foreground yes',
      `OnAccessIncludePath ${folder}/watched`,
      'OnAccessPrevention yes',
      'OnAccessExcludeUname nobody',
      'User nobody',
    ];
    writeFileSync(join(folder, 'clamd.conf'), `${conf.join('\n')}\n`);
    chmodSync(join(folder, 'socket'), 0o777);
    writeFileSync(join(folder, 'clamd.log'), '');
    chmodSync(join(folder, 'clamd.log'), 0o666);
    start('/usr/sbin/clamd', '-c', join(folder, 'clamd.conf'));
    await until('clamd', () => existsSync(join(folder, 'socket/clamd.sock')));
  });

  after(() => {
    for (const child of children) child.kill('SIGTERM');
    if (folder !== '') rmSync(folder, { recursive: true, force: true });
  });

  it('find the test file with clamdscan, and leave nothing of it', () => {
    const { proofs, status } = prove('--only', 'eicar', '--folder', join(folder, 'watched'));
    assert.equal(status, 0);
    const proof = proofs.find(({ method }) => method === 'eicar-on-demand');
    assert.deepEqual([proof?.outcome, proof?.product, proof?.cleanedUp], ['detected', 'clamav', true]);
    assert.deepEqual(readdirSync(join(folder, 'watched')), []);
  });

  it('call it undetected where the signatures are gone', async () => {
    const database = join(folder, 'db/own.ndb');
    const signature = readFileSync(database, 'utf8');
    const reload = (): void => void spawnSync('/usr/bin/clamdscan', ['-c', join(folder, 'clamd.conf'), '--reload']);
    writeFileSync(database, 'Other:0:*:00112233445566778899aabbccddeeff\n');
    reload();
    try {
      let seen = inShort(prove('--only', 'eicar'));
      for (let tries = 0; tries < 20 && seen[1] !== 1; tries += 1) seen = inShort(prove('--only', 'eicar'));
      assert.deepEqual(seen, [['not-applicable no-on-access-scanner', 'not-detected scanned-clean'], 1]);
    } finally {
      writeFileSync(database, signature);
      reload();
    }
    await until('the signature', () => prove('--only', 'eicar').proofs[1]?.outcome === 'detected');
  });

  it('end with 3 where the folder is refused, and nothing was written into it', () => {
    const before = readdirSync('/home');
    assert.deepEqual(inShort(prove('--only', 'eicar', '--folder', '/home')), [
      ['not-applicable no-on-access-scanner', 'refused forbidden-home'],
      3,
    ]);
    assert.deepEqual(readdirSync('/home'), before);
  });

  it('end with 3 where the scanner is not installed: nothing could be proved', function () {
    // A mount of our own process hides the program: a whiteout of overlayfs (kernel: filesystems/overlayfs).
    const hidden = join(folder, 'hidden');
    mkdirSync(hidden);
    const script =
      'mknod "$1/clamdscan" c 0 0 && mount -t overlay overlay -o "lowerdir=$1:/usr/bin" /usr/bin && shift && exec "$@"';
    const alone = ['/usr/bin/unshare', '-m', '/bin/sh', '-c', script, 'sh', hidden];
    const without = (...words: readonly string[]): string[] => [...alone, ...words];
    const [program = '', ...args] = without('/usr/bin/test', '!', '-e', '/usr/bin/clamdscan');
    if (spawnSync(program, args).status !== 0) {
      console.warn('      skipped: no mount of our own hides a program here');
      this.skip();
    }
    rmSync(join(hidden, 'clamdscan'));
    assert.deepEqual(inShort(proved(without(...commandLine('--only', 'eicar')))), [
      ['not-applicable no-on-access-scanner', 'not-applicable no-on-demand-scanner'],
      3,
    ]);
  });

  it('end with 2 where no such proof is, and with 5 where no state can be kept', () => {
    const codeOf = (...args: readonly string[]): number | null => {
      const [program = '', ...words] = commandLine(...args);
      return spawnSync(program, words).status;
    };
    assert.equal(codeOf('--only', 'eicars'), 2);
    assert.equal(codeOf('--only', 'eicar', '--state', join(folder, 'clamd.conf')), 5);
  });

  it('see clamonacc stop the access, and its log name the file', async function () {
    const log = join(folder, 'onaccess.log');
    const watcher = start('/usr/sbin/clamonacc', '-F', '-c', join(folder, 'clamd.conf'), '--fdpass', '-l', log);
    let ended = false;
    watcher.once('exit', () => {
      ended = true;
    });
    await until('clamonacc', () => ended || (existsSync(log) && readFileSync(log, 'utf8').includes('watching')));
    if (ended) {
      console.warn('      skipped: this kernel lets clamonacc watch nothing (fanotify)');
      this.skip();
    }
    const { proofs } = prove('--only', 'eicar');
    assert.deepEqual(
      [proofs[0]?.method, proofs[0]?.outcome, proofs[0]?.stages, proofs[0]?.cleanedUp],
      ['eicar-on-access', 'detected', ['blocked', 'local-log'], true],
    );
    assert.deepEqual(readdirSync(join(folder, 'watched')), []);
    console.info(`      on access after ${proofs[0]?.latencyMs} ms`);
    watcher.kill('SIGTERM');
    await until('the end of clamonacc', () => ended);
  });

  it('end with 3 where the daemon of the scanner does not answer: it could not be told', async () => {
    const [daemon] = children;
    daemon?.kill('SIGTERM');
    await until('the end of clamd', () => daemon?.exitCode !== null || daemon.signalCode !== null);
    assert.deepEqual(inShort(prove('--only', 'eicar', '--folder', join(folder, 'watched'))), [
      ['not-applicable no-on-access-scanner', 'inconclusive scanner-error'],
      3,
    ]);
    assert.deepEqual(readdirSync(join(folder, 'watched')), []);
  });

  it('find their message in the log of auditd', async function () {
    const status = (): string => spawnSync('/usr/sbin/auditctl', ['-s'], { encoding: 'utf8' }).stdout ?? '';
    if (!existsSync('/usr/sbin/auditd') || !/^pid 0$/m.test(status())) {
      console.warn('      skipped: auditd is not installed, or one listens already');
      this.skip();
    }
    assert.deepEqual(
      prove('--only', 'auditd').proofs.map(({ reason }) => reason),
      ['auditd-not-running'],
    );
    const daemon = start('/usr/sbin/auditd', '-n');
    let ended = false;
    daemon.once('exit', () => {
      ended = true;
    });
    await until('auditd', () => ended || /^pid [1-9]/m.test(status()));
    if (ended) {
      console.warn('      skipped: auditd does not start here');
      this.skip();
    }
    const { proofs, status: code } = prove('--only', 'auditd');
    assert.deepEqual([proofs[0]?.outcome, proofs[0]?.stages, code], ['detected', ['local-log'], 0]);
    console.info(`      through the audit system after ${proofs[0]?.latencyMs} ms`);
    daemon.kill('SIGTERM');
    await until('the end of auditd', () => ended);
  });

  it('are told by the next document edr, with a source record', async () => {
    const state = must(openState(join(folder, 'state'), { create: false, now: () => new Date() }));
    const proofs = must(keptProofs(state));
    assert.ok(proofs.length > 3);
    const { documents } = await runCollectors(localLinux(), {
      collectors: [edr],
      only: undefined,
      disabled: [],
      budgetSeconds: {},
      blindKey: new Uint8Array(32),
      proofs,
    });
    const { detectionProofs } = documents.get('edr') as EdrDocument;
    assert.deepEqual(
      detectionProofs.status === 'observed' && detectionProofs.value,
      proofs.map(({ proof }) => proof),
    );
    const { records } = documents.get('sources/edr') as SourcesDocument;
    assert.ok(records.some(({ locator }) => locator === detectionProofs.sources[0]));
  });
});
