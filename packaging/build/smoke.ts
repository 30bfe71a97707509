/** Each artefact is started before it leaves: it says what it is, collects, signs and verifies. */
import { spawnSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import about from '../../package.json' with { type: 'json' };
import { projectRoot } from './cache.ts';
import type { Executable } from './executable.ts';
import { PackagingError } from './failure.ts';
import { type Runner, runnerFor } from './runner.ts';
import { nodeVersion } from './targets.ts';

type Run = { readonly code: number | null; readonly out: string; readonly err: string };

/** What was seen, or why it was not run here. Throws where the artefact does not do what it should. */
export function smoke(executable: Executable): string {
  const folder = mkdtempSync(join(tmpdir(), 'affiant-smoke-'));
  try {
    const runner = runnerFor(executable.target, executable.file, folder);
    if ('missing' in runner) return `not run here: ${runner.missing}`;
    return tryAll(executable, runner, folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function tryAll({ target, sha256, file }: Executable, runner: Runner, folder: string): string {
  const run = (...args: readonly string[]): Run => start(runner, args, folder);
  const expect = (what: string, done: Run, holds: boolean): void => {
    if (holds) return;
    const said = `exit code ${done.code}\n${done.out.slice(0, 2000)}${done.err.slice(0, 2000)}`;
    throw new PackagingError(`${file}: ${what}: ${said}`, 'do not ship it');
  };
  const version = run('--version');
  expect('--version', version, version.code === 0 && version.out.trim() === about.version);

  const self = run('internal:self');
  const native = runner.how === 'itself';
  const told = (self.code === 0 ? JSON.parse(self.out) : {}) as Readonly<Record<string, unknown>>;
  expect('the program inside', self, told['node'] === nodeVersion && Number(told['texts']) > 0);
  expect('the code cache', self, told['codeCache'] === (native ? 'used' : 'none'));

  // Elsewhere than at home a recorded machine: what Wine and an emulator show is no server.
  const pack = join(folder, 'smoke.pack.json');
  const recording = join(
    projectRoot,
    'test/fixtures/machines',
    target.platform === 'win32' ? 'windows-member-en' : 'debian-12',
  );
  const state = ['--state', runner.path(join(folder, 'state'))];
  const source = native ? state : ['--host', `replay:${runner.path(recording)}`];
  const collected = run('collect', ...source, '--out', runner.path(pack));
  expect('collect', collected, collected.code === 0);
  expect('its own digest in the bundle', collected, native ? programDigest(pack) === sha256 : true);
  if (!native) return `${runner.how}: --version, collect of a recorded machine`;

  const key = run('key', 'show', ...state);
  writeFileSync(join(folder, 'key.pem'), key.out);
  const verified = run('verify', pack, '--key', join(folder, 'key.pem'));
  expect('verify', verified, verified.code === 0);
  writeFileSync(pack, readFileSync(pack, 'utf8').replace('"linux"', '"linuX"'));
  const refused = run('verify', pack, '--key', join(folder, 'key.pem'));
  expect('verify of a changed pack', refused, refused.code === 1);
  return '--version, collect, verify, and a changed pack refused';
}

function programDigest(pack: string): string {
  const { bundle } = JSON.parse(readFileSync(pack, 'utf8')) as { bundle: { dsseEnvelope: { payload: string } } };
  const statement = JSON.parse(Buffer.from(bundle.dsseEnvelope.payload, 'base64').toString('utf8')) as {
    predicate: { agent: { programDigest: string } };
  };
  return statement.predicate.agent.programDigest;
}

/** Files as outputs: under Wine a pipe may break. */
function start(runner: Runner, args: readonly string[], folder: string): Run {
  const [out, err] = [join(folder, 'out'), join(folder, 'err')];
  const [one, two] = [openSync(out, 'w'), openSync(err, 'w')];
  const [program = '', ...before] = runner.argv;
  const { status } = spawnSync(program, [...before, ...args], {
    stdio: ['ignore', one, two],
    env: { ...runner.env },
    cwd: folder,
    timeout: 300_000,
  });
  closeSync(one);
  closeSync(two);
  return { code: status, out: readFileSync(out, 'utf8'), err: readFileSync(err, 'utf8') };
}
