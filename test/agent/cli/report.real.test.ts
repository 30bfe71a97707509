/** report, plan and export as processes of their own over packs on disk. */
import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { strFromU8, unzipSync } from 'fflate';
import { type MadePacks, makePacks } from './audit-packs.ts';
import { affiant, projectRoot } from './run-cli.ts';

describe('affiant report, plan and export', () => {
  let folder = '';
  let made: MadePacks;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'affiant-cli-report-'));
    made = makePacks(folder, '2026-01-02', 3);
  });
  after(() => rmSync(folder, { recursive: true, force: true }));
  const source = (): string[] => ['--packs', made.packs, '--key', made.key, '--at', '2026-01-04'];

  it('answers the six questions in the terminal, and calls nothing good that was not seen', () => {
    const { code, out } = affiant(['report', ...source()]);
    assert.equal(code, 0);
    for (const question of [
      'What is wrong?',
      'Since when?',
      'By which clock too late?',
      'Who can get in with one factor?',
      'Did the detector work?',
      'What could not be seen?',
    ])
      assert.ok(out.includes(question), question);
    assert.match(out, /Replayed evidence/);
    assert.doesNotMatch(out, /^\+/m);
  });

  it('writes one HTML file that names every bundle', () => {
    const file = join(folder, 'out', 'report.html');
    const { code } = affiant(['report', ...source(), '--out', file]);
    assert.equal(code, 0);
    const text = readFileSync(file, 'utf8');
    assert.equal(
      text.match(/<span class="digest">[0-9a-f]{64}<\/span><\/th>|<td><span class="digest">[0-9a-f]{64}<\/span><\/td>/g)
        ?.length,
      3,
    );
    assert.equal(affiant(['report', ...source(), '--out', `${join(folder, 'site')}/`]).code, 0);
    assert.equal(readdirSync(join(folder, 'site')).length, 1);
  });

  it('writes of a fleet a page that links to the file of each server', () => {
    const other = makePacks(mkdtempSync(join(folder, 'second-')), '2026-01-02', 1, 'f'.repeat(32));
    const place = join(folder, 'fleet');
    const both = [...source(), '--packs', other.packs, '--key', other.key];
    assert.equal(affiant(['report', ...both, '--out', `${place}/`]).code, 0);
    const page = readFileSync(join(place, 'fleet.html'), 'utf8');
    const links = [...page.matchAll(/\shref="\.\/([^"]*)"/g)].map(([, file]) => file);
    assert.equal(links.length, 2);
    assert.deepEqual(new Set([...links, 'fleet.html']), new Set(readdirSync(place)));
  });

  it('refuses a forged pack, says so in the report itself, and ends with 1', () => {
    const other = mkdtempSync(join(folder, 'forged-'));
    const forged = makePacks(other, '2026-01-05', 1);
    const args = ['report', '--packs', made.packs, '--packs', forged.packs, '--key', made.key, '--at', '2026-01-05'];
    const { code, out, err } = affiant(args);
    assert.equal(code, 1);
    assert.match(
      err,
      /2026-01-05\.pack\.json: the pack is signed by the key [0-9a-f]{64}, which is not among the trusted/,
    );
    assert.match(out, /1 pack refused/);
    const file = join(folder, 'forged.html');
    assert.equal(affiant([...args, '--out', file]).code, 1);
    assert.match(readFileSync(file, 'utf8'), /<code>key-unknown<\/code>/);
  });

  it('exports, and packs evidence in the same bytes twice', () => {
    const oscal = JSON.parse(affiant(['export', 'oscal', ...source()]).out) as object;
    assert.ok('assessment-results' in oscal);
    for (const line of affiant(['export', 'ocsf', ...source()])
      .out.trim()
      .split('\n'))
      JSON.parse(line === '' ? '{}' : line);
    const bom = affiant(['export', 'cyclonedx', ...source()]);
    assert.equal(bom.code, 2);
    assert.match(bom.err, /no list of installed packages was seen/);
    const [one, two] = ['one.zip', 'two.zip'].map((name) => {
      const file = join(folder, name);
      assert.equal(
        affiant(['export', 'evidence-pack', ...source(), '--from', '2026-01-03', '--to', '2026-01-04', '--out', file])
          .code,
        0,
      );
      return readFileSync(file).toString('base64');
    });
    assert.equal(one, two);
    // The report in it rests on the bundles in it, so that it can be repeated.
    const files = unzipSync(Buffer.from(one ?? '', 'base64'));
    assert.equal(Object.keys(files).filter((name) => name.startsWith('packs/')).length, 2);
    assert.match(
      strFromU8(files['report.html'] ?? new Uint8Array()),
      /from 2 signed bundles of 3 January 2026 to 4 January 2026/,
    );
  });

  it('checks a plan: 1 where an item is overdue, 3 where it is not known, 2 with the line where it cannot be read', () => {
    const file = join(folder, 'plan.yaml');
    const plan = (due: string, proof: string): void =>
      writeFileSync(
        file,
        `format: affiant-plan/1\nid: p\ntitle: P\nbegins: '2026-01-02'\nitems:\n  - id: one\n    title: One\n    owner: O\n    due: '${due}'\n    proof:\n      ${proof}\n`,
      );
    const check = (): ReturnType<typeof affiant> => affiant(['plan', 'check', '--plan', file, ...source()]);
    plan('2026-01-03', 'rules: [ce-14d]');
    const overdue = check();
    assert.equal(overdue.code, 1);
    assert.match(overdue.out, /! overdue\s+2026-01-03\s+One/);
    plan('2026-12-31', 'rules: [ce-14d]');
    assert.equal(check().code, 3);
    plan('2026-12-31', 'rules: [evidence-gap]');
    assert.equal(check().code, 0);
    plan('2026-12-31', 'rules: [evidence-gab]');
    const typo = check();
    assert.equal(typo.code, 2);
    assert.match(typo.err, /plan\.yaml, line 11: item one: no policy that applies has the clock evidence-gab/);
  });

  it('names what is missing or wrong on the command line', () => {
    assert.match(affiant(['report', '--packs', made.packs]).err, /no key is given/);
    assert.match(affiant(['report', ...source(), '--at', '2026-02-30']).err, /--at 2026-02-30 is not a day/);
    assert.match(affiant(['report', ...source(), '--host', 'nobody']).err, /no verified evidence of a server nobody/);
    assert.match(affiant(['export', 'sarif', ...source()]).err, /export sarif is not known/);
    assert.match(
      affiant(['report', '--packs', join(folder, 'absent'), '--key', made.key]).err,
      /absent cannot be read/,
    );
  });

  it('shows the burn-up of the documented plan in a report', () => {
    const file = join(folder, 'plan.html');
    const plan = join(projectRoot, 'docs', 'examples', 'odpa-msg-plan.yaml');
    const { code } = affiant(['report', ...source(), '--plan', plan, '--out', file]);
    assert.equal(code, 0);
    assert.match(readFileSync(file, 'utf8'), /The action plan<\/h2>[^]*class="area"[^]*Stated by a person/);
  });
});
