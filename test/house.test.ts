/** Rules of the house that no linter knows, each with its reason. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { basename, join, relative, sep } from 'node:path';

type Rule = { readonly reason: string; readonly broken: (path: string, text: string) => boolean };

const code = /\.(?:[cm]?[jt]s)$/;
const readable = /\.(?:[cm]?[jt]s|jsonc?|md|ya?ml|ps1|sh|service|timer)$|\/run$|(?:^|\/)\.[a-z]+rc$/;
/** Names that tools or custom give; every other is kebab-case with dots before its endings. */
const customary = new Set(['README.md', 'LICENSE', 'SECURITY.md', 'CHANGELOG.md', 'CONTRIBUTING.md', 'Dockerfile']);
const kebab = /^\.?[a-z0-9]+(?:-[a-z0-9]+)*(?:\.[a-z0-9]+(?:-[a-z0-9]+)*)*$/;
// One character of each stands in a class, so that this file does not break its own rules.
const only = /\b(?:describe|it|context|suite|test|specify)[.]only\(/;
const places = /(?<![\w.~-])(?:\/wor[k]\/|\/tmp\/bash_job[s]|\/home\/(?:runner|user|ubuntu|node)\/)/;
const silenced = /[@]ts-(?:ignore|expect-error|nocheck)|\/[/*] *(?:eslint|oxlint)[-]disable|\/[/*] *biome[-]ignore/;

const rules: readonly Rule[] = [
  {
    reason: 'a file past 300 lines is two things: ask which, and part them',
    broken: (path, text) => code.test(path) && text.split('\n').length > 301,
  },
  {
    reason: 'file names are kebab-case, so that nobody has to guess, and no two differ by case alone',
    broken: (path) => !customary.has(basename(path)) && !kebab.test(basename(path)),
  },
  { reason: 'a test that runs alone hides all others', broken: (path, text) => code.test(path) && only.test(text) },
  {
    reason: 'a path of the machine that it was written on means nothing elsewhere',
    broken: (_path, text) => places.test(text),
  },
  { reason: 'a silenced checker is a bug that waits', broken: (path, text) => code.test(path) && silenced.test(text) },
  {
    reason: 'line ends are LF and a file ends with one, so that digests are the same everywhere',
    broken: (path, text) => readable.test(path) && (text.includes('\r\n') || (text !== '' && !text.endsWith('\n'))),
  },
];

function faults(path: string, text: string): string[] {
  return rules.filter(({ broken }) => broken(path, text)).map(({ reason }) => `${path}: ${reason}`);
}

const root = join(import.meta.dirname, '..');
const passedOver = new Set([
  '.git',
  'node_modules',
  'dist',
  'schemas/generated',
  'test/fixtures',
  'package-lock.json',
  '.affiant',
]);

function* projectFiles(folder = root): Generator<string> {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    const name = relative(root, path).split(sep).join('/');
    if (passedOver.has(name)) continue;
    if (entry.isDirectory()) yield* projectFiles(path);
    else if (entry.isFile()) yield name;
  }
}

describe('the rules of the house', () => {
  it('are kept by every file', () => {
    const files = [...projectFiles()];
    assert.ok(files.length > 100, `only ${files.length} files were looked at`);
    assert.deepEqual(
      files.flatMap((path) => faults(path, readable.test(path) ? readFileSync(join(root, path), 'utf8') : '')),
      [],
    );
  });

  const broken: readonly (readonly [string, string])[] = [
    ['agent/long.ts', 'x\n'.repeat(301)],
    ['agent/camelCase.ts', ''],
    ['agent/under_score.ts', ''],
    ['agent/Upper.ts', ''],
    ['docs/Two Words.md', ''],
    ['test/a.test.ts', "describe~only('x', () => {});\n"],
    ['test/a.test.ts', "it~only('x', () => {});\n"],
    ['docs/a.md', 'see /wor~k/main\n'],
    ['package.json', '{ "x": "/tmp/bash_~jobs.0/1" }\n'],
    ['agent/a.ts', '// @~ts-ignore\n'],
    ['agent/a.ts', '// oxlint~-disable-next-line\n'],
    ['agent/a.ts', '/* biome~-ignore lint: x */\n'],
    ['agent/a.ts', 'x\r\n'],
    ['agent/a.ts', 'x'],
  ];
  for (const [path, sample] of broken) {
    // The tilde keeps the samples from breaking the rules in this file.
    const text = sample.replace('~only', '.only').replace('~', '');
    it(`refuse ${path} with ${JSON.stringify(text.slice(0, 40))}`, () => assert.equal(faults(path, text).length, 1));
  }

  for (const [path, text] of [
    ['agent/short.ts', 'x\n'.repeat(300)],
    ['README.md', 'In the work/ folder; see ../network/.\n'],
    ['docs/decisions/0001-one-digest.md', 'x\n'],
    ['schemas/edr.schema.json', '{}\n'],
    ['test/layers.test.ts', "if (only('x')) list.only;\n"],
    ['.mocharc.json', '{}\n'],
  ] as const)
    it(`let ${path} pass`, () => assert.deepEqual(faults(path, text), []));
});
