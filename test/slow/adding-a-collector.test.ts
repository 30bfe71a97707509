import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { projectRoot } from '../agent/cli/run-cli.ts';

/** Files of the page: a path in backticks on a line of its own, then a block. */
function filesOf(page: string): [string, string][] {
  return [...page.matchAll(/^`([^`\n]+)`\n\n```\w+\n([\s\S]*?)^```$/gm)].map(([, path = '', text = '']) => [
    path,
    text,
  ]);
}

describe('docs/adding-a-collector.md', () => {
  let copy: string;

  before(() => {
    copy = mkdtempSync(join(tmpdir(), 'affiant-adding-'));
    for (const part of [
      'agent',
      'collectors',
      'audit',
      'catalogue',
      'endpoint',
      'evidence',
      'judge',
      'packaging',
      'policies',
      'schemas',
      'tools',
      'test',
      'package.json',
      'package-lock.json',
      'tsconfig.json',
      '.oxlintrc.json',
    ])
      cpSync(join(projectRoot, part), join(copy, part), { recursive: true });
    symlinkSync(join(projectRoot, 'node_modules'), join(copy, 'node_modules'));
  });

  after(() => {
    rmSync(copy, { recursive: true });
  });

  function run(...args: string[]): string {
    const ran = spawnSync(process.execPath, args, { cwd: copy, encoding: 'utf8' });
    assert.equal(ran.status, 0, `${args.join(' ')}\n${ran.stdout}${ran.stderr}`);
    return ran.stdout;
  }

  it('leads to a collector that is typed, tested, collected and shown, when followed to the letter', () => {
    const files = filesOf(readFileSync(join(projectRoot, 'docs', 'adding-a-collector.md'), 'utf8'));
    assert.equal(files.length, 4);
    for (const [path, text] of files) {
      mkdirSync(dirname(join(copy, path)), { recursive: true });
      writeFileSync(join(copy, path), text);
    }
    const list = join(copy, 'collectors', 'list.ts');
    const text = readFileSync(list, 'utf8');
    writeFileSync(
      list,
      text.replace(/^import /m, "import { swap } from './swap/index.ts';\nimport ").replace(/\];/, ', swap];'),
    );
    run('tools/generate.ts');
    run(join('node_modules', 'typescript', 'bin', 'tsc'));
    run('tools/layers.ts');
    run(
      'node_modules/mocha/bin/mocha.js',
      '--no-config',
      '--require',
      'test/hooks.ts',
      'test/collectors/swap/swap.test.ts',
      'test/schemas/contract.test.ts',
    );
    const state = join(copy, 'state');
    const json = JSON.parse(
      run('agent/cli/main.ts', 'collect', '--only', 'swap', '--format', 'json', '--state', state),
    ) as {
      documents: { swap: { areas: { status: string } } };
    };
    assert.equal(json.documents.swap.areas.status, 'observed');
    assert.match(run('agent/cli/main.ts', 'collect', '--only', 'swap', '--state', state), /Swap areas/);
  });
});
