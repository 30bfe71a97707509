/** Lists of key algorithms in sshd_config(5), put together as OpenSSH does (kex.c `kex_assemble_names`). */
import { matchesPattern } from './sshd-patterns.ts';

const cert = '-cert-v01@openssh.com';
const ecdsa = ['ecdsa-sha2-nistp256', 'ecdsa-sha2-nistp384', 'ecdsa-sha2-nistp521'];
const skEd25519 = 'sk-ssh-ed25519@openssh.com';
const skEcdsa = 'sk-ecdsa-sha2-nistp256@openssh.com';
const skCerts = [`sk-ssh-ed25519${cert}`, `sk-ecdsa-sha2-nistp256${cert}`];
const rsa = ['rsa-sha2-512', 'rsa-sha2-256'];

/** PubkeyAcceptedAlgorithms where nothing is said, since OpenSSH 8.8 (myproposal.h KEX_DEFAULT_PK_ALG). */
export const defaultAlgorithms: readonly string[] = [
  `ssh-ed25519${cert}`,
  ...ecdsa.map((name) => name + cert),
  ...skCerts,
  ...rsa.map((name) => name + cert),
  'ssh-ed25519',
  ...ecdsa,
  skEd25519,
  skEcdsa,
  ...rsa,
];

/** All that OpenSSH knows, in its order (`ssh -Q key-sig`, 9.2). */
const all: readonly string[] = [
  'ssh-ed25519',
  `ssh-ed25519${cert}`,
  skEd25519,
  `sk-ssh-ed25519${cert}`,
  ...ecdsa.flatMap((name) => [name, name + cert]),
  skEcdsa,
  `sk-ecdsa-sha2-nistp256${cert}`,
  'webauthn-sk-ecdsa-sha2-nistp256@openssh.com',
  ...['ssh-dss', 'ssh-rsa', 'rsa-sha2-256', 'rsa-sha2-512'].flatMap((name) => [name, name + cert]),
];

/** `+` adds to the default, `-` takes away, `^` puts first; patterns stand for what OpenSSH knows. Undefined where it refuses. */
export function assembleAlgorithms(written: string): readonly string[] | undefined {
  if (written === '') return undefined;
  const mark = written.charAt(0);
  const names = (/^[-+^]/.test(mark) ? written.slice(1) : written).split(',');
  if (mark === '-') return defaultAlgorithms.filter((name) => !names.some((pattern) => matchesPattern(name, pattern)));
  const listed =
    mark === '+' ? [...defaultAlgorithms, ...names] : mark === '^' ? [...names, ...defaultAlgorithms] : names;
  if (listed.some((name) => name.startsWith('!'))) return undefined;
  const found = new Set(listed.flatMap((pattern) => all.filter((name) => matchesPattern(name, pattern))));
  return found.size === 0 ? undefined : [...found];
}
