/** One PAM file, line by line as libpam would load it (Linux-PAM `_pam_parse_conf_file`, Debian's @include). */
import type { PamContent, PamLine } from '../../schemas/generated/types.ts';
import { type Parsed, parsed, unparsed } from '../fact.ts';
import { toText } from '../text.ts';
import { parsePamControl } from './pam-control.ts';
import { pamOptions } from './pam-options.ts';
import { pamWords, splitPamText } from './pam-text.ts';

const maxLines = 20_000;
const maxWord = 65_536;
const types = new Set(['auth', 'account', 'password', 'session']);
const plainControls = new Set(['required', 'requisite', 'optional', 'sufficient']);

/** Keeps all types of lines; what a line cannot be used for stays in it as a line of its own kind. */
export function parsePamFile(text: string): Parsed<PamContent> {
  const { lines, unfinishedAt } = splitPamText(text);
  if (lines.length > maxLines) return unparsed('too-many-lines', `${lines.length} lines`);
  return parsed({
    lines: lines.map((each) => pamLine(each.line, pamWords(each.text), each.unclear)),
    ...(unfinishedAt === undefined ? {} : { endsAt: { line: unfinishedAt, reason: 'unfinished-line' } }),
  });
}

/** pam.conf(5): the service stands first in each line; libpam compares it without regard to case. */
export function parsePamConf(text: string): Parsed<ReadonlyMap<string, PamContent>> {
  const { lines, unfinishedAt } = splitPamText(text);
  if (lines.length > maxLines) return unparsed('too-many-lines', `${lines.length} lines`);
  // An unfinished or unclear line is every service's: it ends or blurs the whole file.
  const broken = lines.find((each) => each.unclear !== undefined);
  if (broken !== undefined) return unparsed(broken.unclear ?? '', `line ${broken.line}`);
  if (unfinishedAt !== undefined) return unparsed('unfinished-line', `line ${unfinishedAt}`);
  const services = new Map<string, PamContent>();
  for (const { line, text: words } of lines) {
    const [service = '', ...rest] = pamWords(words);
    const content = services.get(service.toLowerCase()) ?? { lines: [] };
    content.lines.push(pamLine(line, rest));
    services.set(service.toLowerCase(), content);
  }
  return parsed(services);
}

function pamLine(line: number, words: readonly string[], unclear?: string): PamLine {
  if (unclear !== undefined) return { line, kind: 'unclear', reason: unclear };
  if (words.some((word) => word.length > maxWord)) return { line, kind: 'unclear', reason: 'long-line' };
  const [first = '', ...fields] = words;
  const silent = first.startsWith('-') ? { silentIfMissing: true as const } : {};
  const named = first.replace(/^-/, '').toLowerCase();
  if (named === '@include') {
    const [target] = fields;
    return { line, kind: 'at-include', ...silent, ...(target === undefined ? {} : { target: toText(target) }) };
  }
  const type = isType(named) ? { type: named } : {};
  const reason = isType(named) ? {} : { reason: first === '' ? 'no-type' : 'unknown-type' };
  return { line, ...type, ...silent, ...reason, ...restOf(fields, !isType(named)) };
}

/** Control, module and options. A line whose type is none fails when it is called, with what its control makes of that. */
function restOf([word, name, ...args]: readonly string[], unusable: boolean): Omit<PamLine, 'line'> {
  if (word === undefined) return { kind: 'unusable', reason: 'no-control' };
  const control = { control: toText(word) };
  const lower = word.toLowerCase();
  if (lower === 'include' || lower === 'substack') {
    if (lower === 'substack' && name !== undefined && !hasModuleName(name))
      return { kind: 'fatal', ...control, target: toText(name), reason: 'no-module-name' };
    return { kind: lower, ...control, ...(name === undefined ? {} : { target: toText(name) }) };
  }
  const read = plainControls.has(lower) ? undefined : parsePamControl(word);
  if (read?.fault === 'jump-too-large') return { kind: 'unclear', ...control, reason: read.fault };
  const actions = read === undefined ? control : { ...control, actions: read.actions };
  const fault = read?.fault === undefined ? {} : { reason: read.fault };
  if (name === undefined) return { kind: 'unusable', ...actions, reason: 'no-module' };
  const module = { module: toText(name) };
  if (!hasModuleName(name)) return { kind: 'fatal', ...actions, ...module, reason: 'no-module-name' };
  const options = args.length === 0 ? {} : { options: pamOptions(name, args) };
  return { kind: unusable ? 'unusable' : 'module', ...actions, ...module, ...options, ...fault };
}

/** libpam gives up where nothing or `?` is left of a module's name without folder and extension. */
function hasModuleName(path: string): boolean {
  const name = path.slice(path.lastIndexOf('/') + 1);
  const dot = name.lastIndexOf('.');
  const bare = dot < 0 ? name : name.slice(0, dot);
  return bare !== '' && bare !== '?';
}

function isType(name: string): name is NonNullable<PamLine['type']> {
  return types.has(name);
}
