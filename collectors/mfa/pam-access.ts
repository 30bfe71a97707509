/** access.conf(5) and access.d, in the order in which pam_access reads them. */
import type { Host } from '../../agent/host/host.ts';
import type { AccessRule, Fact, PamStack } from '../../schemas/generated/types.ts';
import { missed, observed, unseen } from '../fact.ts';
import { toText } from '../text.ts';
import { linesOfModule, optionOf } from './pam-settings.ts';
import { notAsked } from './pam-unread.ts';

const usual = '/etc/security/access.conf';
const folder = '/etc/security/access.d';
const maxRules = 20_000;

export async function readAccessRules(host: Host, stacks: readonly PamStack[]): Promise<Fact<AccessRule[]>> {
  const lines = linesOfModule(stacks, 'access');
  if (lines.length === 0) return notAsked(stacks, 'no-such-module');
  const files = [...new Set(lines.map((line) => optionOf(line, 'accessfile') ?? usual))].filter((path) =>
    path.startsWith('/'),
  );
  const sources: string[] = [];
  if (files.includes(usual)) {
    const names = await host.list(folder);
    sources.push(names.source);
    if (names.status !== 'observed' && names.status !== 'absent') return missed(names);
    if (names.status === 'observed')
      files.push(...names.value.filter((name) => name.endsWith('.conf')).map((name) => `${folder}/${name}`));
  }
  const rules: AccessRule[] = [];
  let seen = false;
  for (const file of files) {
    const answer = await host.readFile(file);
    sources.push(answer.source);
    // No file, no rules: pam_access lets everybody pass then.
    if (answer.status === 'absent') continue;
    if (answer.status !== 'observed') return missed(answer, ...sources.slice(0, 60));
    if (answer.value.truncated) return unseen('unsupported', 'too-large', sources.slice(0, 60));
    seen = true;
    const found = parseAccessRules(answer.value.text, file);
    // A file of which nothing can be read as a rule is none of pam_access.
    if (found.length === 0 && /^[^#\n]*\S/m.test(answer.value.text))
      return unseen('failed', 'no-rules', [answer.source]);
    rules.push(...found);
  }
  if (rules.length > maxRules) return unseen('unsupported', 'too-many-rules', sources.slice(0, 60));
  return seen ? observed(rules, ...sources.slice(0, 60)) : unseen('absent', 'not-found', sources.slice(0, 60));
}

/** Lines that pam_access cannot read it passes over; the last one too, where no line feed ends it. */
export function parseAccessRules(text: string, file: string): AccessRule[] {
  return text
    .split('\n')
    .slice(0, -1)
    .flatMap((raw, at): AccessRule[] => {
      if (raw.startsWith('#')) return [];
      const [permission = '', users = '', ...origins] = raw
        .trimEnd()
        .split(':')
        .filter((field, index) => index > 1 || field !== '');
      const from = origins.join(':');
      if (!/^[+-]/.test(permission) || users === '' || from === '') return [];
      return [
        {
          definedIn: toText(file),
          line: at + 1,
          permission: permission.startsWith('+') ? 'allow' : 'deny',
          users: words(users),
          origins: words(from),
        },
      ];
    });
}

/** pam_access's default separators: comma, blank, tab. */
function words(list: string): AccessRule['users'] {
  return list
    .split(/[, \t]+/)
    .filter((word) => word !== '')
    .slice(0, 10_000)
    .map(toText);
}
