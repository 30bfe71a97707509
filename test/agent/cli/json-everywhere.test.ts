/** Every command of the table: it answers in JSON where it answers at all, also where it refuses. */
import assert from 'node:assert/strict';
import { commandTable } from '../../../agent/cli/command-table.ts';
import type { Io } from '../../../agent/cli/io.ts';
import { answerInJson, isJsonAsked } from '../../../agent/cli/json-answer.ts';
import { dispatch } from '../../../agent/cli/run-affiant.ts';

/** Those without an answer that could be JSON, and why. */
const without: Readonly<Record<string, string>> = {
  completion: 'its answer is a program for a shell',
  run: 'it stays and has no answer; what it does it writes to the log line by line',
  serve: 'it stays; its log is one JSON object a line',
};

async function told(...argv: string[]): Promise<{ code: number; out: string; err: string }> {
  let out = '';
  let err = '';
  const io: Io = {
    out: (text) => (out += text),
    err: (text) => (err += text),
    refused: ({ message, remedy }) => (err += `${message}\n${remedy ?? ''}\n`),
    path: (given) => given,
    environment: {},
    stdout: {},
    stderr: {},
  };
  return { code: await dispatch(argv, io), out, err };
}

type Problem = { type: string; code: string; title: string; detail?: string; exitCode: number };

describe('--json everywhere', function () {
  this.timeout(60_000);

  it('is an option of every command, but for a few with a reason', () => {
    const lacking = Object.entries(commandTable)
      .filter(([, { options }]) => !Object.hasOwn(options, '--format FORM'))
      .map(([name]) => name);
    assert.deepEqual(lacking.toSorted(), Object.keys(without).toSorted());
  });

  for (const [name, { options, usage }] of Object.entries(commandTable))
    it(`${name} says what is wrong with its command line as a problem, with the same exit code as in words`, async () => {
      const words = await told(name, '--no-such-option');
      assert.deepEqual([words.code, words.out], [2, ''], words.err);
      const json = await told(name, '--no-such-option', '--json');
      const { title, detail, ...rest } = JSON.parse(json.out) as Problem;
      assert.deepEqual(rest, { type: 'urn:affiant:problem:usage', code: 'usage', exitCode: 2 });
      assert.match(title, /no-such-option/);
      assert.match(detail ?? '', /^affiant /);
      assert.equal(json.code, 2);
      // In words it stands on standard error in both forms.
      assert.match(json.err, /no-such-option/);
      assert.ok(without[name] !== undefined || usage.includes('[--format table|json]'), `the usage of ${name}`);
      assert.ok(Object.keys(options).every((key) => !key.startsWith('--json')));
    });

  it('is asked for by either spelling, and by the last of several', () => {
    assert.ok(isJsonAsked(['status', '--json']));
    assert.ok(isJsonAsked(['status', '--format', 'json']));
    assert.ok(isJsonAsked(['status', '--format=json']));
    assert.ok(isJsonAsked(['status', '--format', 'table', '--json']));
    assert.ok(!isJsonAsked(['status', '--json', '--format', 'table']));
    assert.ok(!isJsonAsked(['status', '--json', '--format=table']));
    assert.ok(!isJsonAsked(['post', '--', '--json']));
    assert.ok(!isJsonAsked(['post', '--format', '--', 'json']));
    assert.ok(!isJsonAsked([]));
  });

  it('holds for an unknown command, for help and for the version', async () => {
    const unknown = await told('colect', '--json');
    const problem = JSON.parse(unknown.out) as Problem;
    assert.deepEqual([unknown.code, problem.title], [2, 'there is no command colect']);
    assert.match(problem.detail ?? '', /did you mean `affiant collect`\?/);
    const all = JSON.parse((await told('help', '--json')).out) as { commands: { name: string }[] };
    assert.deepEqual(
      all.commands.map(({ name }) => name),
      Object.keys(commandTable).filter((name) => commandTable[name]?.hidden !== true),
    );
    const one = JSON.parse((await told('status', '--help', '--json')).out) as { usage: string };
    assert.equal(one.usage, commandTable['status']?.usage);
    assert.match((JSON.parse((await told('--version', '--json')).out) as { version: string }).version, /^\d+\.\d+/);
  });

  it('goes with no schedule, whose lines are for a log', async () => {
    for (const name of ['collect', 'post', 'prove']) {
      const { code, out } = await told(name, '--scheduled', '--json');
      assert.equal(code, 2, out);
      assert.match((JSON.parse(out) as Problem).title, /--scheduled writes lines for a log/, name);
    }
  });
});

describe('an answer in JSON', () => {
  function answering(): { said: string[]; io: Io; end: ReturnType<typeof answerInJson>['end'] } {
    const said: string[] = [];
    const plain = { out: (text: string) => said.push(text), err() {}, refused() {} } as unknown as Io;
    return { said, ...answerInJson(plain) };
  }

  it('stays the one document where something was refused after it', () => {
    const { said, io, end } = answering();
    io.out('{"collected":true}\n');
    io.refused({ code: 'out-unwritable', message: 'it cannot be written' });
    end(5);
    assert.deepEqual(said, ['{"collected":true}\n']);
  });

  it('is the fault where the program failed, and says so even where nobody said why', () => {
    const fault = answering();
    fault.io.refused({ code: 'earlier', message: 'that was not it' });
    fault.end(70, { code: 'fault', message: 'a fault of the program' });
    assert.deepEqual((JSON.parse(fault.said.join('')) as Problem).code, 'fault');
    const silent = answering();
    silent.end(1);
    assert.deepEqual((JSON.parse(silent.said.join('')) as Problem).code, 'failed');
    const done = answering();
    done.end(0);
    assert.deepEqual(done.said, []);
  });

  it('names the place of what is wrong, and shows nothing that a terminal would obey', () => {
    const { said, io, end } = answering();
    io.refused({ code: 'x', message: 'an escape \u001b[2J', pointer: '/a/b' });
    end(2);
    assert.ok(!said.join('').includes('\u001b'));
    const told = JSON.parse(said.join('')) as Problem & { pointer: string };
    assert.deepEqual([told.title, told.pointer], ['an escape \u001b[2J', '/a/b']);
  });
});

describe('a misspelt word', () => {
  const meant = async (...argv: string[]): Promise<string | undefined> =>
    /did you mean (?:`affiant )?([a-z-]+)/.exec((await told(...argv)).err)?.[1];

  it('of a command is asked about where one is near', async () => {
    assert.equal(await meant('stauts'), 'status');
    assert.equal(await meant('verfiy'), 'verify');
    assert.equal(await meant('enrol'), 'enroll');
    assert.equal(await meant('auditrun'), 'audit-run');
    assert.equal(await meant('sweeps'), 'sweep');
    assert.equal(await meant('xyzzy'), undefined);
    assert.equal(await meant('q'.repeat(4000)), undefined);
    assert.equal(await meant('__proto__'), undefined);
    assert.equal(await meant('help', 'colect'), 'collect');
  });

  it('of an option, too', async () => {
    assert.equal(await meant('collect', '--sctrict'), '--strict');
    assert.equal(await meant('verify', 'x', '--kye', 'f'), '--key');
    assert.equal(await meant('verify', 'x', '--wholly-other'), undefined);
  });
});
