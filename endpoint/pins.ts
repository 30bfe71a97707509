/** What a token pins of the endpoint's certificate. */
import { createHash, createPublicKey, type KeyObject, X509Certificate } from 'node:crypto';
import { ok, type Result, refuse } from '../evidence/result.ts';

export type Pins = {
  /** SHA-256 of SubjectPublicKeyInfo, the certificate's own first. */
  readonly pins: readonly string[];
  /** Whether the endpoint can change its key without every agent losing it: an authority or a second key is pinned. */
  readonly outlastsRenewal: boolean;
};

const blocks = /-----BEGIN (CERTIFICATE|PUBLIC KEY)-----[\s\S]+?-----END \1-----/g;

function spki(key: KeyObject): string {
  return createHash('sha256')
    .update(key.export({ type: 'spki', format: 'der' }))
    .digest('hex');
}

/**
 * The certificate's key, and the key of whoever issued it where the chain holds that; `more` are the PEM texts of
 * certificates or public keys that the endpoint will have one day. Refuses with `pin-unreadable`.
 */
export function pinsOf(chain: string, more: readonly string[] = []): Result<Pins> {
  try {
    const [leaf, issuer] = [...chain.matchAll(blocks)].map(([pem]) => new X509Certificate(pem));
    if (leaf === undefined) return unreadable();
    // An authority that is not sent cannot be recognised: only one of the chain is pinned.
    const authority = issuer?.ca === true && leaf.checkIssued(issuer) ? [spki(issuer.publicKey)] : [];
    const future: string[] = [];
    for (const pem of more) {
      const [first] = [...pem.matchAll(blocks)];
      if (first === undefined) return unreadable();
      future.push(
        spki(first[1] === 'CERTIFICATE' ? new X509Certificate(first[0]).publicKey : createPublicKey(first[0])),
      );
    }
    const pins = [...new Set([spki(leaf.publicKey), ...authority, ...future])];
    return ok({ pins, outlastsRenewal: pins.length > 1 });
  } catch {
    return unreadable();
  }
}

function unreadable(): Result<never> {
  return refuse('pin-unreadable', 'the text is no certificate or public key in PEM', {
    remedy: 'give the certificate chain (serve.certFile), and with --pin a certificate or public key of later',
  });
}
