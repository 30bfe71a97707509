/**
 * Everything before a commit, in one command: types, lint, format, generated files, layers, unit tests.
 * `--without-tests` leaves out the unit tests, for who has just run them all.
 */
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  type Clean,
  type Digests,
  digestOf,
  digestOver,
  projectDigests,
  readClean,
  typeKeys,
  writeClean,
} from './seen-clean.ts';

type Command = readonly [string, ...string[]];
/** What is to be run, and what will have been found clean when all of it ends well. */
type Plan = { readonly commands: readonly Command[]; readonly keys?: readonly string[] };
/** `typesHold`: tsc has just found no fault, so what it wrote down of the imports is of today. */
type Step = { readonly name: string; readonly plan: (typesHold: boolean) => Plan };

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const bin = (name: string): string => join(root, 'node_modules', '.bin', name);
const node = process.execPath;
const cache = 'node_modules/.cache';
const buildInfo = `${cache}/types.tsbuildinfo`;
const seenFile = join(root, cache, 'check.json');

const digests = projectDigests(root);
const seen = readClean(seenFile);
// What decides every answer: the tools by the lock, their settings, and how they are called here.
const settings =
  /^(?:\.oxlintrc\.json|biome\.json|tsconfig\.json|package(?:-lock)?\.json|\.gitignore|tools\/(?:check|seen-clean)\.ts)$/;
const base =
  digests === undefined ? '' : digestOf([process.version, digestOver(digests, (path) => settings.test(path))]);

/** Which of these were not found clean before, and what is clean after them; undefined where that saves nothing. */
function narrowed(step: string, keys: ReadonlyMap<string, string>): { dirty: string[]; keys: string[] } {
  const known = new Set(seen[step]);
  return { dirty: [...keys].flatMap(([path, key]) => (known.has(key) ? [] : [path])), keys: [...keys.values()] };
}

const lintAll: Command = [bin('oxlint'), '--type-aware', '--tsconfig', 'tsconfig.json', '.'];

/** Rules that know no types see every file each time; those that do, the files of which a type can have changed. */
function lint(typesHold: boolean): Plan {
  if (digests === undefined || !typesHold) return { commands: [lintAll] };
  const types = typeKeys(readFileSync(join(root, buildInfo), 'utf8'), cache);
  const sources = [...digests.keys()].filter((path) => /\.[cm]?tsx?$/.test(path));
  // A file that tsc did not see has no key of its imports, and is looked at each time.
  const unseen = sources.filter((path) => !types.has(path));
  const inProgram = sources.flatMap((path) => {
    const key = types.get(path);
    return key === undefined ? [] : [[path, digestOf([base, key])] as const];
  });
  const { dirty, keys } = narrowed('lint', new Map(inProgram));
  const files = [...dirty, ...unseen];
  if (files.length * 2 > sources.length) return { commands: [lintAll], keys };
  const untyped: Command = [bin('oxlint'), '.'];
  return { commands: files.length === 0 ? [untyped] : [untyped, [...lintAll.slice(0, -1), ...files] as never], keys };
}

/** The format of a file is a matter of that file alone. */
function format(): Plan {
  if (digests === undefined) return { commands: [[bin('biome'), 'ci', '.']] };
  const files = [...digests].map(([path, digest]) => [path, digestOf([base, path, digest])] as const);
  const { dirty, keys } = narrowed('format', new Map(files));
  if (dirty.length * 2 > files.length) return { commands: [[bin('biome'), 'ci', '.']], keys };
  const flags = ['--no-errors-on-unmatched', '--files-ignore-unknown=true'];
  return { commands: dirty.length === 0 ? [] : [[bin('biome'), 'ci', ...flags, ...dirty]], keys };
}

/** Made from anything in the project but its tests. */
function generated(): Plan {
  const command: Command = [node, 'tools/generate.ts', '--check'];
  if (digests === undefined) return { commands: [command] };
  const key = digestOf([base, digestOver(digests, (path) => !path.startsWith('test/'))]);
  const { dirty, keys } = narrowed('generated files', new Map([['all', key]]));
  return { commands: dirty.length === 0 ? [] : [command], keys };
}

const mocha = ['node_modules/mocha/bin/mocha.js', '--config', '.mocharc.unit.json', '--parallel', '--jobs', '2'];
const tests: Step = { name: 'unit tests', plan: () => ({ commands: [[node, ...mocha]] }) };
const types: Step = {
  name: 'types',
  // Not in tsconfig.json: copies of the project that share its packages would share the memory, too.
  plan: () => ({ commands: [[bin('tsc'), '--incremental', '--tsBuildInfoFile', buildInfo]] }),
};
const others: readonly Step[] = [
  { name: 'lint', plan: lint },
  { name: 'generated files', plan: generated },
  { name: 'format', plan: format },
  { name: 'layers', plan: () => ({ commands: [[node, 'tools/layers.ts']] }) },
];

// The two checkers of types live for seconds: collecting their garbage was a fifth of what they cost.
const env = { GOGC: 'off', GOMEMLIMIT: '1500MiB', ...process.env };

function run([program, ...args]: Command): Promise<{ readonly ok: boolean; readonly output: string }> {
  return new Promise((done) => {
    const child = spawn(program, args, { cwd: root, env, stdio: ['ignore', 'pipe', 'pipe'] });
    const parts: Buffer[] = [];
    child.stdout.on('data', (part: Buffer) => parts.push(part));
    child.stderr.on('data', (part: Buffer) => parts.push(part));
    const end = (ok: boolean, extra = ''): void => done({ ok, output: Buffer.concat(parts).toString('utf8') + extra });
    child.on('error', (error) => end(false, error.message));
    child.on('close', (code) => end(code === 0));
  });
}

const found: Record<string, readonly string[]> = { ...seen };

async function take({ name, plan }: Step, typesHold: boolean): Promise<boolean> {
  const started = performance.now();
  const { commands, keys } = plan(typesHold);
  let ok = true;
  let said = '';
  for (const command of commands) {
    const outcome = await run(command);
    ok &&= outcome.ok;
    if (!outcome.ok) said += `${outcome.output}\n`;
  }
  if (ok && keys !== undefined) found[name] = keys;
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  process.stdout.write(`${ok ? 'ok    ' : 'FAILED'} ${name} (${seconds} s)\n${said}`);
  return ok;
}

async function rest(): Promise<boolean> {
  const hold = await take(types, false);
  let ok = hold;
  for (const step of others) ok = (await take(step, hold)) && ok;
  return ok;
}

const same = (one: Digests, other: Digests | undefined): boolean =>
  one.size === other?.size && [...one].every(([path, digest]) => other.get(path) === digest);

// The tests share the time of the others: two at once fit the smallest machine that we build on.
const runs = [rest()];
if (!process.argv.includes('--without-tests')) runs.unshift(take(tests, false));
const ok = (await Promise.all(runs)).every(Boolean);
// What changed while it was looked at was perhaps looked at before and after: nothing is remembered of it.
if (digests !== undefined && same(digests, projectDigests(root))) writeClean(seenFile, found satisfies Clean);
process.exitCode = ok ? 0 : 1;
