/** Everything before a commit, in one command: types, lint, format, generated files, layers, unit tests. */
import { spawn } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

type Step = { readonly name: string; readonly argv: readonly [string, ...string[]] };
type Outcome = { readonly name: string; readonly ok: boolean; readonly output: string; readonly seconds: number };

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const bin = (name: string): string => join(root, 'node_modules', '.bin', name);
const node = process.execPath;

// The cheap ones share the time of the tests: two at once fit the smallest machine that we build on.
const steps: readonly Step[] = [
  {
    name: 'unit tests',
    argv: [node, 'node_modules/mocha/bin/mocha.js', '--config', '.mocharc.unit.json', '--parallel', '--jobs', '2'],
  },
  // Not in tsconfig.json: copies of the project that share its packages would share the memory, too.
  {
    name: 'types',
    argv: [bin('tsc'), '--incremental', '--tsBuildInfoFile', 'node_modules/.cache/types.tsbuildinfo'],
  },
  { name: 'lint', argv: [bin('oxlint'), '--type-aware', '--tsconfig', 'tsconfig.json', '.'] },
  { name: 'format', argv: [bin('biome'), 'ci', '.'] },
  { name: 'generated files', argv: [node, 'tools/generate.ts', '--check'] },
  { name: 'layers', argv: [node, 'tools/layers.ts'] },
];

function run(step: Step): Promise<Outcome> {
  const started = performance.now();
  return new Promise((done) => {
    const [program, ...args] = step.argv;
    const child = spawn(program, args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
    const parts: Buffer[] = [];
    child.stdout.on('data', (part: Buffer) => parts.push(part));
    child.stderr.on('data', (part: Buffer) => parts.push(part));
    const end = (ok: boolean, extra = ''): void =>
      done({
        name: step.name,
        ok,
        output: Buffer.concat(parts).toString('utf8') + extra,
        seconds: (performance.now() - started) / 1000,
      });
    child.on('error', (error) => end(false, error.message));
    child.on('close', (code) => end(code === 0));
  });
}

async function worker(queue: Step[], outcomes: Outcome[]): Promise<void> {
  for (let step = queue.shift(); step !== undefined; step = queue.shift()) {
    const outcome = await run(step);
    outcomes.push(outcome);
    process.stdout.write(`${outcome.ok ? 'ok    ' : 'FAILED'} ${outcome.name} (${outcome.seconds.toFixed(1)} s)\n`);
    if (!outcome.ok) process.stdout.write(`${outcome.output}\n`);
  }
}

const queue = [...steps];
const outcomes: Outcome[] = [];
await Promise.all([worker(queue, outcomes), worker(queue, outcomes)]);
process.exitCode = outcomes.every(({ ok }) => ok) ? 0 : 1;
