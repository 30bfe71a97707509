/**
 * The Windows service host as a real service under Wine: its service manager creates, starts, asks and stops it, and each
 * turn starts the agent as a Windows program. Wine has no PowerShell, so that the agent refuses its state folder: what
 * the host makes of that is part of the test. Nor does Wine keep an event log (its ReportEventW is a stub, and reading one
 * finds none): what is read back is its own trace of each call, with type, id and text.
 */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { buildServiceHost, missingForServiceHost } from '../../../packaging/service-host/build.ts';

const wine = '/usr/lib/wine/wine64';
const cache = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'affiant-test/wine-24.21.0');
const windows = (path: string): string => `Z:${path.replaceAll('/', '\\')}`;

describe('the Windows service host', function () {
  this.timeout(240_000);
  let folder = '';
  let host = '';
  let keeper: ChildProcess | undefined;
  before(async function () {
    const missing =
      !existsSync(join(cache, 'ready')) || !existsSync(wine) ? 'Wine with Node for Windows' : missingForServiceHost();
    if (missing !== undefined) {
      process.stdout.write(`      skipped: ${missing} is missing\n`);
      this.skip();
    }
    folder = mkdtempSync(join(tmpdir(), 'affiant-service-'));
    host = buildServiceHost(folder);
    // Wine ends its services with the last program of a user.
    // What it starts first, the service manager, inherits its standard error, and so does each service.
    const traced = { ...environment(), WINEDEBUG: '-all,+eventlog,fixme+advapi' };
    const trace = openSync(join(folder, 'events'), 'w');
    keeper = spawn(wine, ['cmd', '/c', 'pause'], { env: traced, stdio: ['pipe', 'ignore', trace] });
    closeSync(trace);
    await wait(1000);
  });
  after(async () => {
    if (keeper !== undefined) await sc('delete', 'Affiant');
    keeper?.stdin?.end('\n');
    if (folder !== '') rmSync(folder, { recursive: true, force: true });
  });

  function environment(): NodeJS.ProcessEnv {
    return {
      PATH: '/usr/bin:/bin',
      HOME: homedir(),
      WINEPREFIX: join(cache, 'prefix'),
      WINEDEBUG: '-all',
      NODE_SKIP_PLATFORM_CHECK: '1',
    };
  }

  async function program(...argv: readonly string[]): Promise<{ code: number | null; out: string }> {
    const file = join(folder, 'out');
    const out = openSync(file, 'w');
    const child = spawn(wine, argv, { env: environment(), stdio: ['ignore', out, out], timeout: 120_000 });
    const [code] = (await once(child, 'exit')) as [number | null];
    closeSync(out);
    return { code, out: readFileSync(file, 'utf8') };
  }
  const sc = (...args: readonly string[]): ReturnType<typeof program> => program('sc', ...args);

  /** A stand-in for the agent that keeps what it was given; each start is one line. */
  function agent(lines: readonly string[]): string {
    const script = join(folder, 'agent.cjs');
    writeFileSync(
      script,
      [
        `const log = ${JSON.stringify(windows(join(folder, 'log')))};`,
        "const { appendFileSync } = require('node:fs');",
        ...lines,
      ].join('\n'),
    );
    return `"${windows(host)}" --every 6h -- "${windows(join(cache, 'node.exe'))}" "${windows(script)}"`;
  }
  const log = (): string => (existsSync(join(folder, 'log')) ? readFileSync(join(folder, 'log'), 'utf8') : '');

  async function until(done: () => boolean | Promise<boolean>, what: string): Promise<void> {
    const deadline = Date.now() + 60_000;
    while (!(await done())) {
      assert.ok(Date.now() < deadline, `${what}: ${log()}`);
      await wait(200);
    }
  }
  const state = async (): Promise<string> =>
    /STATE\s+:\s+\d+\s+(\w+)/.exec((await sc('query', 'Affiant')).out)?.[1] ?? 'none';

  it('says what it is where a person starts it', async () => {
    const { code, out } = await program(windows(host));
    assert.equal(code, 2);
    assert.match(out, /started by the service manager\r?\n {2}remedy: affiant service install/);
  });

  it('runs at once, starts the agent for a turn with what it is to know, and again when the turn said so', async () => {
    const command = agent([
      "appendFileSync(log, `${process.argv.slice(2).join(' ')}|${process.env.AFFIANT_LOG_LEVELS}\\n`);",
      "process.stderr.write('<4>not seen whole: edr partial\\n');",
      "process.stdout.write('2 3,1\\n');",
    ]);
    assert.equal((await sc('create', 'Affiant', 'binPath=', command, 'start=', 'demand')).code, 0);
    assert.equal((await sc('start', 'Affiant')).code, 0);
    await until(async () => (await state()) === 'RUNNING', 'RUNNING');
    await until(() => log().split('\n').length > 2, 'two turns');
    const [first, second] = log().split('\n');
    assert.equal(first, 'run --turn --every 6h --failures 0,0|1');
    assert.equal(second, 'run --turn --every 6h --failures 3,1|1');
    assert.equal((await sc('stop', 'Affiant')).code, 0);
    await until(async () => (await state()) === 'STOPPED', 'STOPPED');
    assert.equal((await sc('delete', 'Affiant')).code, 0);
  });

  it('hands each line of the agent to the event log, by its level, under the source that its messages are registered for', () => {
    const trace = readFileSync(join(folder, 'events'), 'utf8');
    assert.match(trace, /RegisterEventSourceW \(\(null\),L"Affiant"\)|RegisterEventSourceW \(L"",L"Affiant"\)/);
    // ReportEventW(source, EVENTLOG_WARNING_TYPE, category 0, AFFIANT_WARNING, …), then its text.
    assert.match(
      trace,
      /ReportEventW \([0-9A-F]+,0x0002,0x0000,0x80000002,[^\n]*\n(?:[^\n]*\n)?[^\n]*:ReportEventW L"not seen whole: edr partial"/,
    );
  });

  it('stops while a turn is at work: asks it by the end of its input, and leaves nothing behind', async () => {
    rmSync(join(folder, 'log'), { force: true });
    const command = agent([
      "appendFileSync(log, 'began\\n');",
      "process.stdin.once('end', () => { appendFileSync(log, 'asked\\n'); process.exit(0); }).resume();",
      'setInterval(() => undefined, 1000);',
    ]);
    assert.equal((await sc('create', 'Affiant', 'binPath=', command, 'start=', 'demand')).code, 0);
    assert.equal((await sc('start', 'Affiant')).code, 0);
    await until(() => log().includes('began'), 'began');
    assert.equal(await state(), 'RUNNING');
    assert.equal((await sc('stop', 'Affiant')).code, 0);
    await until(async () => (await state()) === 'STOPPED', 'STOPPED');
    assert.equal(log(), 'began\nasked\n');
  });
});
