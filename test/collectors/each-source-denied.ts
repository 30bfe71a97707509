/**
 * The worst defect, looked for everywhere at once: a fact that says absent, none or no where the truth
 * is "could not look". Each single answer that a collector gets is turned into every kind of miss, cut,
 * garbled and emptied, and the documents are looked at.
 */
import assert from 'node:assert/strict';
import { createHash, createHmac } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import type { Answer, Host, MissStatus } from '../../agent/host/host.ts';
import type { Collector, Digests, Drafts } from '../../collectors/collector.ts';
import { encodeText } from '../../collectors/text.ts';
import { canonicalText } from '../../evidence/canonical-json.ts';
import { validatedDocument } from '../../evidence/document-schemas.ts';
import type { Fact } from '../../schemas/generated/types.ts';

/** Real digests, as the agent gives them to a collector. */
export const digests: Digests = {
  sha256: (bytes) => new Uint8Array(createHash('sha256').update(bytes).digest()),
  derive: (secret, label) => createHmac('sha256', secret).update(label).digest('hex'),
  keyed: (text) => createHmac('sha256', 'a key of the tests').update(encodeText(text)).digest('hex'),
};

export type Interference = MissStatus | 'truncated' | 'garbled' | 'emptied';

/** After these a source has told nothing that can be used; one that is absent or empty may truly be so. */
const spoils: ReadonlySet<Interference> = new Set(['denied', 'timed-out', 'failed', 'truncated', 'garbled'] as const);

const misses: readonly MissStatus[] = ['denied', 'timed-out', 'failed', 'unsupported', 'absent'];
/** Bytes that are no text, marks that turn the reading direction, half a tag: no format that we read. */
const garbage = '\u0001\udcff\u202e<script>=cmd|\u001b[2J';

/** The host with one of its answers spoilt, the one from this source. */
export function spoilt(host: Host, locator: string, how: Interference): Host {
  const pass = async <T>(asked: Promise<Answer<T>>): Promise<Answer<T>> => {
    const answer = await asked;
    return answer.source === locator ? spoil(answer, how) : answer;
  };
  return {
    os: host.os,
    identity: () => pass(host.identity()),
    readFile: (path, options) => pass(host.readFile(path, options)),
    list: (path) => pass(host.list(path)),
    stat: (path) => pass(host.stat(path)),
    readLink: (path) => pass(host.readLink(path)),
    processes: () => pass(host.processes()),
    exec: (command, ...args) => pass(host.exec(command, ...args)),
    registry: (key) => pass(host.registry(key)),
    query: (name, parameters) => pass(host.query(name, parameters)),
    system: (name) => pass(host.system(name)),
  };
}

function spoil<T>(answer: Answer<T>, how: Interference): Answer<T> {
  const miss = misses.find((status) => status === how);
  if (miss !== undefined) return { status: miss, reason: 'spoilt-by-test', source: answer.source };
  if (answer.status !== 'observed') return answer;
  const field = textField(answer.value);
  if (field === undefined) return answer;
  const value: Record<string, unknown> = Object.fromEntries(Object.entries(answer.value as object));
  const text = String(value[field]);
  value[field] = how === 'truncated' ? text.slice(0, text.length / 2) : how === 'garbled' ? garbage : '';
  value['truncated'] = how === 'truncated';
  return { ...answer, value: value as T };
}

/** The member that holds a file's or a command's text. */
function textField(value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  return Object.entries(value).find(
    ([name, text]) => (name === 'text' || name === 'stdout') && typeof text === 'string',
  )?.[0];
}

/** Facts by document and name. */
type Facts = ReadonlyMap<string, Fact<unknown>>;

function factsOf(drafts: Drafts): Facts {
  const facts = new Map<string, Fact<unknown>>();
  for (const [document, draft] of Object.entries(drafts))
    for (const [name, fact] of Object.entries(draft as Record<string, Fact<unknown>>))
      facts.set(`${document}.${name}`, fact);
  return facts;
}

function isEmpty(value: unknown): boolean {
  if (value === false || value === 0 || value === '' || value === null) return true;
  return typeof value === 'object' && Object.keys(value).length === 0;
}

/** Fails where a document does not fit its schema or cannot be made canonical. */
export function assertValid(drafts: Drafts, where: string): void {
  for (const [name, draft] of Object.entries(drafts)) {
    const document = { format: `affiant-${name}/1`, blind: 'A'.repeat(43), ...draft };
    const result = validatedDocument(name, document);
    assert.ok(result.ok, `${where}: ${JSON.stringify(result)}`);
    canonicalText(document);
  }
}

export type Expectation = {
  readonly collector: Collector;
  /** A machine of which everything can be seen; a new host for each run. */
  readonly host: () => Host;
  /** `document.fact` for which an emptied file truly says none: an empty sudoers file is one without rules. */
  readonly emptyIsTrue?: readonly string[];
  /** `document.fact` that has no value at all where one of its own sources could not be read or used, since half of it would mislead. */
  readonly wholeOnly?: readonly string[];
};

/**
 * Spoils every source in turn, in every way. Documents must stay valid; a fact must not become `absent`
 * unless its source did, nor observed and empty where it was not. Gives the number of cases.
 */
export async function checkEachSource({
  collector,
  host,
  emptyIsTrue = [],
  wholeOnly = [],
}: Expectation): Promise<number> {
  const asked = new Map<string, boolean>();
  const whole = await collector.collect(recording(host(), asked), digests);
  assertValid(whole, 'the untouched machine');
  const before = factsOf(whole);
  let cases = 0;
  for (const [locator, hasText] of asked)
    for (const how of hasText ? ([...misses, 'truncated', 'garbled', 'emptied'] as const) : misses) {
      const where = `${locator} ${how}`;
      const drafts = await collector.collect(spoilt(host(), locator, how), digests);
      assertValid(drafts, where);
      for (const row of collector.summarise(drafts))
        assert.ok(row.text.length > 0, `${where}: an empty line in the summary`);
      for (const [name, fact] of factsOf(drafts)) {
        const known = before.get(name);
        checkFact(where, name, known, fact, how, emptyIsTrue.includes(name));
        if (wholeOnly.includes(name) && known?.sources.includes(locator) === true && spoils.has(how))
          assert.notEqual(fact.status, 'observed', `${where}: ${name} is still observed`);
      }
      cases += 1;
    }
  return cases;
}

function checkFact(
  where: string,
  name: string,
  before: Fact<unknown> | undefined,
  after: Fact<unknown>,
  how: Interference,
  emptyIsTrue: boolean,
): void {
  if (before === undefined) return;
  const shown = `${where}: ${name} went from ${before.status} to ${JSON.stringify(after)}`;
  // A source that is truly gone may make its fact absent, or none.
  if (how === 'absent') return;
  if (after.status === 'absent') assert.ok(before.status === 'absent' || (how === 'emptied' && emptyIsTrue), shown);
  if (after.status !== 'observed' || !isEmpty(after.value)) return;
  const same = before.status === 'observed' && isDeepStrictEqual(before.value, after.value);
  assert.ok(same || (how === 'emptied' && emptyIsTrue), shown);
}

/** Notes each source, and whether it gave a text. */
function recording(host: Host, asked: Map<string, boolean>): Host {
  const note = async <T>(promise: Promise<Answer<T>>): Promise<Answer<T>> => {
    const answer = await promise;
    asked.set(answer.source, answer.status === 'observed' && textField(answer.value) !== undefined);
    return answer;
  };
  return {
    os: host.os,
    identity: () => note(host.identity()),
    readFile: (path, options) => note(host.readFile(path, options)),
    list: (path) => note(host.list(path)),
    stat: (path) => note(host.stat(path)),
    readLink: (path) => note(host.readLink(path)),
    processes: () => note(host.processes()),
    exec: (command, ...args) => note(host.exec(command, ...args)),
    registry: (key) => note(host.registry(key)),
    query: (name, parameters) => note(host.query(name, parameters)),
    system: (name) => note(host.system(name)),
  };
}
