/** What commands say to a program that reads: one JSON value on standard output, which names what a person is told. */
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { tokenDigest } from '../../../endpoint/readers/readers-file.ts';
import { affiant as runCli } from './run-cli.ts';

describe('--json', function () {
  this.timeout(120_000);
  let home = '';
  let state = '';
  let started: Started;
  type Started = {
    bundle: string;
    pack: string;
    target: { id: string };
    verified: { ok: boolean };
    endpoint: { own: boolean };
    posted: { packs: readonly { fate: string }[] };
    documents: { host: { format: string } };
  };
  const told = (...args: string[]): unknown => {
    const { code, out, err } = runCli([...args, '--json', '--state', state]);
    assert.equal(code, 0, `${args.join(' ')}: ${err}`);
    return JSON.parse(out);
  };
  before(() => {
    home = mkdtempSync(join(tmpdir(), 'affiant-json-'));
    state = join(home, 'state');
    started = told('start') as Started;
  });
  after(() => rmSync(home, { recursive: true }));

  it('of start: the evidence, its way, and what a check of it found', () => {
    assert.match(started.bundle, /^[0-9a-f]{64}$/);
    assert.deepEqual(
      [started.verified, started.endpoint.own, started.posted.packs.map(({ fate }) => fate)],
      [{ ok: true }, true, ['receipted']],
    );
    assert.ok(existsSync(started.pack), started.pack);
    assert.match(started.documents.host.format, /host/);
  });

  it('of export: the files that were written, and nothing without one', () => {
    const source = ['--packs', join(state, 'packs'), '--key', join(state, 'public.pem')];
    const file = join(home, 'bom.json');
    const all = ['export', 'cyclonedx', ...source];
    const { code, out, err } = runCli([...all, '--out', file, '--json']);
    assert.equal(code, 0, err);
    assert.deepEqual(JSON.parse(out), { written: [{ file, leftOut: [] }], refused: [] });
    assert.equal((JSON.parse(readFileSync(file, 'utf8')) as { bomFormat: string }).bomFormat, 'CycloneDX');
    const bare = runCli([...all, '--json']);
    const { code: kind, exitCode, detail } = JSON.parse(bare.out) as { code: string; exitCode: number; detail: string };
    assert.deepEqual([bare.code, kind, exitCode], [2, 'usage', 2]);
    assert.match(detail, /give --out FILE/);
  });

  it('of hold: each in force, with whom and why', () => {
    assert.deepEqual(told('hold'), []);
    const { id } = started.target;
    const placed = told('hold', 'case-7', '--reason', 'a lawsuit', '--target', id, '--operator', 'ann') as {
      index: number;
    };
    assert.ok(Number.isSafeInteger(placed.index));
    const [{ at, ...hold } = { at: '' }] = told('hold') as { at: string }[];
    assert.deepEqual(hold, { ...placed, name: 'case-7', targets: [id], reason: 'a lawsuit', operator: 'ann' });
    assert.ok(!Number.isNaN(Date.parse(at)));
    told('hold', 'case-7', '--reason', 'it is over', '--release');
    assert.deepEqual(told('hold'), []);
  });

  it('of reader: what it may do, and where the token is, which is not said', () => {
    const [tokenFile, readersFile] = [join(home, 'token'), join(home, 'readers.yaml')];
    const where = ['--out', tokenFile, '--readers', readersFile, '--expires', '2099-01-02'];
    const made = told('reader', 'create', 'ann', '--role', 'auditor', ...where);
    const token = readFileSync(tokenFile, 'utf8').trim();
    assert.deepEqual(made, {
      name: 'ann',
      role: 'auditor',
      tokenSha256: tokenDigest(token),
      expires: '2099-01-02T00:00:00.000Z',
      readersFile,
      tokenFile,
    });
  });
});
