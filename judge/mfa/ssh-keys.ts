/** What a public key proves, and which keys an account can log in with (sshd(8), sshd_config(5) PubkeyAuthOptions). */
import type { Draft } from '../../collectors/collector.ts';
import type { LoginKey, Text } from '../../schemas/generated/types.ts';
import type { Success } from './requirement.ts';
import type { SshSettings } from './ssh-settings.ts';
import { equalText } from './text.ts';

type Mfa = Draft<'mfa'>;

const bothFactors = ['possession', 'knowledge'] as const;

/**
 * Successes of the method publickey. A passphrase of the private key is not seen by the server and
 * never counts; neither does a touch, which proves that somebody is there, not who. `onlyForced`: only
 * keys that are bound to a command let in (PermitRootLogin forced-commands-only).
 */
export function keySuccesses(mfa: Mfa, account: Text, settings: SshSettings, onlyForced: boolean): Success[] {
  const verified = settings.words('pubkeyauthoptions').includes('verify-required');
  return [
    ...presentKeys(mfa, account, settings, verified, onlyForced),
    ...authorities(mfa, account, settings),
    ...programs(settings),
    ...ownKeys(settings, verified),
  ];
}

function presentKeys(
  { authorizedKeys }: Mfa,
  account: Text,
  settings: SshSettings,
  verified: boolean,
  onlyForced: boolean,
): Success[] {
  if (authorizedKeys.status === 'absent') return [];
  if (authorizedKeys.status !== 'observed') return [notSeen(`the keys could not be seen: ${authorizedKeys.reason}`)];
  const own = authorizedKeys.value.find((each) => equalText(each.account, account));
  if (own === undefined) return [notSeen('the keys of this account were not looked at')];
  if (own.keys.status === 'absent') return [];
  if (own.keys.status !== 'observed') return [notSeen(`the keys could not be seen: ${own.keys.reason}`)];
  return own.keys.value
    .filter((key) => key.certificateAuthority === undefined && isAccepted(key.type, settings))
    .filter(({ options = [] }) => !onlyForced || options.includes('command'))
    .map((key) => keySuccess(key, verified));
}

function keySuccess({ type, fingerprint, line, options = [] }: LoginKey, verified: boolean): Success {
  const named = `publickey ${type} ${fingerprint}${line === undefined ? '' : ` (line ${line})`}`;
  if (!isSecurityKey(type)) return { factors: ['possession'], steps: [named] };
  if (verified || options.includes('verify-required'))
    return {
      factors: bothFactors,
      steps: [`${named}, with its PIN or finger (verify-required)`],
      phishingResistant: true,
    };
  return { factors: ['possession'], steps: [`${named}, no PIN asked (no verify-required)`], phishingResistant: true };
}

export function isSecurityKey(type: string): boolean {
  return type.startsWith('sk-') || type.startsWith('webauthn-sk-');
}

function isAccepted(type: string, settings: SshSettings): boolean {
  const algorithms = settings.words('pubkeyacceptedalgorithms');
  if (algorithms.length === 0) return true;
  const names =
    type === 'ssh-rsa'
      ? ['ssh-rsa', 'rsa-sha2-256', 'rsa-sha2-512']
      : type.startsWith('sk-ecdsa')
        ? [type, `webauthn-${type}`]
        : [type];
  return names.some((name) => algorithms.includes(name));
}

/** The second factor, if any, is asked for where the certificate is made. */
function authorities(mfa: Mfa, account: Text, settings: SshSettings): Success[] {
  const certificates = settings.words('pubkeyacceptedalgorithms');
  if (certificates.length > 0 && !certificates.some((name) => name.includes('-cert-'))) return [];
  const [file = 'none'] = settings.words('trustedusercakeys');
  const own =
    mfa.authorizedKeys.status === 'observed'
      ? mfa.authorizedKeys.value.find((each) => equalText(each.account, account))
      : undefined;
  const ownAuthority =
    own?.keys.status === 'observed' && own.keys.value.some(({ certificateAuthority }) => certificateAuthority === true);
  const why = 'what the certificate authority asks for before it signs is not seen here';
  const successes: Success[] = [];
  if (file !== 'none')
    successes.push({ factors: ['possession'], steps: [`publickey by a certificate of ${file}`], unknown: why });
  if (ownAuthority)
    successes.push({
      factors: ['possession'],
      steps: ['publickey by a certificate of an authority in its own key file'],
      unknown: why,
    });
  return successes;
}

function programs(settings: SshSettings): Success[] {
  const [program = 'none'] = settings.words('authorizedkeyscommand');
  return program === 'none' ? [] : [notSeen(`the keys come from the program ${program}`)];
}

/** Where the account may write its own key file, a key of any accepted kind is one command away. */
function ownKeys(settings: SshSettings, verified: boolean): Success[] {
  const file = settings
    .words('authorizedkeysfile')
    .find((path) => path.toLowerCase() !== 'none' && (!path.startsWith('/') || path.startsWith('%h')));
  if (file === undefined) return [];
  const algorithms = settings.words('pubkeyacceptedalgorithms');
  const onlySecurityKeys = algorithms.length > 0 && algorithms.every((name) => isSecurityKey(name));
  if (onlySecurityKeys && verified) return [];
  const kind = onlySecurityKeys ? 'a security key without its PIN' : 'a plain key';
  return [
    {
      factors: ['possession'],
      steps: [`publickey by ${kind} that the account adds to ${file} itself`],
      bypass: `the account can add ${kind} to ${file} itself`,
      latent: true,
    },
  ];
}

function notSeen(why: string): Success {
  return { factors: ['possession'], steps: ['publickey'], unknown: why };
}
