/** Decides over the key that a server shows, before a user name, let alone a secret, is sent to it. */
import { ok, type Refusal, type Result, refuse } from '../../../evidence/result.ts';
import { fingerprintOf, type KnownHosts, type KnownKey, typeOf } from './known-hosts.ts';

export type HostKeySeen = {
  readonly fingerprint: string;
  readonly type: string;
  readonly blob: Buffer;
  /** `accepted`: it stood nowhere, and was taken because that was asked for. */
  readonly trust: 'known' | 'accepted';
};

export type HostKeyRule = {
  /** Signature algorithms to offer, by what is known: a server with several keys must show the one that we know. */
  readonly algorithms: readonly string[];
  readonly judge: (blob: Buffer) => Result<HostKeySeen>;
};

/** Signature algorithms of a type of key (RFC 8332); never SHA-1, never DSA. */
const algorithmsOf: Readonly<Record<string, readonly string[]>> = {
  'ssh-ed25519': ['ssh-ed25519'],
  'ecdsa-sha2-nistp256': ['ecdsa-sha2-nistp256'],
  'ecdsa-sha2-nistp384': ['ecdsa-sha2-nistp384'],
  'ecdsa-sha2-nistp521': ['ecdsa-sha2-nistp521'],
  'ssh-rsa': ['rsa-sha2-512', 'rsa-sha2-256'],
};
const everyAlgorithm = Object.values(algorithmsOf).flat();

/**
 * Refuses with `host-key-unknown`, `host-key-certificate-only`, `host-key-type-unsupported`. The rule itself refuses
 * with `host-key-changed` and `host-key-revoked`; it takes the first key that it let pass, and no other after it, so
 * that a server which changes its key between two connections or while it is talked to is refused.
 */
export function hostKeyRule(
  server: { readonly host: string; readonly port: number },
  known: KnownHosts,
  acceptNew: boolean,
): Result<HostKeyRule> {
  const keys = known.keysOf(server.host, server.port);
  const usable = keys.filter(({ mark }) => mark === 'none');
  const name = server.port === 22 ? server.host : `[${server.host}]:${server.port}`;
  const scan = `ssh-keyscan -p ${server.port} ${server.host}, then compare the fingerprint with the server's console`;
  if (usable.length === 0 && keys.some(({ mark }) => mark === 'cert-authority'))
    return refuse(
      'host-key-certificate-only',
      `${name} is known by a certificate authority alone (line ${keys[0]?.line})`,
      {
        remedy: `certificates of hosts are not verified here: add the server's own key to known_hosts (${scan})`,
      },
    );
  if (usable.length === 0 && !acceptNew)
    return refuse('host-key-unknown', `no key of ${name} is in known_hosts`, {
      remedy: `add it (${scan}), or ask for --accept-new, which the summary records`,
    });
  const algorithms =
    usable.length === 0 ? everyAlgorithm : [...new Set(usable.flatMap(({ type }) => algorithmsOf[type] ?? []))];
  if (algorithms.length === 0)
    return refuse('host-key-type-unsupported', `${name} is known by a key of type ${usable[0]?.type} alone`, {
      remedy: 'add its Ed25519, ECDSA or RSA key to known_hosts',
    });
  let pinned: Buffer | undefined;
  const judge = (blob: Buffer): Result<HostKeySeen> => {
    const refusal = faultOf(blob, { keys, usable, pinned, name });
    if (refusal !== undefined) return { ok: false, refusal };
    pinned = Buffer.from(blob);
    const trust = usable.length === 0 ? 'accepted' : 'known';
    return ok({ fingerprint: fingerprintOf(blob), type: typeOf(blob), blob: pinned, trust });
  };
  return ok({ algorithms, judge });
}

function faultOf(
  blob: Buffer,
  {
    keys,
    usable,
    pinned,
    name,
  }: {
    readonly keys: readonly KnownKey[];
    readonly usable: readonly KnownKey[];
    readonly pinned: Buffer | undefined;
    readonly name: string;
  },
): Refusal | undefined {
  const shown = fingerprintOf(blob);
  if (keys.some((key) => key.mark === 'revoked' && key.blob.equals(blob)))
    return { code: 'host-key-revoked', message: `${name} shows a key that known_hosts revokes (${shown})` };
  if (pinned !== undefined && !pinned.equals(blob))
    return {
      code: 'host-key-changed',
      message: `${name} showed ${fingerprintOf(pinned)} and now shows ${shown}`,
      remedy: 'somebody may stand in between: compare the key on the server itself (ssh-keygen -l)',
    };
  if (usable.length > 0 && !usable.some((key) => key.blob.equals(blob)))
    return {
      code: 'host-key-changed',
      message: `${name} shows another key than known_hosts has (${shown})`,
      remedy: 'somebody may stand in between: compare the key on the server itself, then correct known_hosts',
    };
  return undefined;
}
