/** docs/windows-untested.md says what to type and what to see: both are held to the program. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { commandTable } from '../../../agent/cli/command-table.ts';
import { deepChecks } from '../../../agent/cli/deep-checks.ts';
import type { Raw } from '../../../agent/host/machine.ts';
import { queries } from '../../../agent/host/queries.ts';
import { deepMachine } from './deep-machine.ts';

const root = join(import.meta.dirname, '../../..');

type Row = { readonly what: string; readonly run: string; readonly see: string };

function rowsOf(page: string): Row[] {
  return page
    .split('\n')
    .filter((line) => line.startsWith('| '))
    .slice(1)
    .map((line) => line.replaceAll(String.raw`\|`, '\u0000').split('|').slice(1, -1))
    .map((cells) => {
      assert.equal(cells.length, 4, cells.join('|'));
      const [what = '', , run = '', see = ''] = cells.map((cell) => cell.trim());
      return { what, run, see };
    });
}

const quoted = (cell: string): string[] => [...cell.matchAll(/`([^`]+)`/g)].map(([, text = '']) => text);

/** Texts of the program that name reasons, verdicts and members of documents. */
function programText(): string {
  const folders = ['agent', 'collectors', 'schemas'];
  return folders
    .flatMap((folder) =>
      readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).map((name) => join(folder, name)),
    )
    .filter((name) => /\.(?:ts|ps1|json)$/.test(name) && !name.includes('generated'))
    .map((name) => readFileSync(join(root, name), 'utf8'))
    .join('\n');
}

const rows = rowsOf(readFileSync(join(root, 'docs/windows-untested.md'), 'utf8'));

describe('the page about what only a real Windows can show', () => {
  let checks: ReadonlySet<string>;
  let asked: ReadonlySet<string>;
  before(async () => {
    const names = new Set<string>();
    const query = (name: string): Raw<unknown> => {
      names.add(name);
      return name === 'hang-probe' ? { outcome: 'timed-out', reason: 'deadline' } : { outcome: 'ok', value: [] };
    };
    checks = new Set((await deepChecks(deepMachine(query))).map(({ check }) => check));
    asked = names;
  });

  it('has rows, each with a command of the program that is there, and options that it takes', () => {
    assert.ok(rows.length > 15);
    for (const { what, run } of rows) {
      const commands = quoted(run).filter((text) => text.startsWith('affiant '));
      assert.ok(commands.length > 0 || /^(?:the same|after the line above)/.test(run), `${what}: nothing to run`);
      for (const command of commands) {
        const words = command.split(/\s+/).slice(1);
        const name = [words.slice(0, 2).join(' '), words[0] ?? ''].find((each) => each in commandTable);
        assert.ok(name !== undefined, `${what}: ${command}`);
        const options = Object.keys(commandTable[name]?.options ?? {}).map((option) => option.split(/[ ,[]/)[0]);
        const usage = commandTable[name]?.usage ?? '';
        for (const option of words.filter((word) => word.startsWith('--')))
          assert.ok(options.includes(option) || usage.includes(option), `${what}: ${command}: ${option}`);
      }
    }
  });

  it('names checks of doctor --deep that there are', () => {
    let seen = 0;
    for (const { what, see } of rows)
      for (const token of quoted(see)) {
        const [, name = ''] = /^([a-z]+(?:-[a-z]+)*)(?: (?:ok|failed|not-here))?$/.exec(token) ?? [];
        if (!/ (?:ok|failed|not-here)$/.test(token)) continue;
        assert.ok(checks.has(name), `${what}: ${token}`);
        seen += 1;
      }
    assert.ok(seen > 8);
  });

  it('names members of documents and reasons that there are', () => {
    const text = programText();
    for (const { what, see } of rows)
      for (const token of quoted(see)) {
        const member = /^([a-z]+[A-Z][A-Za-z]+)(?:\.([A-Za-z]+))?$/.exec(token);
        const reason = /^[a-z]+(?:-[a-z0-9]+)+$/.test(token);
        for (const name of member === null ? [] : member.slice(1).filter((each) => each !== undefined))
          assert.ok(text.includes(`"${name}"`) || text.includes(name), `${what}: ${token}`);
        if (reason) assert.ok(text.includes(token), `${what}: ${token}`);
      }
  });

  it('leaves no query that doctor --deep does not ask, but those of SSH', () => {
    const overSsh = ['file-about', 'file-content', 'folder-names', 'program-output'];
    // The door asks it for keys of the registry, which the checks registry and parameters do.
    const byDoor = ['registry-keys'];
    assert.deepEqual(
      Object.keys(queries)
        .filter((name) => !asked.has(name))
        .toSorted(),
      [...overSsh, ...byDoor].toSorted(),
    );
    for (const check of ['registry', 'parameters', 'hang-probe']) assert.ok(checks.has(check), check);
  });
});
