/** Output of realm(8) `list` and `discover`: a name at the margin, `key: value` below it. */
import type { DirectoryDomain } from '../../schemas/generated/types.ts';
import { type Parsed, parsed, unparsed } from '../fact.ts';
import { toText } from '../text.ts';

const maxDomains = 128;

/** No output at all is an answer: joined to nothing. Lines with a marker in front (`-v`) are not part of it. */
export function parseRealmList(text: string): Parsed<DirectoryDomain[]> {
  const domains: DirectoryDomain[] = [];
  let domain: DirectoryDomain | undefined;
  for (const [at, line] of text.split('\n').entries()) {
    if (line.trim() === '' || /^\s*[*!] /.test(line)) continue;
    const setting = /^\s+([a-z-]+):\s*(.*)$/s.exec(line);
    if (setting === null) {
      if (!/^\s*\S+\s*$/.test(line)) return unparsed('malformed-line', `line ${at + 1}`);
      domain = { name: toText(line.trim()), toldBy: 'realmd' };
      domains.push(domain);
      continue;
    }
    if (domain === undefined) return unparsed('malformed-line', `line ${at + 1}`);
    const [, key = '', value = ''] = setting;
    if (key === 'configured') domain.configured = toText(value);
    else if (key === 'login-formats') domain.loginFormats = toText(value);
    else if (key === 'login-policy') domain.loginPolicy = toText(value);
    else if (key === 'permitted-logins') domain.permittedLogins = namesOf(value);
    else if (key === 'permitted-groups') domain.permittedGroups = namesOf(value);
  }
  return domains.length > maxDomains ? unparsed('too-many-entries') : parsed(domains);
}

function namesOf(value: string): DirectoryDomain['name'][] {
  return value
    .split(',')
    .map((each) => each.trim())
    .filter((each) => each !== '')
    .map(toText);
}
