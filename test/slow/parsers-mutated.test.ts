/**
 * Every parser of text that a collector has, each with 100,000 mutated texts: of its own format and, where they
 * lie beside this checkout, of all recordings of its field. A value or a named failure, never a throw, never a loop.
 */
import assert from 'node:assert/strict';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { Told } from '../collectors/mutation-worker.ts';
import { seed } from '../collectors/mutations.ts';
import { parserLists } from '../collectors/parser-lists.ts';

const runs = 100_000;

describe('every parser', function () {
  // A loop shows as a parser that nobody heard of when this is over.
  this.timeout(900_000);
  const told: Told[] = [];
  const threads: Worker[] = [];

  before(async () => {
    const of = Math.min(4, availableParallelism());
    const ends = Array.from({ length: of }, (_, at) => {
      const thread = new Worker(join(import.meta.dirname, '../collectors/mutation-worker.ts'), {
        workerData: { at, of, runs },
      });
      threads.push(thread);
      thread.on('message', (each: Told) => told.push(each));
      return new Promise<void>((resolve, reject) => thread.once('error', reject).once('exit', () => resolve()));
    });
    await Promise.all(ends);
  });
  after(() => Promise.all(threads.map((thread) => thread.terminate())));

  for (const [list, parsers] of Object.entries(parserLists))
    it(`of ${list} ends with a value or a named failure on ${runs} mutated texts`, () => {
      const own = told.filter((each) => each.list === list);
      const wrong = own.flatMap((each) => ('error' in each ? [each.error] : []));
      const fed = own.flatMap((each) => ('error' in each ? [] : [each]));
      const sum = (of: 'runs' | 'values' | 'failures') => fed.reduce((total, each) => total + each[of], 0);
      console.log(
        `      ${fed.length} of ${parsers.length} parsers of ${list}, ${sum('runs')} texts from seed ${seed}: ${sum('values')} values, ${sum('failures')} named failures`,
      );
      assert.deepEqual(wrong, []);
      assert.deepEqual(own.map(({ parser }) => parser).toSorted(), parsers.map(({ name }) => name).toSorted());
      assert.equal(sum('runs'), runs * parsers.length);
    });
});
