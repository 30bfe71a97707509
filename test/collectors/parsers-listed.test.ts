import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { feed } from './mutations.ts';
import { listFiles, parserLists } from './parser-lists.ts';

const root = join(import.meta.dirname, '../..');

/** `file name` of every function that is exported under the name of a parser and takes text. */
function parsersOfText(): string[] {
  return globSync('collectors/**/*.ts', { cwd: root }).flatMap((file) =>
    [
      ...readFileSync(join(root, file), 'utf8').matchAll(
        /^export (?:async )?(?:function|const) (parse[A-Z]\w*)[^(]*\(\s*(?:\w+|\{[^}]*\}): (?:string|CommandOutput)\b/gm,
      ),
    ].map(([, name]) => `${file} ${name}`),
  );
}

/** `file name` of everything that the lists import from collectors; a namespace counts for the whole file. */
function listed(): Set<string> {
  const found = new Set<string>();
  for (const list of listFiles) {
    const path = join(import.meta.dirname, list);
    for (const [, what = '', from = ''] of readFileSync(path, 'utf8').matchAll(
      /^import (?:type )?(\{[^}]*\}|\* as \w+) from '([^']*)';$/gm,
    )) {
      const file = resolve(dirname(path), from).slice(root.length + 1);
      if (what.startsWith('*')) found.add(`${file} *`);
      else for (const name of what.matchAll(/[A-Za-z]\w*/g)) found.add(`${file} ${name[0]}`);
    }
  }
  return found;
}

/** Read by another parser that is listed: each text reaches them through it. */
const through: Readonly<Record<string, string>> = {
  'collectors/admins/cvtsudoers.ts parseOracle': 'parseCvtsudoers',
  'collectors/updates/json-value.ts parseJson': 'parseProUpdates and others',
  'collectors/updates/local-time.ts parseLocalTime': 'parseAptHistory and others',
  'collectors/updates/nevra.ts parseNevra': 'parseUpdateinfoList',
  'collectors/updates/xml.ts parseXml': 'parseZypperUpdates and others',
};

describe('the lists of parsers', () => {
  it('name every parser of text that a collector has', () => {
    const all = parsersOfText();
    const lists = listed();
    const missing = all.filter(
      (each) => !lists.has(each) && !lists.has(`${each.split(' ')[0]} *`) && through[each] === undefined,
    );
    assert.ok(all.length > 120, `only ${all.length} parsers were found: the search is broken`);
    assert.deepEqual(missing, [], 'add them to the list of their collector, with a sample');
    assert.deepEqual(
      Object.keys(through).filter((each) => !all.includes(each)),
      [],
      'these are no parsers any more',
    );
  });

  for (const [name, parsers] of Object.entries(parserLists))
    it(`of ${name}: each understands its sample, and ends with a value or a named failure on 100 mutations of it`, () => {
      for (const parser of parsers) feed(parser, 100);
    });
});
