/** Whether accounts are enrolled for the factors that PAM asks for. Enrolment files hold secrets: only their presence is kept. */
import type { Answer, Host } from '../../agent/host/host.ts';
import type { Enrolment, Fact, LocalAccount, PamLine, PamStack } from '../../schemas/generated/types.ts';
import { parsePasswd } from '../admins/passwd.ts';
import { missed, observed, type Parsed, parsed, unparsed, unseen } from '../fact.ts';
import { wholeFile } from '../updates/whole-text.ts';
import { linesOfModule, optionOf } from './pam-settings.ts';
import { notAsked } from './pam-unread.ts';

const maxAccounts = 1_000;
/** Shells with which nobody logs in. */
const noShell = /\/(?:nologin|false|sync|halt|shutdown)$/;

type Account = { readonly name: string; readonly home: string; readonly uid: number };
/** A file of the account's own, or one with a line for each account. */
type Place = { readonly method: Enrolment['method']; readonly kind: 'own' | 'lines'; readonly path: string };

export async function readEnrolments(host: Host, stacks: Fact<PamStack[]>): Promise<Fact<Enrolment[]>> {
  if (stacks.status !== 'observed') return unseen(stacks.status, stacks.reason, stacks.sources);
  const places = placesOf(stacks.value);
  if (places.length === 0) return notAsked(stacks.value, 'no-such-module');
  const passwd = await host.readFile('/etc/passwd');
  if (passwd.status !== 'observed') return missed(passwd);
  if (passwd.value.truncated) return unseen('failed', 'file-truncated', [passwd.source]);
  const accounts = parsePasswd(passwd.value.text, '/etc/passwd');
  if (!accounts.ok) return unseen('failed', accounts.reason, [passwd.source]);
  const people = accounts.value.accounts.flatMap(account).slice(0, maxAccounts);
  const found: Enrolment[] = [];
  for (const place of places) {
    const shared = place.kind === 'lines' ? await host.readFile(place.path, { secret: true }) : undefined;
    for (const person of people) found.push(await enrolment(host, place, person, shared));
  }
  return observed(found, passwd.source);
}

function account({ name, home, uid, shell }: LocalAccount): Account[] {
  if (typeof name !== 'string' || typeof home !== 'string' || !home.startsWith('/')) return [];
  return typeof shell === 'string' && noShell.test(shell) ? [] : [{ name, home: home.replace(/\/+$/, ''), uid }];
}

function placesOf(stacks: readonly PamStack[]): Place[] {
  const places: Place[] = [];
  const add = (method: Place['method'], kind: Place['kind'], path: string | undefined): void => {
    if (path !== undefined && !places.some((place) => place.method === method && place.path === path))
      places.push({ method, kind, path });
  };
  const each = (name: string, take: (line: PamLine) => void): void => linesOfModule(stacks, name).forEach(take);
  each('google_authenticator', (line) =>
    add('google-authenticator', 'own', (optionOf(line, 'secret') ?? '~/.google_authenticator').replace(/^~\//, '%h/')),
  );
  each('oath', (line) => {
    const path = optionOf(line, 'usersfile') ?? '/etc/users.oath';
    add('oath', path.includes('${') ? 'own' : 'lines', path);
  });
  each('u2f', (line) => {
    const file = optionOf(line, 'authfile');
    // pam_u2f(8): a relative name lies in the account's own configuration folder.
    if (file?.startsWith('/') === true) add('u2f', file.includes('%u') ? 'own' : 'lines', file);
    else add('u2f', 'own', `%h/.config/${file === undefined ? 'Yubico/u2f_keys' : `Yubico/${file}`}`);
  });
  each('yubico', (line) => {
    const file = optionOf(line, 'authfile');
    if (optionOf(line, 'mode') === 'challenge-response') return;
    add('yubico-otp', file === undefined ? 'own' : 'lines', file ?? '%h/.yubico/authorized_yubikeys');
  });
  if (linesOfModule(stacks, 'fprintd').length > 0) add('fingerprint', 'own', '/var/lib/fprint/%u');
  return places;
}

async function enrolment(
  host: Host,
  { method, kind, path: pattern }: Place,
  { name, home, uid }: Account,
  shared: Answer<{ readonly text: string; readonly truncated: boolean }> | undefined,
): Promise<Enrolment> {
  const path = pattern.replaceAll(/\$\{USER\}|%u/g, name).replaceAll(/\$\{HOME\}|%h/g, home);
  const about = { account: name, method, location: path };
  if (kind === 'lines' && shared !== undefined) {
    const enrolled =
      shared.status === 'absent' ? missing(shared) : wholeFile(shared, (text) => listed(method, text, name));
    return { ...about, enrolled, changeableByAccount: await changeable(host, path, uid) };
  }
  // A placeholder that is not known here leads nowhere.
  if (!path.startsWith('/') || /\$\{|%[a-zA-Z]/.test(path)) {
    const unknown = unseen('unsupported', 'unknown-placeholder', [`stat:${pattern}`]);
    return { ...about, enrolled: unknown, changeableByAccount: unknown };
  }
  const answer = await host.stat(path);
  const enrolled = answer.status === 'observed' ? observed(true, answer.source) : missing(answer);
  return { ...about, enrolled, changeableByAccount: await changeable(host, path, uid) };
}

/** A file that is not there enrols nobody. */
function missing(answer: Answer<unknown>): Fact<boolean> {
  if (answer.status === 'absent') return observed(false, answer.source);
  return answer.status === 'observed' ? observed(true, answer.source) : missed(answer);
}

/** users.oath: type, account, secret …; pam_u2f and yubikey_mappings: account, colon, keys. One odd line spoils the file. */
function listed(method: Enrolment['method'], text: string, name: string): Parsed<boolean> {
  const names = text
    .split('\n')
    .filter((line) => line.trim() !== '' && !line.trimStart().startsWith('#'))
    .map((line) => (method === 'oath' ? /^\s*\S+\s+(\S+)\s+\S+\s+\S/.exec(line)?.[1] : /^([^:\s]+):/.exec(line)?.[1]));
  return names.includes(undefined) ? unparsed('malformed-line') : parsed(names.includes(name));
}

/** Whoever owns the file or its folder can take it away; so can others where the folder is open to them. */
async function changeable(host: Host, path: string, uid: number): Promise<Fact<boolean>> {
  const folder = await host.stat(path.slice(0, Math.max(1, path.lastIndexOf('/'))));
  const file = await host.stat(path);
  for (const answer of [folder, file])
    if (answer.status !== 'observed' && answer.status !== 'absent') return missed(answer);
  const own = (answer: typeof file, writable: boolean): boolean =>
    answer.status === 'observed' && (answer.value.uid === uid || (writable && (answer.value.mode & 0o002) !== 0));
  const sticky = folder.status === 'observed' && (folder.value.mode & 0o1000) !== 0;
  return observed(own(folder, !sticky) || own(file, true), folder.source, file.source);
}
