/** auditctl(8): `auditctl -s`, the state of the kernel's audit system, and rules as `auditctl -l` and audit.rules(7) write them. */
import type { AuditRule, AuditState } from '../../../schemas/generated/types.ts';
import { type Parsed, parsed, unparsed } from '../../fact.ts';
import { toText } from '../../text.ts';

/**
 * `enabled 1`, a name and a value a line; older ones write `AUDIT_STATUS: enabled=1 flag=1 pid=2043 …` and
 * call `failure` `flag`.
 */
export function parseAuditStatus(text: string): Parsed<AuditState> {
  const values = new Map<string, number>();
  for (const match of text.matchAll(
    /(?:^|\s)(enabled|failure|flag|pid|rate_limit|backlog_limit|lost)[ =]([0-9]{1,10})\b/gm,
  ))
    if (!values.has(match[1] ?? '')) values.set(match[1] ?? '', Number(match[2]));
  const enabled = values.get('enabled');
  const failure = values.get('failure') ?? values.get('flag');
  const pid = values.get('pid');
  const backlogLimit = values.get('backlog_limit');
  const lost = values.get('lost');
  if (
    enabled === undefined ||
    failure === undefined ||
    pid === undefined ||
    backlogLimit === undefined ||
    lost === undefined
  )
    return unparsed('unexpected-output');
  if (!isThird(enabled) || !isThird(failure)) return unparsed('unknown-audit-state');
  const rateLimit = values.get('rate_limit');
  const loginuid = /^loginuid_immutable ([01])\b/m.exec(text)?.[1];
  return parsed({
    enabled,
    failure,
    pid,
    backlogLimit,
    lost,
    ...(rateLimit !== undefined && { rateLimit }),
    ...(loginuid !== undefined && { loginuidImmutable: loginuid === '1' }),
  });
}

function isThird(value: number): value is 0 | 1 | 2 {
  return value === 0 || value === 1 || value === 2;
}

const maxRules = 10_000;

/** `No rules` is an empty list; a line that is neither rule nor comment fails without being quoted. */
export function parseAuditRules(text: string, definedIn?: string): Parsed<AuditRule[]> {
  const rules: AuditRule[] = [];
  for (const [index, line] of text.split('\n').entries()) {
    const trimmed = line.trim();
    if (trimmed === '' || trimmed.startsWith('#') || trimmed === 'No rules') continue;
    const rule = trimmed.startsWith('LIST_RULES:') ? legacyRule(trimmed) : ruleOf(trimmed);
    if (rule === undefined) return unparsed('unexpected-line', `line ${index + 1}`);
    rules.push({ ...rule, ...(definedIn !== undefined && { definedIn: toText(definedIn), line: index + 1 }) });
    if (rules.length > maxRules) return unparsed('too-many-entries');
  }
  if (rules.length === 0 && definedIn === undefined && !/^No rules$/m.test(text)) return unparsed('no-answer');
  return parsed(rules);
}

const lists = {
  exit: 'exit',
  exclude: 'exclude',
  user: 'user',
  task: 'task',
  filesystem: 'filesystem',
  io_uring: 'io_uring',
} as const;

/** A field's value, written `-F path=/x`, `-F dir=/x`; a watch has `-w`, `-p`, `-k`. */
function ruleOf(text: string): AuditRule | undefined {
  if (!/^-[A-Za-z-]/.test(text) || text.length > 8192) return undefined;
  const words = text.split(/\s+/);
  const after = (option: string): string | undefined => {
    const at = words.indexOf(option);
    return at < 0 ? undefined : words[at + 1];
  };
  const all = (option: string): string[] => words.flatMap((word, at) => (words[at - 1] === option ? [word] : []));
  const fields = all('-F');
  const field = (...names: readonly string[]): string | undefined =>
    fields.find((each) => names.some((name) => each.startsWith(`${name}=`)))?.replace(/^[^=]*=/, '');
  const watch = after('-w');
  const list = after('-a') ?? after('-A') ?? after('-d');
  if (watch === undefined && list === undefined)
    return /^(?:-[DbfirRecsqt]|--[a-z_-]+)(?:\s|$)/.test(text) ? { kind: 'control', text: toText(text) } : undefined;
  const [left = '', right = ''] = (list ?? '').split(',');
  const listName = [left, right].find((each): each is keyof typeof lists => Object.hasOwn(lists, each));
  const action = [left, right].find((each): each is 'always' | 'never' => each === 'always' || each === 'never');
  const syscalls = all('-S')
    .flatMap((each) => each.split(','))
    .filter((each) => each.length > 0 && each.length <= 64);
  const architecture = field('arch');
  const path = watch ?? field('path', 'dir');
  const permissions = after('-p') ?? field('perm');
  const key = after('-k') ?? field('key');
  return {
    kind: watch === undefined ? 'syscall' : 'watch',
    text: toText(text),
    ...(action !== undefined && { action }),
    ...(listName !== undefined && { list: lists[listName] }),
    ...((architecture === 'b64' || architecture === 'b32') && { architecture }),
    ...(syscalls.length > 0 && { syscalls: syscalls.slice(0, 512) }),
    ...(path !== undefined && path !== '' && { path: toText(path) }),
    ...(permissions !== undefined && /^[rwxa]{1,4}$/.test(permissions) && { permissions }),
    ...(key !== undefined && key !== '' && { key: toText(key) }),
  };
}

/** audit 1.x: `LIST_RULES: exit,always watch=/etc/passwd perm=wa`. */
function legacyRule(text: string): AuditRule | undefined {
  const match = /^LIST_RULES: ([a-z_]+),([a-z]+)\s*(.*)$/.exec(text);
  if (match === null || text.length > 8192) return undefined;
  const rest = match[3] ?? '';
  const value = (name: string): string | undefined => new RegExp(`(?:^|\\s)${name}=(\\S+)`).exec(rest)?.[1];
  const watch = value('watch') ?? value('dir');
  const permissions = value('perm');
  const key = value('key');
  const syscalls = (value('syscall') ?? '').split(',').filter((each) => each !== '' && each.length <= 64);
  const list = match[1] ?? '';
  const action = match[2];
  return {
    kind: watch === undefined ? 'syscall' : 'watch',
    text: toText(text),
    ...((action === 'always' || action === 'never') && { action }),
    ...(Object.hasOwn(lists, list) && { list: lists[list as keyof typeof lists] }),
    ...(syscalls.length > 0 && { syscalls: syscalls.slice(0, 512) }),
    ...(watch !== undefined && { path: toText(watch) }),
    ...(permissions !== undefined && /^[rwxa]{1,4}$/.test(permissions) && { permissions }),
    ...(key !== undefined && { key: toText(key) }),
  };
}

/** auditd.conf(5): `name = value`. Values in lower case where they are words of its own, as they stand where they are paths. */
export function parseAuditdConf(text: string): Parsed<Record<string, string>> {
  const settings: Record<string, string> = {};
  for (const [index, line] of text.split('\n').entries()) {
    const trimmed = line.trim();
    if (trimmed === '' || trimmed.startsWith('#')) continue;
    const match = /^([A-Za-z][A-Za-z0-9_]{0,63})\s*=\s*(\S.{0,1023}|)$/.exec(trimmed);
    const name = match?.[1]?.toLowerCase();
    const value = match?.[2] ?? '';
    if (name === undefined || !value.isWellFormed()) return unparsed('unexpected-line', `line ${index + 1}`);
    settings[name] = /^[A-Za-z_]+$/.test(value) ? value.toLowerCase() : value;
  }
  const count = Object.keys(settings).length;
  if (count === 0) return unparsed('no-settings');
  return count > 128 ? unparsed('too-many-entries') : parsed(settings);
}
