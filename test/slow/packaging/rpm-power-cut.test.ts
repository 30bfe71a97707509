/**
 * An rpm whose power is cut at each kind of step that it takes: the program runs and the state is whole at once, and the
 * same command again ends as if nothing had been. The steps are those that rpm takes here, by strace(1); a step is cut
 * off by SIGKILL as it begins, with all that rpm started.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { findTool } from '../../../packaging/build/run-tool.ts';
import { notHere, theInstaller } from './built.ts';
import { DebianRoot, type Ran } from './debian-root.ts';

/** Calls that change what lies on disk, or wait for a script. */
const changing = ['write', 'renameat', 'fdatasync', 'syncfs', 'wait4'];

type Step = { readonly call: string; readonly nth: number };

/** The first and the last call of each run of the same; of the many that write a file, one in the middle. */
function stepsOf(trace: string): Step[] {
  const counts = new Map<string, number>();
  const all = trace.split('\n').flatMap((line) => {
    const call = /^(\w+)\(/.exec(line)?.[1];
    if (call === undefined || !changing.includes(call)) return [];
    const nth = (counts.get(call) ?? 0) + 1;
    counts.set(call, nth);
    return [{ call, nth }];
  });
  const written = all.filter(({ call }) => call === 'write');
  const others = all.filter(({ call }) => call !== 'write');
  const edges = others.filter(
    ({ call }, index) => others[index - 1]?.call !== call || (call === 'renameat' && others[index + 1]?.call !== call),
  );
  return [...written.slice(Math.floor(written.length / 2)).slice(0, 1), ...edges];
}

describe('the rpm whose power is cut', function () {
  this.timeout(600_000);
  let bare: DebianRoot | undefined;
  let installed: DebianRoot | undefined;
  const packages = new Map<string, string>();
  const folder = mkdtempSync(join(tmpdir(), 'affiant-rpm-cut-'));

  before(async function () {
    const tool = ['rpmbuild', 'strace', 'systemctl'].find((name) => findTool([name]) === undefined);
    const missing =
      notHere() ??
      (tool === undefined ? undefined : `no ${tool}`) ??
      (DebianRoot.isPrepared() ? undefined : 'no small root folder (run test/judges/debian-root.sh)');
    if (missing !== undefined) {
      process.stdout.write(`      skipped: ${missing}\n`);
      this.skip();
    }
    for (const version of ['0.1.0', '0.1.1']) packages.set(version, await theInstaller('rpm', version));
    bare = new DebianRoot();
    giveSystemctl(bare);
    // Every system of rpm has its database; one that is made while the power is cut stays half.
    assert.equal(bare.runOutside('rpm', '--root', bare.folder, '--dbpath', '/var/lib/rpm', '--initdb').code, 0);
    installed = new DebianRoot(bare);
    const first = rpm(installed, '0.1.0');
    assert.equal(first.code, 0, first.said);
    const collected = installed.affiant('collect', '--only', 'host');
    assert.equal(collected.code, 0, collected.said);
    writeFileSync(join(installed.folder, 'etc/affiant/affiant.yaml'), 'spool: {keepPacks: 31}\n');
    writeFileSync(join(installed.folder, 'etc/affiant/conf.d/own.yaml'), 'spool: {keepPacks: 32}\n');
    assert.equal(installed.run('systemctl', 'disable', 'affiant-post.timer').code, 0);
  });
  after(() => {
    installed?.remove();
    bare?.remove();
    rmSync(folder, { recursive: true, force: true });
  });

  /** The command of docs/install.md in a root, which rpm does not know the packages of. */
  function command(root: DebianRoot, version: string): string[] {
    const options = ['--root', root.folder, '--dbpath', '/var/lib/rpm', '--nodeps'];
    return ['rpm', ...options, '-U', '--replacepkgs', packages.get(version) ?? ''];
  }
  const rpm = (root: DebianRoot, version: string, ...strace: readonly string[]): Ran =>
    root.runOutside(...strace, ...command(root, version));
  const query = (root: DebianRoot, ...args: readonly string[]): string =>
    root.runOutside('rpm', '--root', root.folder, '--dbpath', '/var/lib/rpm', ...args, 'affiant').said;

  /** The steps of the command where nothing cuts it off. */
  function stepsFrom(start: DebianRoot): Step[] {
    const root = new DebianRoot(start);
    try {
      const trace = join(folder, 'trace');
      const done = rpm(root, '0.1.1', 'strace', '-o', trace, '-e', `trace=${changing.join(',')}`);
      assert.equal(done.code, 0, done.said);
      return stepsOf(readFileSync(trace, 'utf8'));
    } finally {
      root.remove();
    }
  }

  function cutAt(root: DebianRoot, { call, nth }: Step): void {
    const kill = ['-e', `trace=${call}`, '-e', `inject=${call}:signal=KILL:when=${nth}`];
    const { code, said } = rpm(root, '0.1.1', 'strace', '-o', '/dev/null', ...kill);
    assert.notEqual(code, 0, `${call} ${nth} did not cut it off: ${said}`);
  }

  /** Cuts the command off while its script has made the user and goes on. */
  async function cutInScript(root: DebianRoot): Promise<void> {
    const child = root.startOutside(...command(root, '0.1.1'));
    const ended = once(child, 'exit');
    while (child.exitCode === null && !readFileSync(join(root.folder, 'etc/passwd'), 'utf8').includes('affiant:'))
      await wait(1);
    child.kill('SIGKILL');
    assert.deepEqual(await ended, [null, 'SIGKILL']);
  }

  /** Has the command cut off, and gives it again. */
  async function mended(start: DebianRoot, cut: (root: DebianRoot) => void | Promise<void>): Promise<Ended> {
    const root = new DebianRoot(start);
    try {
      await cut(root);
      // rpm names what it unpacks by the second, and stumbles over its own files of the same one.
      await wait(1000 - (Date.now() % 1000));
      const again = rpm(root, '0.1.1');
      assert.equal(again.code, 0, again.said);
      return endOf(root);
    } finally {
      root.remove();
    }
  }

  const endOf = (root: DebianRoot) => ({
    installed: query(root, '-q'),
    changed: query(root, '-V', '--nodeps').replaceAll(/\s+/g, ' '),
    program: root.run('affiant', '--version').said,
    users: root.run('id', '-Gn', 'affiant-post').said,
    folder: root.run('stat', '-c', '%a %U %G', '/var/lib/affiant').said,
    state: root.digestOf('/var/lib/affiant'),
    configuration: root.digestOf('/etc/affiant'),
    enabled: root.list('/etc/systemd/system').filter((name) => name.includes('affiant')),
    left: root.traces().filter((path) => path.includes(';') || path.startsWith('/var/lib/rpm-state')),
  });
  type Ended = ReturnType<typeof endOf>;

  it('ends a first installation whole, with its timers on, wherever it was cut off', async () => {
    assert.ok(bare);
    const whole = new DebianRoot(bare);
    assert.equal(rpm(whole, '0.1.1').code, 0);
    const expected = endOf(whole);
    whole.remove();
    assert.equal(expected.installed, 'affiant-0.1.1-1.x86_64\n');
    assert.equal(expected.enabled.filter((name) => name.includes('.wants/')).length, 4, expected.enabled.join());
    assert.deepEqual([expected.changed, expected.left], ['', []]);
    const steps = stepsFrom(bare);
    for (const step of steps)
      assert.deepEqual(await mended(bare, (root) => cutAt(root, step)), expected, `${step.call} ${step.nth}`);
    assert.deepEqual(await mended(bare, cutInScript), expected, 'in the script');
    process.stdout.write(`      cut off at ${steps.length} steps, and in its script\n`);
  });

  it('keeps state, key, configuration and a running program over an upgrade that was cut off, and ends it', async () => {
    assert.ok(installed);
    const start = installed;
    const { state, configuration, enabled, program } = endOf(start);
    const steps = stepsFrom(start);
    for (const step of steps) {
      const at = `${step.call} ${step.nth}`;
      const ended = await mended(start, (root) => {
        cutAt(root, step);
        assert.match(root.run('affiant', '--version').said, /^0\.1\.0\n$/, at);
        assert.deepEqual(
          [root.digestOf('/var/lib/affiant'), root.digestOf('/etc/affiant')],
          [state, configuration],
          at,
        );
      });
      assert.deepEqual([ended.state, ended.configuration, ended.enabled], [state, configuration, enabled], at);
      assert.deepEqual([ended.installed, ended.program, ended.left], ['affiant-0.1.1-1.x86_64\n', program, []], at);
      assert.equal(ended.changed, 'S.5....T. c /etc/affiant/affiant.yaml ', at);
    }
    process.stdout.write(`      cut off at ${steps.length} steps\n`);
  });
});

/** This machine's systemctl and its libraries, for a root that has none: it enables units without a running systemd. */
function giveSystemctl(root: DebianRoot): void {
  const program = findTool(['systemctl']) ?? '';
  const libraries = spawnSync('ldd', [program], { encoding: 'utf8' }).stdout.matchAll(/(\/\S+) \(0x/g);
  for (const file of [program, ...[...libraries].map(([, path = '']) => path)]) {
    const place = join(root.folder, file);
    if (!existsSync(place)) cpSync(file, place, { dereference: true });
  }
  assert.ok(existsSync(join(root.folder, dirname(program))));
}
