/** Reads a server's configuration as sshd does: the file, and what it includes, in place (sshd_config(5), Include). */
import type { Host } from '../../agent/host/host.ts';
import type { Fact, SshDirective } from '../../schemas/generated/types.ts';
import { missed, observed, type Parsed, unseen } from '../fact.ts';
import { toText } from '../text.ts';
import { expandGlob } from './glob.ts';
import { type Criterion, parseMatch } from './sshd-match.ts';
import { sshdArguments, sshdLines } from './sshd-words.ts';

/** OpenSSH servconf.c SERVCONF_MAX_DEPTH; it is there to end loops. */
const maxDepth = 16;
const maxFiles = 500;
/** What the document takes. */
const maxDirectives = 20_000;
const maxSources = 60;
const maxBytes = 4 * 1024 * 1024;
export type Directive = {
  readonly file: string;
  readonly line: number;
  readonly keyword: string;
  readonly args: readonly string[];
  /** What follows the keyword, for keywords that take a whole line. */
  readonly rest: string;
  /** Criteria that must all hold; one array a block, undefined outside of every block. */
  readonly match?: readonly Criterion[];
};

type Stop = Exclude<Fact<never>, { status: 'observed' }>;
type Reading = {
  readonly host: Host;
  readonly folder: string | null;
  readonly directives: Directive[];
  readonly sources: string[];
  files: number;
};

/** Directives in order. Observed only where every file was read and sshd would not refuse it. */
/** `folder` is where relative includes start; without one a file that includes others is not understood. */
export async function readSshdConfig(
  host: Host,
  path: string,
  folder: string | null = '/etc/ssh',
): Promise<Fact<Directive[]>> {
  const reading: Reading = { host, folder, directives: [], sources: [], files: 0 };
  const stop = await readOne(reading, path, undefined, 0);
  const sources = [...new Set(reading.sources)].slice(0, maxSources);
  if (stop !== undefined) return { ...stop, sources: [...new Set([...stop.sources, ...sources])].slice(0, maxSources) };
  return observed(reading.directives, ...sources);
}

async function readOne(
  reading: Reading,
  path: string,
  around: readonly Criterion[] | undefined,
  depth: number,
): Promise<Stop | undefined> {
  const answer = await reading.host.readFile(path, { maxBytes });
  reading.files += 1;
  if (answer.status !== 'observed') return missed(answer);
  reading.sources.push(answer.source);
  const failed = (reason: string, detail = ''): Stop =>
    unseen('failed', reason, [answer.source], `${path}: ${detail}`.replace(/[^\x20-\x7e]/g, '?'));
  if (depth > maxDepth) return failed('include-loop', 'too many files within each other');
  if (reading.files > maxFiles) return failed('too-many-includes', 'too many files');
  if (answer.value.truncated) return failed('truncated', 'longer than what is read');
  const lines = sshdLines(answer.value.text);
  if (!lines.ok) return failed(lines.reason, lines.detail);
  let match = around;
  for (const { line, keyword, rest } of lines.value) {
    const at = (result: Extract<Parsed<never>, { ok: false }>): Stop =>
      failed(result.reason, `line ${line}: ${result.detail ?? ''}`);
    if (keyword === 'match') {
      const criteria = parseMatch(rest);
      if (!criteria.ok) return at(criteria);
      match = [...(around ?? []), ...criteria.value];
      continue;
    }
    const args = sshdArguments(rest);
    if (!args.ok) return at(args);
    if (keyword === 'include') {
      if (reading.folder === null) return failed('include-not-covered', `line ${line}`);
      const stop = await include(reading, args.value, match, depth);
      if (stop !== undefined) return stop;
      continue;
    }
    if (!/^[a-z][a-z0-9]{0,63}$/.test(keyword)) return failed('malformed-line', `line ${line}: no keyword`);
    if (reading.directives.length >= maxDirectives) return failed('too-many-entries', 'too many directives');
    const directive = { file: path, line, keyword, args: args.value, rest };
    reading.directives.push(match === undefined ? directive : { ...directive, match });
  }
  return undefined;
}

async function include(
  reading: Reading,
  patterns: readonly string[],
  match: readonly Criterion[] | undefined,
  depth: number,
): Promise<Stop | undefined> {
  for (const pattern of patterns) {
    // glob(3) is called without tilde expansion.
    if (pattern.startsWith('~')) continue;
    const literal = !/[*?[\\]/.test(pattern);
    const paths = await expandGlob(reading.host, pattern.startsWith('/') ? pattern : `${reading.folder}/${pattern}`);
    if (paths.status !== 'observed') return paths;
    reading.sources.push(...paths.sources);
    for (const path of paths.value) {
      const stop = await readOne(reading, path, match, depth + 1);
      if (stop?.status !== 'absent') {
        if (stop !== undefined) return stop;
        continue;
      }
      // A name without pattern that is not there is left out by glob(3); one that was listed is gone since.
      if (!literal) return unseen('failed', 'vanished', stop.sources);
    }
  }
  return undefined;
}

/** Keywords whose arguments can carry anything: an environment, a command with a token. */
const withheld: ReadonlySet<string> = new Set(['setenv', 'forcecommand', 'subsystem', 'banner', 'versionaddendum']);
const commands = /command$/;

/** A directive as the document holds it. */
export function directiveFact({ file, line, keyword, args, match }: Directive): SshDirective {
  const kept = withheld.has(keyword) ? [] : commands.test(keyword) ? args.slice(0, 1) : args;
  return {
    definedIn: toText(file),
    line,
    keyword,
    arguments: kept.slice(0, 1024).map(toText),
    ...(match === undefined
      ? {}
      : {
          match: match.slice(0, 64).map(({ keyword: criterion, list }) => ({
            keyword: criterion,
            patterns: list === '' ? [] : list.split(',').slice(0, 1024).map(toText),
          })),
        }),
  };
}
