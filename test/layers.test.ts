import assert from 'node:assert/strict';
import { join } from 'node:path';
import { layerViolations, readLayers, readPackages } from '../tools/layers.ts';

const root = join(import.meta.dirname, '..');

function found(path: string, text: string): string[] {
  return layerViolations([{ path, text }], new Set(['undici'])).map(({ line, message }) => `${line}: ${message}`);
}

function refused(path: string, text: string, expected: RegExp): void {
  const messages = found(path, text);
  assert.equal(messages.length, 1, `${text} gave ${JSON.stringify(messages)}`);
  assert.match(messages[0] ?? '', expected);
}

function allowed(path: string, text: string): void {
  assert.deepEqual(found(path, text), []);
}

describe('the order of the house', () => {
  it('is kept by every file of the project', () => {
    const files = readLayers(root);
    assert.ok(files.length > 50, `only ${files.length} files were looked at`);
    const messages = layerViolations(files, readPackages(root)).map(
      ({ path, line, message }) => `${path}:${line}: ${message}`,
    );
    assert.deepEqual(messages, []);
  });

  describe('refuses', () => {
    const imports: readonly (readonly [string, string, RegExp])[] = [
      ['schemas/a.ts', "import { x } from '../evidence/x.ts';", /schemas may not import evidence/],
      ['schemas/a.ts', "import fs from 'node:fs';", /schemas may not know node:fs/],
      ['schemas/a.ts', "import Ajv from 'undici';", /schemas may not use the package undici/],
      ['collectors/a/b.ts', "import { x } from '../../agent/host/machine.ts';", /collectors may not import agent/],
      ['collectors/a/b.ts', "import { x } from '../../evidence/digest.ts';", /collectors may not import evidence/],
      ['collectors/a/b.ts', "import { x } from '../../judge/x.ts';", /collectors may not import judge/],
      ['collectors/a.ts', "import { join } from 'node:path';", /collectors may not know node:path/],
      ['collectors/a.ts', "import si from 'systeminformation';", /collectors may not use the package/],
      ['judge/a.ts', "import { x } from '../collectors/text.ts';", /judge may not import collectors/],
      ['judge/a.ts', "import { x } from '../catalogue/x.ts';", /judge may not import catalogue/],
      ['judge/a.ts', "import { createHash } from 'node:crypto';", /judge may not know node:crypto/],
      ['evidence/a.ts', "import { x } from '../agent/spool/x.ts';", /evidence may not import agent/],
      ['evidence/a.ts', "import { x } from '../collectors/text.ts';", /evidence may not import collectors/],
      ['evidence/a.ts', "import { readFileSync } from 'node:fs';", /evidence may not know node:fs/],
      ['endpoint/a.ts', "import { x } from '../agent/post/x.ts';", /endpoint may not import agent/],
      ['endpoint/a.ts', "import { x } from '../collectors/text.ts';", /endpoint may not import collectors/],
      ['audit/a.ts', "import { x } from '../endpoint/log.ts';", /audit may not import endpoint/],
      [
        'agent/run/a.ts',
        "import { x } from '../../endpoint/server.ts';",
        /agent may not import endpoint .*only agent\/cli\/ may/,
      ],
      [
        'agent/post/a.ts',
        "import { x } from '../../audit/x.ts';",
        /agent may not import audit .*only agent\/cli\/ may/,
      ],
      ['agent/cli-tools/a.ts', "import { x } from '../../audit/x.ts';", /agent may not import audit/],
      ['agent/run/a.ts', "import { x } from '../../test/x.ts';", /agent may not import test/],
      ['agent/run/a.ts', "import { x } from '../../tools/x.ts';", /agent may not import tools/],
      ['agent/run/a.ts', "import x from 'fast-check';", /fast-check is not among the dependencies/],
      ['agent/run/a.ts', "import x from '@sigstore/verify/dist/x.js';", /@sigstore\/verify is not among/],
    ];
    for (const [path, text, expected] of imports) it(`${path}: ${text}`, () => refused(path, text, expected));

    const forms: readonly string[] = [
      "import '../agent/x.ts';",
      "import x from '../agent/x.ts';",
      "import x, { y } from '../agent/x.ts';",
      "import * as x from '../agent/x.ts';",
      "import { x as y, z } from '../agent/x.ts';",
      "import {\n  x,\n  // y } from './fine.ts'\n} from\n  '../agent/x.ts';",
      "import { type X } from '../agent/x.ts';",
      "import type from '../agent/x.ts';",
      "import { 'odd name' as x } from '../agent/x.ts';",
      "import x from '../agent/x.json' with { type: 'json' };",
      'import { x } from "../agent/x.ts"',
      "export { x } from '../agent/x.ts';",
      "export * from '../agent/x.ts';",
      "export * as x from '../agent/x.ts';",
      "const x = await import('../agent/x.ts');",
      "export async function f() { return (await import('../agent/x.ts')).x; }",
      'const x = `${await import("../agent/x.ts")}`;',
      "import('../agent/x.ts').then(() => 1);",
      "import x from '../judge/../agent/x.ts';",
      "const re = /['\"`]/; import x from '../agent/x.ts';",
      "const half = 1 / 2; import x from '../agent/x.ts'; const other = 1 / 2;",
      "const t = `a ${`b ${'c'}`} d`; import x from '../agent/x.ts';",
    ];
    for (const text of forms)
      it(`in the form ${JSON.stringify(text)}`, () => refused('judge/a.ts', text, /judge may not import agent/));

    it('an import whose target is computed', () => refused('agent/a.ts', 'await import(name);', /computed import/));
    it('an import whose target is put together', () =>
      refused('judge/a.ts', "await import('../' + name);", /computed import/));

    const impure: readonly (readonly [string, RegExp])[] = [
      ['export const pid = () => process.pid;', /know the process/],
      ['export const e = () => globalThis.x;', /know the process/],
      ['export const f = (a: boolean) => (a ? process : 1);', /know the process/],
      ['export const now = () => Date.now();', /know a clock/],
      ['export const now = () => new Date();', /know a clock/],
      ['export const now = () => new Date;', /know a clock/],
      ['export const now = () => Date();', /know a clock/],
      ['export const now = () => performance.now();', /know a clock/],
      ['export const r = () => Math.random();', /chance/],
      ['export const w = () => setTimeout(() => 1, 5);', /wait/],
      ['export const g = () => fetch(url);', /network/],
      ['export const p = () => console.log(1);', /print/],
      ['export const c = () => crypto.randomUUID();', /more than the language/],
      ['export const b = (t: string) => Buffer.from(t);', /more than the language/],
      ["const fs = require('fs');", /know the process/],
      ['export const t = () => `at ${Date.now()}`;', /know a clock/],
      ['export const s = (a: string, b: string) => a.localeCompare(b);', /language or time zone/],
      ['export const h = (d: Date) => d.getHours();', /language or time zone/],
      ['export const i = () => new Intl.NumberFormat();', /language/],
      ['export const l = import.meta.url;', /where it lies/],
      ['let count = 0;', /keep state/],
      ['export let count = 0;', /keep state/],
      ['var count = 0;', /keep state/],
      ['let { a } = b;', /keep state/],
      ['const cache = new Map();', /keep state/],
      ['const cache = new Map<string, () => number>();', /keep state/],
      ['const seen: string[] = [];', /keep state/],
      ['const byName: Record<string, number> = {};', /keep state/],
    ];
    for (const layer of ['collectors', 'judge'])
      for (const [text, expected] of impure) it(`in ${layer}: ${text}`, () => refused(`${layer}/a.ts`, text, expected));

    it('names the line', () =>
      assert.match(found('judge/a.ts', '/*\n\n*/\nconst a = `\n`;\nlet b = 1;')[0] ?? '', /^6: /));
  });

  describe('allows', () => {
    it('a type from anywhere', () => {
      allowed('collectors/a.ts', "import type { Host } from '../agent/host/host.ts';");
      allowed('judge/a.ts', "import type Host from '../agent/host/host.ts';");
      allowed('judge/a.ts', "import type * as h from 'undici';");
      allowed('judge/a.ts', "export type { Host } from '../agent/host/host.ts';");
      allowed('schemas/a.ts', "type Host = import('../agent/host/host.ts').Host;");
      allowed('evidence/a.ts', "import type { Stats } from 'node:fs';");
    });

    it('what the house provides', () => {
      allowed('collectors/a/b.ts', "import { updates } from '../../schemas/generated/validators.js';");
      allowed('collectors/a/b.ts', "import { fact } from '../fact.ts';");
      allowed('collectors/a/b.ts', "import { fact } from '#schemas/generated/validators.js';");
      allowed('evidence/a.ts', "import { createHash } from 'node:crypto'; import { zstd } from 'node:zlib';");
      allowed('audit/a.ts', "import { x } from '../judge/x.ts'; import { y } from '../catalogue/y.ts';");
      allowed(
        'endpoint/a.ts',
        "import { x } from '../audit/x.ts'; import http from 'node:http'; import u from 'undici';",
      );
      allowed('agent/cli/a.ts', "import { x } from '../../endpoint/x.ts'; const y = await import('../../audit/y.ts');");
      allowed('agent/cli/commands/a.ts', "const { serve } = await import('../../../endpoint/server.ts');");
      allowed('agent/run/a.ts', "import { x } from '../../collectors/list.ts'; let state = 1; export { state };");
      allowed('test/a.ts', "import { x } from '../agent/x.ts'; import y from 'fast-check';");
    });

    it('names in comments, strings, patterns and members that only look like the forbidden ones', () => {
      allowed('judge/a.ts', "// import x from '../agent/x.ts'; process.exit(); let a = 1;");
      allowed('judge/a.ts', "/* let a = Date.now();\n import '../agent/x.ts' */");
      allowed('judge/a.ts', 'export const text = "import x from \'../agent/x.ts\'; let a = Date.now()";');
      allowed('judge/a.ts', 'export const text = `process ${1} let a = 1`;');
      allowed('judge/a.ts', 'export const re = /process|Date.now()|`/;');
      allowed('judge/a.ts', 'export const of = (source: { process: string }) => source.process;');
      allowed('judge/a.ts', 'export type Kind = { readonly fetch?: number; console: string };');
      allowed('judge/a.ts', 'export const rows = { process: 1, fetch: 2 };');
      allowed('judge/a.ts', "export const imported = 'x'; export const from = 'y';");
    });

    it('dates and collections that are values', () => {
      allowed('judge/a.ts', 'export const day = (at: string) => new Date(at).toISOString();');
      allowed('judge/a.ts', 'export const ms = (at: string) => Date.parse(at) + Date.UTC(2026, 0);');
      allowed('judge/a.ts', "const names = new Map([['a', 1]]); const kinds = new Set(['a']); const list = ['a'];");
      allowed(
        'judge/a.ts',
        'const none: readonly string[] = []; const empty: ReadonlyMap<string, number> = new Map();',
      );
      allowed(
        'judge/a.ts',
        'export function count(): number { let n = 0; const seen = new Set(); n += seen.size; return n; }',
      );
      allowed('judge/a.ts', "export const part = new Intl.DateTimeFormat('en-US', { timeZone: 'UTC' });");
    });
  });
});
