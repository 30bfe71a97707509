/** Who may use su at all, as lines of its PAM files say (pam_wheel(8), pam_rootok(8)). Lines only: the stack decides. */
import type { Host } from '../../agent/host/host.ts';
import type { Fact, SuGuard } from '../../schemas/generated/types.ts';
import { observed, type Parsed, parsed, unparsed, unseen } from '../fact.ts';
import { pamWords, splitPamText } from '../mfa/pam-text.ts';
import { toText } from '../text.ts';
import { fileFact } from './file-fact.ts';

/** The second folder is where distributions with an empty /etc keep what they ship. */
const files = ['/etc/pam.d/su', '/etc/pam.d/su-l', '/usr/lib/pam.d/su', '/usr/lib/pam.d/su-l'];
const modules = /(?:^|\/)pam_(?:wheel|rootok)(?:\.so)?$/;
const maxWords = 64;

export function parseSuPam(text: string, file: string): Parsed<SuGuard[]> {
  const { lines, unfinishedAt } = splitPamText(text);
  const unclear = lines.find((line) => line.unclear !== undefined);
  if (unclear !== undefined || unfinishedAt !== undefined)
    return unparsed(unclear?.unclear ?? 'unfinished-line', `line ${unclear?.line ?? unfinishedAt}`);
  const guards: SuGuard[] = [];
  for (const { line, text: words } of lines) {
    const [type = '', control = '', module = '', ...options] = pamWords(words);
    if (!/^(?:-?(?:auth|account|password|session)|@include)$/i.test(type))
      return unparsed('malformed-line', `line ${line}`);
    if (!/^-?auth$/i.test(type) || !modules.test(module)) continue;
    if (options.length > maxWords) return unparsed('too-many-entries', `line ${line}`);
    guards.push({
      definedIn: file,
      line,
      control: toText(control),
      module: toText(module),
      options: options.map(toText),
    });
  }
  return parsed(guards);
}

/** Absent where su has no file of its own (the service `other` decides then). */
export async function readSuGuards(host: Host): Promise<Fact<SuGuard[]>> {
  const guards: SuGuard[] = [];
  const sources: string[] = [];
  let seen = 0;
  for (const path of files) {
    const fact = fileFact(await host.readFile(path), (text) => parseSuPam(text, path));
    if (fact.status !== 'observed' && fact.status !== 'absent') return fact;
    sources.push(...fact.sources);
    if (fact.status !== 'observed') continue;
    seen += 1;
    guards.push(...fact.value);
  }
  return seen === 0 ? unseen('absent', 'no-su-service', sources) : observed(guards, ...sources);
}
