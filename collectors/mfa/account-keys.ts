/** The keys of administrators, from the files that their servers read (sshd_config(5), AuthorizedKeysFile). */
import type { Host } from '../../agent/host/host.ts';
import type { AccountKeys, Fact, LoginKey, UserCertificateAuthority } from '../../schemas/generated/types.ts';
import type { Digests } from '../collector.ts';
import { fromAnswer, missed, observed, unparsed, unseen } from '../fact.ts';
import { toText } from '../text.ts';
import type { Administrator, People } from './administrators.ts';
import { parseAuthorizedKeys } from './authorized-keys.ts';
import type { Settings } from './sshd-settings.ts';

const maxBytes = 4 * 1024 * 1024;

/** Settings that some server has in force for an account; undefined among them where they are not known. */
export type SettingsOf = (account: string) => readonly (Settings | undefined)[];

export async function readAccountKeys(
  host: Host,
  people: Fact<People>,
  settingsOf: SettingsOf,
  digests: Digests,
): Promise<Fact<AccountKeys[]>> {
  if (people.status !== 'observed') return people;
  const list: AccountKeys[] = [];
  for (const account of people.value.administrators)
    list.push({
      account: toText(account.name),
      keys: await keysOf(host, account, settingsOf(account.name), digests, people.sources),
    });
  return observed(list, ...people.sources);
}

async function keysOf(
  host: Host,
  account: Administrator,
  settings: readonly (Settings | undefined)[],
  digests: Digests,
  because: readonly string[],
): Promise<Fact<LoginKey[]>> {
  const files = new Set<string>();
  for (const one of settings) {
    const patterns = one?.get('authorizedkeysfile');
    if (patterns === undefined) return unseen('failed', 'key-files-not-known', because);
    for (const pattern of patterns) if (pattern.toLowerCase() !== 'none') files.add(expanded(pattern, account));
  }
  if (files.size === 0) return unseen('absent', 'no-key-file-is-read', because);
  const keys: LoginKey[] = [];
  const sources: string[] = [];
  let there = false;
  for (const file of files) {
    const answer = await host.readFile(file, { maxBytes });
    sources.push(answer.source);
    if (answer.status === 'absent') continue;
    if (answer.status !== 'observed') return missed(answer);
    const fact = fromAnswer(answer, ({ text, truncated }) =>
      truncated ? unparsed('truncated') : parseAuthorizedKeys(text, digests),
    );
    if (fact.status !== 'observed') return fact;
    there = true;
    keys.push(...fact.value);
  }
  return there ? observed(keys, ...sources) : unseen('absent', 'no-such-file', sources);
}

/** `%%`, `%h`, `%u`, `%U`; a relative path starts in the account's home. */
function expanded(pattern: string, { name, uid, home }: Administrator): string {
  const values: Readonly<Record<string, string>> = { '%%': '%', '%h': home, '%u': name, '%U': String(uid) };
  const path = pattern.replace(/%[%huU]/g, (token) => values[token] ?? token);
  return path.startsWith('/') ? path : `${home === '/' ? '' : home}/${path}`;
}

/** The authorities whose certificates some server takes. Absent where no server names any. */
export async function readCertificateAuthorities(
  host: Host,
  servers: Fact<unknown>,
  settings: readonly (Settings | undefined)[],
  digests: Digests,
): Promise<Fact<UserCertificateAuthority[]>> {
  if (servers.status !== 'observed') return servers;
  if (settings.includes(undefined)) return unseen('failed', 'settings-not-known', servers.sources);
  const files = new Set(
    settings.flatMap((one) => one?.get('trustedusercakeys') ?? []).filter((file) => file.toLowerCase() !== 'none'),
  );
  if (files.size === 0) return observed([], ...servers.sources);
  const authorities: UserCertificateAuthority[] = [];
  const sources: string[] = [];
  for (const file of [...files].slice(0, 64)) {
    const fact = fromAnswer(await host.readFile(file, { maxBytes }), ({ text, truncated }) =>
      truncated ? unparsed('truncated') : parseAuthorizedKeys(text, digests),
    );
    // A named file that is not there is no statement that nobody is trusted.
    if (fact.status === 'absent') return { ...fact, status: 'failed', reason: 'authority-file-missing' };
    if (fact.status !== 'observed') return fact;
    sources.push(...fact.sources);
    authorities.push({ file: toText(file), keys: fact.value.slice(0, 1_000) });
  }
  return observed(authorities, ...sources);
}
