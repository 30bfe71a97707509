/** Every problem that the endpoint can answer with stands on the page that agents and readers are written by. */
import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '../..');

describe('problem types of the endpoint', () => {
  it('stand in the contract, each by its status', () => {
    const page = readFileSync(join(root, 'docs/endpoint-contract.md'), 'utf8');
    const rows = page.split('\n').filter((line) => line.startsWith('| '));
    const sources = globSync('endpoint/**/*.ts', { cwd: root }).map((path) => readFileSync(join(root, path), 'utf8'));
    const made = sources.flatMap((text) =>
      Array.from(text.matchAll(/problem\(\s*(\d{3}),\s*'([a-z-]+)'/g), ([, status = '', code = '']) => ({
        status,
        code,
      })),
    );
    assert.ok(made.length > 20);
    const unsaid = made.filter(
      ({ status, code }) => !rows.some((row) => row.split('|')[1]?.includes(status) && row.includes(`\`${code}\``)),
    );
    assert.deepEqual(unsaid, []);
  });
});
