/** Reads the authorized keys of the accounts that matter, each file once. */
import type { Host } from '../../agent/host/host.ts';
import type {
  AdminKey,
  AdminKeys,
  AdminKeysFile,
  Fact,
  LocalAccount,
  SshKeySettings,
  Text,
} from '../../schemas/generated/types.ts';
import type { Digests } from '../collector.ts';
import { decodeBytes, fromBase64, toBase64, toText } from '../text.ts';
import { type KeyLine, parseAuthorizedKeys } from './authorized-keys.ts';
import { usualKeyFiles } from './ssh-key-settings.ts';
import { looks, looksFact, noteLook } from './unread.ts';

const maxAccounts = 1_000;
const maxKeys = 10_000;

type Look = { readonly file: string; readonly accounts: Text[] };

/**
 * Where sshd's settings were not seen, its usual files are read, and `unread` names the settings. Files
 * that could not be read are named there too; each holds for the accounts whose home it lies in.
 */
export async function readAdminKeys(
  host: Host,
  digests: Digests,
  holders: readonly LocalAccount[],
  settings: Fact<SshKeySettings>,
): Promise<Fact<AdminKeys>> {
  const seen = looks<AdminKeysFile>();
  if (settings.status !== 'observed' && settings.status !== 'absent')
    seen.unread.push({ subject: '/etc/ssh/sshd_config', status: missStatus(settings.status), reason: settings.reason });
  if (holders.length > maxAccounts)
    seen.unread.push({ subject: 'further accounts', status: 'failed', reason: 'too-many-accounts' });
  const patterns =
    settings.status === 'observed'
      ? [...settings.value.authorizedKeysFiles, ...settings.value.conditionalFiles].map(plainText)
      : usualKeyFiles;
  for (const { file, accounts } of placesOf(holders.slice(0, maxAccounts), patterns)) {
    // The raw text holds comments, which name people; the door keeps neither digest nor size of it.
    const content = noteLook(seen, file, await host.readFile(file, { secret: true }));
    if (content === undefined) continue;
    if (content.truncated) {
      seen.unread.push({ subject: toText(file), status: 'failed', reason: 'truncated' });
      continue;
    }
    const { keys, ignored } = parseAuthorizedKeys(content.text);
    if (keys.length > maxKeys) {
      seen.unread.push({ subject: toText(file), status: 'failed', reason: 'too-many-entries' });
      continue;
    }
    seen.found.push({
      accounts,
      file: toText(file),
      keys: keys.map((key) => keyFact(key, digests)),
      ...(ignored === 0 ? {} : { ignoredLines: ignored }),
    });
  }
  // Nobody to look for is an answer too, and it comes from the settings alone.
  if (seen.sources.length === 0) {
    seen.sources.push(...settings.sources);
    seen.answered += 1;
  }
  return looksFact(seen, ({ found, unread }) => ({ files: found, unread }));
}

function missStatus(
  status: Exclude<Fact<never>['status'], 'observed' | 'absent'>,
): AdminKeys['unread'][number]['status'] {
  return status === 'not-applicable' ? 'unsupported' : status;
}

/** `%h`, `%u`, `%U`, `%%`; a relative path starts at the home folder (sshd_config(5), TOKENS). */
function placesOf(holders: readonly LocalAccount[], patterns: readonly string[]): Look[] {
  const places = new Map<string, Look>();
  for (const { name, uid, home } of holders)
    for (const pattern of patterns) {
      const homeFolder = home === undefined ? '' : plainText(home);
      const path = pattern.replace(/%([%huU])/g, (_, token: string) =>
        token === '%' ? '%' : token === 'h' ? homeFolder : token === 'u' ? plainText(name) : String(uid),
      );
      const file = (path.startsWith('/') ? path : `${homeFolder}/${path}`).replace(/\/{2,}/g, '/');
      if (!file.startsWith('/')) continue;
      const place = places.get(file) ?? { file, accounts: [] };
      place.accounts.push(name);
      places.set(file, place);
    }
  return [...places.values()];
}

function keyFact({ line, type, bits, blob, options }: KeyLine, digests: Digests): AdminKey {
  const from = options.find(({ name }) => name === 'from')?.value;
  const expiry = options.find(({ name }) => name === 'expiry-time')?.value;
  return {
    line,
    type,
    ...(bits === undefined ? {} : { bits }),
    fingerprint: `SHA256:${toBase64(digests.sha256(blob)).replace(/=+$/, '')}`,
    options: options.map(({ name }) => name).slice(0, 64),
    ...(from === undefined ? {} : { from: toText(from) }),
    ...(expiry !== undefined && /^\d{8}(?:\d{4}(?:\d{2})?)?Z?$/.test(expiry) ? { expiryTime: expiry } : {}),
  };
}

function plainText(text: Text): string {
  return typeof text === 'string' ? text : decodeBytes(fromBase64(text.bytes) ?? new Uint8Array());
}
