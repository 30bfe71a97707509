/** One of the threads of test/slow/parsers-mutated.test.ts: feeds every so-manieth parser and tells of each. */
import assert from 'node:assert/strict';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { parentPort, workerData } from 'node:worker_threads';
import { type Fed, feed } from './mutations.ts';
import { parserLists } from './parser-lists.ts';

export type Told = { readonly list: string; readonly parser: string } & (Fed | { readonly error: string });

const recordings = join(import.meta.dirname, '../../../shared/recordings');
const folders: Readonly<Record<string, string>> = {
  updates: 'updates-linux',
  edr: 'edr-linux',
  admins: 'admins',
  mfa: 'mfa',
  windows: 'edr-windows',
};

/** The recordings of a collector's field that lie beside this checkout, as texts that the parser may not be made for. */
function othersOf(list: string): readonly string[] {
  const folder = join(recordings, folders[list] ?? '');
  if (folders[list] === undefined || !existsSync(folder)) return [];
  return globSync('*.*', { cwd: folder })
    .map((name) => readFileSync(join(folder, name), 'utf8'))
    .filter((text) => text.length < 8_000);
}

const { at, of, runs } = workerData as { at: number; of: number; runs: number };
const all = Object.entries(parserLists).flatMap(([list, parsers]) => parsers.map((parser) => ({ list, parser })));
assert.ok(parentPort);
const tell = parentPort.postMessage.bind(parentPort);
for (const { list, parser } of all.filter((_, index) => index % of === at)) {
  let told: Fed | { error: string };
  try {
    told = feed(parser, runs, othersOf(list));
  } catch (error) {
    told = { error: inspect(error) };
  }
  tell({ list, parser: parser.name, ...told } satisfies Told);
}
