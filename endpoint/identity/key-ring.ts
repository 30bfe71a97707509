/** Which keys are taken: those that the operator trusts by file, and those that records speak of. */
import { ok, type Result } from '../../evidence/result.ts';
import { type VerificationKey, verificationKeyFromDer } from '../../evidence/signing-key.ts';
import { keyRefusal } from '../store/identity-tables.ts';
import type { Store } from '../store/store.ts';
import type { TrustedKey, TrustedKeys } from '../trust.ts';
import { findKey, type KnownKey, lineOf } from './known-keys.ts';

export type Found =
  | { readonly kind: 'known'; readonly key: TrustedKey }
  | { readonly kind: 'unknown' }
  /** Known, and not taken now: 403. */
  | { readonly kind: 'refused'; readonly code: string; readonly message: string; readonly remedy?: string };

export type KeyRing = {
  /** Another standing was recorded here: asks the store again. */
  forget(keyId: string): void;
  /** Refuses as the store does. */
  find(keyId: string): Promise<Result<Found>>;
};

/** How long a key that is taken is remembered. The gate of the store asks again under the lock, so that no revoked key gets by. */
const rememberMs = 10_000;
const maxRemembered = 100_000;

/** `trusted` by file come first: they need no record, and a record of them changes nothing but their standing. */
export function makeKeyRing(store: Store, trusted: TrustedKeys, now: () => Date): KeyRing {
  const remembered = new Map<string, { readonly key: TrustedKey; readonly until: number }>();

  async function look(keyId: string): Promise<Found> {
    const row = await store.read(async (sql) => {
      const key = await findKey(sql, keyId);
      const line = key === undefined || key.root === key.keyId ? [] : await lineOf(sql, key.root);
      return key && { key, line };
    });
    if (!row.ok) throw new StoreFault(row.refusal);
    if (row.value === undefined) {
      const byFile = trusted.get(keyId);
      return byFile === undefined ? { kind: 'unknown' } : { kind: 'known', key: byFile };
    }
    const { key, line } = row.value;
    const refusal = keyRefusal(key.standing, key.overlapUntil, now().toISOString());
    if (refusal !== undefined) return { kind: 'refused', ...refusal };
    const verification = verificationKeyOfSpki(key.spki);
    if (!verification.ok) throw new Error('a key of the store cannot be read');
    return {
      kind: 'known',
      key: { ...verification.value, role: roleOf(key), line: line.length === 0 ? [keyId] : line },
    };
  }

  return {
    forget(keyId) {
      remembered.delete(keyId);
    },
    async find(keyId) {
      if (!/^[0-9a-f]{64}$/.test(keyId)) return ok({ kind: 'unknown' });
      const held = remembered.get(keyId);
      const at = now().getTime();
      if (held !== undefined && at < held.until && at > held.until - 2 * rememberMs)
        return ok({ kind: 'known', key: held.key });
      remembered.delete(keyId);
      try {
        const found = await look(keyId);
        if (found.kind === 'known') {
          if (remembered.size >= maxRemembered) remembered.clear();
          remembered.set(keyId, { key: found.key, until: at + rememberMs });
        }
        return ok(found);
      } catch (error) {
        if (error instanceof StoreFault) return { ok: false, refusal: error.refusal };
        throw error;
      }
    },
  };
}

class StoreFault extends Error {
  readonly refusal;
  constructor(refusal: Extract<Result<never>, { ok: false }>['refusal']) {
    super(refusal.message);
    this.refusal = refusal;
  }
}

function roleOf({ role }: KnownKey): TrustedKey['role'] {
  return role;
}

/** A key from its SubjectPublicKeyInfo in DER. */
export function verificationKeyOfSpki(spki: Uint8Array): Result<VerificationKey> {
  return verificationKeyFromDer(Buffer.from(spki).toString('base64'));
}
