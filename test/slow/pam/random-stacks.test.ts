/** 2,000 random stacks: what the interpreter says against what libpam does. */
import assert from 'node:assert/strict';
import { unseen } from '../../../collectors/fact.ts';
import { run } from '../../../judge/mfa/pam/dispatch.ts';
import { type Handler, type ResultName, resultNumber, results, success } from '../../../judge/mfa/pam/handler.ts';
import { pamFiles } from '../../../judge/mfa/pam/judge-pam.ts';
import { loadService } from '../../../judge/mfa/pam/load.ts';
import { can, type Outcome, type PamFacts } from '../../../judge/mfa/pam/outcome.ts';
import { search } from '../../../judge/mfa/pam/search.ts';
import { randomFrom, randomStack } from './random-stack.ts';
import { factsOf, type RealLibpam, realLibpam } from './real-libpam.ts';

const wanted = 2000;
/** Some have more asks than are tried out, once their includes are counted. */
const made = 2100;
const maxAsks = 5;
const moduleUnknown = resultNumber('module_unknown');
const closed = resultNumber('abort');

describe('2,000 random stacks against libpam', function () {
  this.timeout(300_000);
  let libpam: RealLibpam;
  before(function () {
    const made = realLibpam();
    if (typeof made === 'string') {
      if (process.env['CI'] !== undefined) throw new Error(made);
      this.skip();
    } else libpam = made;
  });
  after(() => libpam?.[Symbol.dispose]());

  it('gives the very result of libpam where modules return what they are told', () => {
    const stacks = make(0, 1);
    const real = libpam.login(stacks.map(({ name }) => ({ service: name })));
    const wrong: string[] = [];
    let undetermined = 0;
    for (const [at, { name, files }] of stacks.entries()) {
      const predicted = resultOf(name, files);
      if (predicted === undefined) undetermined += 1;
      else if (predicted !== real[at]?.result) wrong.push(describeCase(files, `${predicted} not ${real[at]?.result}`));
    }
    report(
      'fixed results',
      stacks.length,
      wrong.length,
      undetermined,
      real.filter(({ result }) => result === 0).length,
    );
    assert.deepEqual(wrong.slice(0, 3), []);
    assert.ok(undetermined <= wanted * 0.05, `${undetermined} undetermined`);
  });

  it('finds for each set of factors whether it opens the stack, and agrees with every possible login', () => {
    const stacks = make(maxAsks, 2);
    const logins = stacks.flatMap(({ name }) =>
      Array.from({ length: 2 ** maxAsks }, (_, bits) => ({
        service: name,
        answers: bits.toString(2).padStart(maxAsks, '0'),
      })),
    );
    const real = libpam.login(logins);
    const wrong: string[] = [];
    let undetermined = 0;
    let opened = 0;
    let compared = 0;
    for (const [at, { name, files }] of stacks.entries()) {
      const tried = real.slice(at * 2 ** maxAsks, (at + 1) * 2 ** maxAsks);
      const handlers = handlersOf(name, files);
      if (handlers === undefined) {
        undetermined += 1;
        continue;
      }
      if (
        handlers !== 'closed' &&
        handlers.filter((handler) => argument(files, handler, 'ask') !== undefined).length > maxAsks
      )
        continue;
      if (compared === wanted) break;
      compared += 1;
      for (const holds of ['', 'k', 'p', 'i', 'kp', 'ki', 'pi', 'kpi']) {
        const opens = tried.some(
          ({ result, used }) => result === success && used.split('').every((each) => holds.includes(each)),
        );
        const says =
          handlers !== 'closed' &&
          search(handlers, (place) => outcomesOf(files, handlers[place], holds)).way !== undefined;
        if (opens) opened += 1;
        if (opens !== says) wrong.push(describeCase(files, `holder of [${holds}] ${opens ? 'gets in' : 'does not'}`));
      }
    }
    report('asked for factors', compared, wrong.length, undetermined, opened);
    assert.deepEqual(wrong.slice(0, 3), []);
    assert.equal(compared, wanted);
    assert.ok(undetermined <= wanted * 0.05, `${undetermined} undetermined`);
  });

  function make(asked: number, seed: number): { name: string; files: Map<string, string> }[] {
    const random = randomFrom(seed);
    return Array.from({ length: asked === 0 ? wanted : made }, (_, at) => {
      const name = `s${seed}-${at}`;
      const files = randomStack(random, libpam.module, libpam.folder, name, asked);
      for (const [file, text] of files) libpam.write(file, text);
      files.set('other', `auth required ${libpam.module} ret=7\n`);
      return { name, files };
    });
  }

  function handlersOf(name: string, files: ReadonlyMap<string, string>): readonly Handler[] | 'closed' | undefined {
    const facts = factsOf(libpam.folder, files, libpam.atIncludes);
    const given = pamFiles(withMissing(facts, `${libpam.folder}/none`));
    assert.ok(given);
    const loaded = loadService(given.files, name, 'auth');
    return loaded.state === 'loaded' ? loaded.handlers : loaded.state === 'closed' ? 'closed' : undefined;
  }

  function resultOf(name: string, files: ReadonlyMap<string, string>): number | undefined {
    const handlers = handlersOf(name, files);
    if (handlers === undefined || handlers === 'closed') return handlers === undefined ? undefined : closed;
    return run(handlers, (handler) =>
      missing(handler) ? moduleUnknown : Number(argument(files, handler, 'ret') ?? 0),
    );
  }
});

function withMissing(facts: PamFacts, path: string): PamFacts {
  if (facts.pamStacks.status !== 'observed') return facts;
  const none = { service: path, file: path, content: unseen('absent', 'not-found', ['file:x']) };
  return { ...facts, pamStacks: { ...facts.pamStacks, value: [...facts.pamStacks.value, none] } };
}

function missing({ module = '' }: Handler): boolean {
  return module.endsWith('none.so');
}

/** Of the controlled module; a document withholds what it does not know, so the file itself is asked. */
function argument(files: ReadonlyMap<string, string>, { file, line }: Handler, name: string): string | undefined {
  const text = files.get(file.slice(file.lastIndexOf('/') + 1))?.split('\n')[line - 1] ?? '';
  return new RegExp(` ${name}=(\\S+)`).exec(text)?.[1];
}

function outcomesOf(
  files: ReadonlyMap<string, string>,
  handler: Handler | undefined,
  holds: string,
): readonly Outcome[] {
  if (handler === undefined) return [];
  if (missing(handler)) return can('module_unknown');
  const ask = argument(files, handler, 'ask');
  if (ask === undefined) return can(nameOf(Number(argument(files, handler, 'ret') ?? 0)));
  return [
    ...(holds.includes(ask) ? can('success') : []),
    ...can(nameOf(Number(argument(files, handler, 'fails') ?? 7))),
  ];
}

function nameOf(number: number): ResultName {
  const name = results[number];
  if (name === undefined) throw new Error(`${number} is no result`);
  return name;
}

function describeCase(files: ReadonlyMap<string, string>, what: string): string {
  return `${what}\n${[...files].map(([name, text]) => `--- ${name}\n${text}`).join('')}`;
}

function report(what: string, stacks: number, wrong: number, undetermined: number, opened: number): void {
  process.stdout.write(
    `    ${what}: ${stacks} stacks compared, ${wrong} disagreements, ${undetermined} undetermined, ${opened} logins succeeded\n`,
  );
}
