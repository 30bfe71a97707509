/** Documents byte for byte, as `test/fixtures/expected` keeps them. AFFIANT_WRITE_EXPECTED=1 writes them anew. */
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expectedFolder } from './servers.ts';

export const goldenNames = ['host', 'updates', 'edr', 'admins', 'mfa'] as const;

/**
 * Compares documents without their blinds. `words`: with the words of errors, which a recording does not keep, for
 * it keeps codes alone. Only documents with words are ever written.
 */
export function goldenDocuments(
  server: string,
  documents: ReadonlyMap<string, object>,
  { words }: { readonly words: boolean },
): void {
  assert.deepEqual([...documents.keys()], [...goldenNames]);
  for (const [name, document] of documents) {
    const text = `${JSON.stringify(document, null, 2)}\n`;
    const path = join(expectedFolder(server), `${name}.json`);
    if (words && process.env['AFFIANT_WRITE_EXPECTED'] === '1') {
      mkdirSync(expectedFolder(server), { recursive: true });
      writeFileSync(path, text);
    }
    const kept = readFileSync(path, 'utf8');
    const where = `${server} ${name}: review the difference as behaviour`;
    if (words) assert.equal(text, kept, where);
    else assert.deepEqual(wordless(text), wordless(kept), where);
  }
}

function wordless(text: string): unknown {
  return JSON.parse(text, (key, inner: unknown) => (key === 'detail' ? undefined : inner));
}
