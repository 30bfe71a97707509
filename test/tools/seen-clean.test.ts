/** What the check before a commit remembers: never a file of which a type can have changed. Asked of tsc itself. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { digestOf, digestOver, projectDigests, readClean, typeKeys, writeClean } from '../../tools/seen-clean.ts';

const tsc = join(import.meta.dirname, '../../node_modules/.bin/tsc');

describe('what a check found clean', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'affiant-clean-'));
    for (const [path, text] of Object.entries({
      'tsconfig.json': JSON.stringify({
        compilerOptions: { noEmit: true, noLib: true, types: [], module: 'esnext', moduleDetection: 'force' },
      }),
      'lib.ts':
        'declare global { interface Array<T> {} interface Boolean {} interface CallableFunction {} interface Function {} interface IArguments {} interface NewableFunction {} interface Number {} interface Object {} interface RegExp {} interface String {} }',
      'base.ts': 'export type Base = string;',
      'middle.ts': "import type { Base } from './base'; export type Middle = { base: Base };",
      'top.ts': "import type { Middle } from './middle'; export declare const top: Middle;",
      'alone.ts': 'export const alone = 1;',
      'one.ts': "import type { Other } from './other'; export type One = { other?: Other };",
      'other.ts': "import type { One } from './one'; export type Other = { one?: One };",
    }))
      write(path, text);
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  function write(path: string, text: string): void {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }

  function keys(): Map<string, string> {
    const args = ['--incremental', '--tsBuildInfoFile', 'cache/types.tsbuildinfo'];
    const { status, stdout } = spawnSync(tsc, args, { cwd: folder, encoding: 'utf8' });
    assert.equal(status, 0, stdout);
    return typeKeys(readFileSync(join(folder, 'cache/types.tsbuildinfo'), 'utf8'), 'cache');
  }

  /** The files whose key is another after the change. */
  function changedBy(path: string, text: string): string[] {
    const before = keys();
    write(path, text);
    return [...keys()].flatMap(([name, key]) => (before.get(name) === key ? [] : [name])).toSorted();
  }

  it('goes with a type that was imported from a file away', () => {
    assert.deepEqual(changedBy('base.ts', 'export type Base = number;'), ['base.ts', 'middle.ts', 'top.ts']);
  });

  it('goes with either of two that import each other', () => {
    assert.deepEqual(changedBy('one.ts', "import type { Other } from './other'; export type One = Other;"), [
      'one.ts',
      'other.ts',
    ]);
  });

  it('goes for all with what is declared for all', () => {
    const all = ['alone.ts', 'base.ts', 'lib.ts', 'middle.ts', 'one.ts', 'other.ts', 'top.ts'];
    assert.deepEqual(changedBy('lib.ts', `${readFileSync(join(folder, 'lib.ts'), 'utf8')} export {};`), all);
  });

  it('goes with a new file that an old import now means', () => {
    write('near.d.ts', 'export type Near = string;');
    write('user.ts', "import type { Near } from './near'; export declare const near: Near;");
    assert.deepEqual(changedBy('near.ts', 'export type Near = number;'), ['near.ts', 'user.ts']);
  });

  it('stays with a change elsewhere', () => {
    assert.deepEqual(changedBy('alone.ts', 'export const alone = 2;'), ['alone.ts']);
  });

  it('is kept of files as they lie on disk, of those not committed too, and of none that git ignores', () => {
    assert.equal(projectDigests(folder), undefined);
    spawnSync('git', ['init', '-q'], { cwd: folder });
    write('.gitignore', 'cache/\n');
    write('cache/made', '');
    const before = projectDigests(folder);
    assert.ok(before);
    assert.ok(before.has('alone.ts'));
    assert.ok(!before.has('cache/made'));
    write('alone.ts', 'export const alone = 3;');
    const after = projectDigests(folder);
    assert.ok(after);
    assert.notEqual(after.get('alone.ts'), before.get('alone.ts'));
    assert.notEqual(
      digestOver(after, () => true),
      digestOver(before, () => true),
    );
    assert.equal(
      digestOver(after, (path) => path !== 'alone.ts'),
      digestOver(before, (path) => path !== 'alone.ts'),
    );
  });

  it('is nothing where nothing was written or what was written is broken', () => {
    const file = join(folder, 'cache/clean.json');
    assert.deepEqual(readClean(file), {});
    writeClean(file, { lint: ['a'] });
    assert.deepEqual(readClean(file), { lint: ['a'] });
    writeFileSync(file, '{"lint":');
    assert.deepEqual(readClean(file), {});
  });

  it('tells texts apart that only lie together alike', () => {
    assert.notEqual(digestOf(['ab', 'c']), digestOf(['a', 'bc']));
  });
});
