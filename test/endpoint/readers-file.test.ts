import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readReadersFile } from '../../endpoint/readers/readers-file.ts';
import { codeOf, valueOf } from '../evidence/sample.ts';

describe('the file of readers', () => {
  it('is one that nobody else can write, and names each reader once', () => {
    const folder = mkdtempSync(join(tmpdir(), 'affiant-readers-'));
    try {
      const file = join(folder, 'readers.yaml');
      const write = (text: string): void => writeFileSync(file, text);
      const line = (name: string, digit: string): string =>
        `  - {name: ${name}, role: reader, tokenSha256: "${digit.repeat(64)}", expires: "2027-01-01T00:00:00Z"}\n`;
      write(`readers:\n${line('a', '0')}${line('b', '1')}`);
      assert.equal(valueOf(readReadersFile(file)).readers.length, 2);
      write(`readers:\n${line('a', '0')}${line('a', '1')}`);
      assert.equal(codeOf(readReadersFile(file)), 'config-readers');
      write(`readers:\n${line('a', '0')}${line('b', '0')}`);
      assert.equal(codeOf(readReadersFile(file)), 'config-readers');
      write('readers: [{name: a, token: secret}]');
      const wrong = readReadersFile(file);
      assert.ok(!wrong.ok && !wrong.refusal.message.includes('secret'));
      write(`readers:\n${line('a', '0')}`);
      chmodSync(file, 0o662);
      assert.match(codeOf(readReadersFile(file)), /config-readers/);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
