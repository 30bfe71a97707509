/** What must not compile, compiled: the types carry the rule that only an observed fact has a value. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const root = join(import.meta.dirname, '../..');
const types = JSON.stringify(join(root, 'schemas/generated/types.ts'));
const validators = JSON.stringify(join(root, 'schemas/generated/validators.js'));

const cases: readonly { file: string; title: string; code: string; error?: string }[] = [
  {
    file: 'looks.ts',
    title: 'reading a value after looking at the status compiles',
    code: `import type { HostDocument, Text } from ${types};
      export function name(host: HostDocument): Text | undefined {
        return host.hostname.status === 'observed' ? host.hostname.value : undefined;
      }`,
  },
  {
    file: 'does-not-look.ts',
    title: 'reading a value without looking at the status does not compile',
    code: `import type { HostDocument } from ${types};
      export function name(host: HostDocument): unknown { return host.hostname.value; }`,
    error: 'TS2339',
  },
  {
    file: 'looks-at-another-status.ts',
    title: 'reading a value where the status is another does not compile',
    code: `import type { EdrDocument } from ${types};
      export function hooks(edr: EdrDocument): unknown {
        return edr.systemHooks.status === 'absent' ? edr.systemHooks.value : undefined;
      }`,
    error: 'TS2339',
  },
  {
    file: 'nested.ts',
    title: 'reading a value of a fact inside a value does not compile either',
    code: `import type { ProtectionProduct } from ${types};
      export function on(product: ProtectionProduct): unknown { return product.realTimeProtection.value.enabled; }`,
    error: 'TS2339',
  },
  {
    file: 'unseen-with-value.ts',
    title: 'making an absent fact with a value does not compile',
    code: `import type { Fact } from ${types};
      export const fact: Fact<string[]> = { status: 'absent', reason: 'x', value: [], sources: ['file:/x'] };`,
    error: 'TS2353',
  },
  {
    file: 'observed-without-value.ts',
    title: 'making an observed fact without a value does not compile',
    code: `import type { Fact } from ${types};
      export const fact: Fact<string> = { status: 'observed', sources: ['file:/x'] };`,
    error: 'TS2322',
  },
  {
    file: 'fact.ts',
    title: 'a fact made by hand is one of a document',
    code: `import type { Fact, HostDocument, Text } from ${types};
      export function named(host: HostDocument, hostname: Fact<Text>): HostDocument { return { ...host, hostname }; }`,
  },
  {
    file: 'moment.ts',
    title: 'a date cannot be read as an instant where the source may know the day only',
    code: `import type { Moment } from ${types};
      export function instant(moment: Moment): string { return moment.at; }`,
    error: 'TS2339',
  },
  {
    file: 'validator.ts',
    title: 'a validator gives the type, and nothing before it has agreed',
    code: `import { mfa } from ${validators};
      export function count(value: unknown): number {
        if (mfa(value)) return value.pamStacks.status === 'observed' ? value.pamStacks.value.length : 0;
        return value.pamStacks;
      }`,
    error: 'TS18046',
  },
];

describe('the generated types', () => {
  let folder = '';
  let output = '';

  before(function () {
    this.timeout(60_000);
    folder = mkdtempSync(join(tmpdir(), 'affiant-types-'));
    for (const { file, code } of cases) writeFileSync(join(folder, file), code);
    const project = { extends: join(root, 'tsconfig.json'), compilerOptions: { types: [] }, include: ['*.ts'] };
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(project));
    writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
    const tsc = spawnSync(join(root, 'node_modules/.bin/tsc'), ['--pretty', 'false', '-p', folder], {
      encoding: 'utf8',
    });
    assert.equal(tsc.error, undefined);
    output = tsc.stdout;
  });

  after(() => rmSync(folder, { recursive: true, force: true }));

  for (const { file, title, error } of cases)
    it(title, () => {
      const found = output.split('\n').filter((line) => line.includes(`${file}(`));
      const codes = found.map((line) => /error (TS\d+)/.exec(line)?.[1]);
      assert.deepEqual(codes, error === undefined ? [] : [error], output);
    });

  it('are used alone: tsc had nothing to say of anything else', () => {
    const others = output
      .split('\n')
      .filter((line) => line.includes('error') && !cases.some(({ file }) => line.includes(`${file}(`)));
    assert.deepEqual(others, []);
  });
});
