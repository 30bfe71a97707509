/**
 * The same server seen by root, by a user with only CAP_DAC_READ_SEARCH and by a plain user, in real processes:
 * docs/privileges.md is what this test found. With AFFIANT_WRITE_EXPECTED=1 it writes the page anew; without, it
 * holds the page against what it sees: a fact that the page gives to a privilege must be there.
 */
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { chownSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const root = join(import.meta.dirname, '../..');
const page = join(root, 'docs/privileges.md');
const setpriv = '/usr/bin/setpriv';
const nobody = ['--reuid=nobody', '--regid=nogroup', '--clear-groups'];
const readAll = ['--inh-caps=+dac_read_search', '--ambient-caps=+dac_read_search'];

/** What drop-ins/root.conf leaves to root; test/slow/service runs the unit without it under a real systemd. */
const rootBound = ['--inh-caps=-all', '--bounding-set=-all,+dac_read_search,+audit_control,+audit_read'];

const privileges = {
  root: [],
  'unit with root.conf': [setpriv, ...rootBound, '--no-new-privs', '--'],
  'unit, only CAP_DAC_READ_SEARCH': [setpriv, ...nobody, ...readAll, '--'],
  'plain user': [setpriv, ...nobody, '--inh-caps=-all', '--'],
} as const;

type Seen = 'seen' | 'in part' | 'no' | 'not here';
type Fact = { readonly status: string; readonly reason?: string; readonly value?: unknown };

describe('what each privilege sees', function () {
  let state = '';
  before(function () {
    const missing = process.getuid?.() !== 0 ? 'root' : [setpriv].find((program) => !existsSync(program));
    if (missing === undefined) return;
    console.log(`      skipped: ${missing} is missing`);
    this.skip();
  });
  before(() => {
    state = mkdtempSync(join(tmpdir(), 'affiant-privileges-'));
  });
  after(() => {
    if (state !== '') rmSync(state, { recursive: true });
  });

  it('is what docs/privileges.md says', () => {
    const columns = Object.entries(privileges).map(
      ([name, prefix]) => [name, factsOf(collectAs(prefix, join(state, name.replaceAll(/\W+/g, '-'))))] as const,
    );
    const [[, asRoot]] = columns as [(typeof columns)[0]];
    const rows = [...asRoot.keys()].toSorted().map((name) => ({
      name,
      cells: columns.map(([, facts]) => cellOf(facts.get(name), asRoot.get(name))),
    }));
    assert.ok(rows.length > 60, `only ${rows.length} facts`);
    // Less privilege never sees more, and only root's own is beyond the capability to read.
    const order: readonly Seen[] = ['no', 'in part', 'seen'];
    for (const { name, cells } of rows)
      if (!cells.includes('not here'))
        assert.ok(
          order.indexOf(cells[0] ?? 'no') >= order.indexOf(cells.at(-1) ?? 'no'),
          `${name}: a plain user sees more than root`,
        );
    if (process.env['AFFIANT_WRITE_EXPECTED'] === '1') writeFileSync(page, textOf(rows));
    const told = tableOf(readFileSync(page, 'utf8'));
    const wrong = rows.flatMap(({ name, cells }) => {
      const line = told.get(name);
      if (line === undefined) return [`${name} is not in the page`];
      // What this server does not have says nothing of privileges.
      if (cells.includes('not here') || line.includes('not here')) return [];
      return line.join() === cells.join()
        ? []
        : [`${name}: the page says ${line.join(', ')}; seen: ${cells.join(', ')}`];
    });
    console.log(
      `      ${rows.length} facts, seen whole: ${columns.map(([name], at) => `${rows.filter(({ cells }) => cells[at] === 'seen').length} by ${name}`).join(', ')}`,
    );
    assert.deepEqual(wrong, [], 'AFFIANT_WRITE_EXPECTED=1 writes the page anew');
  });
});

function collectAs(prefix: readonly string[], folder: string): Record<string, Record<string, Fact>> {
  execFileSync('/bin/mkdir', ['-m', '700', folder]);
  if (prefix.includes('--reuid=nobody')) {
    const uid = Number(execFileSync('/usr/bin/id', ['-u', 'nobody'], { encoding: 'utf8' }));
    const gid = Number(execFileSync('/usr/bin/id', ['-g', 'nobody'], { encoding: 'utf8' }));
    chownSync(join(folder, '..'), uid, gid);
    chownSync(folder, uid, gid);
  }
  const [program, ...args] = [
    ...prefix,
    process.execPath,
    join(root, 'agent/cli/affiant.mjs'),
    'collect',
    '--format',
    'json',
    '--state',
    folder,
  ];
  const ran = spawnSync(program, args, { encoding: 'utf8', maxBuffer: 1 << 28 });
  assert.equal(ran.status, 0, ran.stderr);
  chownSync(join(folder, '..'), 0, 0);
  return (JSON.parse(ran.stdout) as { documents: Record<string, Record<string, Fact>> }).documents;
}

function factsOf(documents: Record<string, Record<string, Fact>>): Map<string, Fact> {
  const facts = new Map<string, Fact>();
  for (const [document, content] of Object.entries(documents))
    if (!document.includes('/'))
      for (const [name, fact] of Object.entries(content))
        if (typeof fact === 'object' && 'status' in fact) facts.set(`${document}.${name}`, fact);
  return facts;
}

/** What even root does not see here says nothing of privileges. */
function cellOf(fact: Fact | undefined, asRoot: Fact | undefined): Seen {
  if (asRoot === undefined || isUnseen(asRoot)) return 'not here';
  if (fact === undefined || isUnseen(fact)) return 'no';
  return fact.status === 'observed' && hasGaps(fact.value) ? 'in part' : 'seen';
}

function isUnseen({ status }: Fact): boolean {
  return ['denied', 'failed', 'timed-out', 'unsupported'].includes(status);
}

/** A list with an entry that was denied, or a walk that says that it is not whole. */
function hasGaps(value: unknown): boolean {
  if (Array.isArray(value)) return value.some(hasGaps);
  if (typeof value !== 'object' || value === null) return false;
  const members = value as Record<string, unknown>;
  return (
    members['status'] === 'denied' ||
    members['complete'] === false ||
    members['looked'] === false ||
    Object.values(members).some(hasGaps)
  );
}

type Row = { readonly name: string; readonly cells: readonly Seen[] };

function textOf(rows: readonly Row[]): string {
  const lines = rows.map(({ name, cells }) => `| \`${name}\` | ${cells.join(' | ')} |`);
  return `# What each privilege sees

Written by \`test/slow/privileges.test.ts\` from real collections of one Debian server, one a privilege; the test holds it true. *In part*: the fact is there, and names what it lacks. *Not here*: that server does not have it, or nothing there tells it (no systemd ran on it), even to root.

The locked-down unit runs with CAP_DAC_READ_SEARCH alone, and its lockdown hides nothing that this privilege sees without it (\`test/slow/service/units.test.ts\`). What it lacks beside root are questions that a program answers to root only (the audit system, sudo's own listing), never files; the drop-in root.conf adds those of the audit system ([operating](operate.md)).

| fact | ${Object.keys(privileges).join(' | ')} |
|---|---|---|---|---|
${lines.join('\n')}
`;
}

function tableOf(text: string): Map<string, string[]> {
  const rows = [...text.matchAll(/^\| `([\w.]+)` \| (.*) \|$/gm)];
  return new Map(rows.map(([, name = '', cells = '']) => [name, cells.split(' | ')]));
}
