/** Output of `sudo -l` (sudo(8)), by its form alone: sudo translates the sentences and keeps the rules. */
import type { SudoListing } from '../../schemas/generated/types.ts';
import { type Parsed, parsed, unparsed } from '../fact.ts';
import { toText } from '../text.ts';

const maxRules = 1_000;
const tag = /^([A-Z_]+):\s*/;
const option = /^(?:ROLE|TYPE|PRIVS|LIMITPRIVS|NOTBEFORE|NOTAFTER|TIMEOUT|CWD|CHROOT|APPARMOR_PROFILE)=\S+\s+/;

/**
 * A rule is an indented line that begins with `(`. No rule and one sentence at the margin means that
 * nothing is allowed; no output at all is no answer.
 */
export function parseSudoList(text: string): Parsed<Omit<SudoListing, 'account'>> {
  if (text.trim() === '') return unparsed('no-output');
  // No sentence has these, whatever its language: what is no text must not read as a refusal.
  if (/[\0-\x08\x0b\x0c\x0e-\x1f\x7f]|\p{Surrogate}/u.test(text)) return unparsed('unexpected-output');
  const rules: SudoListing['rules'] = [];
  const lines = joined(text);
  const settings = lines
    .slice(
      0,
      lines.findIndex((line) => /^\s+\(/.test(line)),
    )
    .join('\n');
  for (const line of lines) {
    const [, runAs, rest = ''] = /^\s+\(([^)]*)\)\s*(.*)$/s.exec(line) ?? [];
    if (runAs === undefined) continue;
    let commands = rest;
    const tags: string[] = [];
    for (;;) {
      const match = tag.exec(commands) ?? option.exec(commands);
      if (match === null) break;
      if (match[1] !== undefined) tags.push(match[1]);
      commands = commands.slice(match[0].length);
    }
    if (commands === '') return unparsed('malformed-line');
    rules.push({ runAs: toText(runAs), tags: tags.slice(0, 32), commands: toText(commands) });
  }
  return rules.length > maxRules
    ? unparsed('too-many-entries')
    : parsed({
        allowed: rules.length > 0,
        // Settings stand above the rules, one or several a line.
        ...(/(?:^|[\s,])!authenticate(?=[\s,]|$)/.test(settings) ? { neverAuthenticates: true } : {}),
        rules,
      });
}

/** sudo breaks long lines at commas and indents what follows by eight. */
function joined(text: string): string[] {
  const lines: string[] = [];
  for (const line of text.split('\n')) {
    const last = lines.at(-1);
    if (/^ {8,}\S/.test(line) && last !== undefined && /^\s+\(/.test(last))
      lines[lines.length - 1] = `${last} ${line.trim()}`;
    else lines.push(line);
  }
  return lines;
}
