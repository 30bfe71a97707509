/** What becomes of known keys: rotation by the old key; approval and revocation by the operator. */
import { ok, type Result, refuse } from '../../evidence/result.ts';
import { openRotation } from '../../evidence/rotation.ts';
import type { SigstoreBundle } from '../../schemas/generated/types.ts';
import { verificationKeyOfSpki } from './key-ring.ts';
import { findKey, letSpeak, noteRecord, putKey, silence, speakerOf } from './known-keys.ts';
import type { Recorded, Registrar } from './registrar.ts';

type Done = { readonly index: number };

/** For so long what the old key signed before is still taken: bundles that waited in a spool. */
const overlapMs = 30 * 24 * 60 * 60 * 1000;

/**
 * Hands a key's standing over to the next. Refuses with `key-unknown`, `key-not-active` (with why),
 * `key-enrolled` (the new key is known already), `log-mismatch`, and as `openRotation` does. The same hand-over
 * again is answered the same; another one from the same key is refused.
 */
export function rotate(
  registrar: Registrar,
  bundle: SigstoreBundle,
  { origin, at }: { readonly origin: string; readonly at: string },
): Promise<Result<Recorded<Done>>> {
  const overlapUntil = new Date(Date.parse(at) + overlapMs).toISOString();
  return registrar.record(async (sql) => {
    const old = await findKey(sql, bundle.verificationMaterial.publicKey.hint);
    if (old === undefined) return refuse('key-unknown', 'This endpoint does not know the key.');
    const key = verificationKeyOfSpki(old.spki);
    if (!key.ok) return key;
    const rotation = openRotation(bundle, key.value);
    if (!rotation.ok) return rotation;
    const { predicate } = rotation.value.statement;
    if (predicate.log !== origin)
      return refuse('log-mismatch', 'The hand-over is for the log of another endpoint.', { pointer: '/predicate/log' });
    const next = await findKey(sql, predicate.key.id);
    if (next !== undefined && old.standing === 'superseded' && old.successor === next.keyId)
      return ok({ kind: 'answer', value: { index: next.enrolled } });
    if (old.standing !== 'active') return notActive(old.standing);
    if (next !== undefined)
      return refuse('key-enrolled', 'The new key is known already.', { pointer: '/predicate/key/id' });
    return ok({
      kind: 'record',
      draft: { kind: 'rotation', key: predicate.key, previousKey: old.keyId, request: bundle, overlapUntil },
      async changes(inside, index) {
        const { role, targets, person, label, root } = old;
        const row = {
          keyId: predicate.key.id,
          spki: Buffer.from(predicate.key.publicKey, 'base64'),
          protection: predicate.key.protection,
          role,
          targets,
          standing: 'active',
          since: index,
          sinceAt: at,
          root,
          enrolled: index,
          ...(person && { person }),
          ...(label !== undefined && { label }),
        } as const;
        await putKey(inside, row, index);
        await putKey(
          inside,
          { ...old, standing: 'superseded', since: index, sinceAt: at, successor: row.keyId, overlapUntil },
          index,
        );
        await letSpeak(inside, row);
        return { index };
      },
    });
  });
}

function notActive(standing: string): Result<never> {
  const codes: Readonly<Record<string, string>> = { pending: 'key-pending', superseded: 'key-superseded' };
  return refuse(codes[standing] ?? 'key-revoked', `The key is ${standing} and hands nothing over.`);
}

export type Act = { readonly keyId: string; readonly operator: string; readonly at: string };

/** A pending key becomes active, and the one that it waited for ends. Refuses with `key-unknown`, `key-not-pending`. */
export function approve(
  registrar: Registrar,
  { keyId, operator, at, reason }: Act & { readonly reason?: string },
): Promise<Result<Recorded<Done>>> {
  return registrar.record(async (sql) => {
    const key = await findKey(sql, keyId);
    if (key === undefined) return unknownKey(keyId);
    if (key.standing !== 'pending')
      return refuse('key-not-pending', `the key ${keyId} does not wait: it is ${key.standing}`, {
        remedy: 'affiant key list',
      });
    // Whoever speaks for the server now: another may have been approved since this one began to wait.
    const [target = ''] = key.targets;
    const speaker = await speakerOf(sql, target);
    const old = speaker === undefined ? undefined : await findKey(sql, speaker);
    return ok({
      kind: 'record',
      draft: {
        kind: 'approval',
        key: keyId,
        operator,
        ...(old && { successorOf: old.keyId }),
        ...(reason !== undefined && { reason }),
      },
      async changes(inside, index) {
        const { waitsFor: _, ...rest } = key;
        const active = { ...rest, standing: 'active', since: index, sinceAt: at } as const;
        await putKey(inside, active, index);
        if (old !== undefined) {
          await putKey(inside, { ...old, standing: 'superseded', since: index, sinceAt: at, successor: keyId }, index);
          await silence(inside, old.keyId);
        }
        await letSpeak(inside, active);
        return { index };
      },
    });
  });
}

export type Revocation = Act & { readonly reason: string; readonly compromisedSince?: string };

/** From here on the key is not taken. Refuses with `key-unknown`, `key-revoked`. */
export function revoke(
  registrar: Registrar,
  { keyId, operator, at, reason, compromisedSince }: Revocation,
): Promise<Result<Recorded<Done>>> {
  return registrar.record(async (sql) => {
    const key = await findKey(sql, keyId);
    if (key === undefined) return unknownKey(keyId);
    if (key.standing === 'revoked') return refuse('key-revoked', `the key ${keyId} is revoked already`);
    return ok({
      kind: 'record',
      draft: {
        kind: 'revocation',
        key: keyId,
        operator,
        reason,
        ...(compromisedSince !== undefined && { compromisedSince }),
      },
      async changes(inside, index) {
        await putKey(inside, { ...key, standing: 'revoked', since: index, sinceAt: at, reason }, index);
        await silence(inside, keyId);
        await noteRecord(inside, keyId, index);
        return { index };
      },
    });
  });
}

function unknownKey(keyId: string): Result<never> {
  return refuse('key-unknown', `no record speaks of the key ${keyId}`, {
    remedy: 'affiant key list; a key that is trusted by file ends with its line in the configuration',
  });
}
