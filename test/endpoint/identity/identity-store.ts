/** A registrar over a test store, and servers that enrol without a server between. */

import assert from 'node:assert/strict';
import { enrolWithToken } from '../../../endpoint/identity/enrol.ts';
import { listKeys } from '../../../endpoint/identity/known-keys.ts';
import { recordsFrom } from '../../../endpoint/identity/read-records.ts';
import { openRegistrar, type Recorded, type Registrar } from '../../../endpoint/identity/registrar.ts';
import { createToken, type TokenOrder } from '../../../endpoint/identity/tokens.ts';
import type { Store } from '../../../endpoint/store/store.ts';
import { type Ledger, openLedger } from '../../../evidence/ledger.ts';
import { provePossession } from '../../../evidence/possession.ts';
import { logKeyDigest } from '../../../evidence/record.ts';
import type { Result } from '../../../evidence/result.ts';
import { type Signer, throwAwaySigner } from '../../../evidence/signing-key.ts';
import { standings } from '../../../evidence/standing.ts';
import type { EnrolmentRequest, TokenFile } from '../../../schemas/generated/types.ts';
import { valueOf } from '../../evidence/sample.ts';
import { recordedKey, target } from '../../evidence/sample-records.ts';
import type { TestStore } from '../store/test-store.ts';

export const now = new Date('2026-11-23T10:00:00Z');
export const later = (hours: number): string => new Date(now.getTime() + hours * 3_600_000).toISOString();

export async function registrarOver(
  test: TestStore,
  signer: Signer = throwAwaySigner(),
  store: Store = test.store,
): Promise<Registrar> {
  return valueOf(await openRegistrar(store, { signer, logSigner: test.log.signer, now: () => now }));
}

export async function tokenFor(test: TestStore, more: Partial<TokenOrder> = {}): Promise<TokenFile> {
  const order: TokenOrder = {
    role: 'agent',
    targets: [],
    endpoint: 'https://evidence.example.org',
    pins: [],
    logKey: test.log.signer.verifierKey,
    expiresAt: later(24),
    ...more,
  };
  return valueOf(await createToken(test.store, order, now));
}

/** What a server sends to enrol. */
export function requestOf(
  token: TokenFile,
  signer: Signer,
  {
    target: own = target,
    at = now.toISOString(),
    endpoint = token.endpoint,
  }: { target?: string; at?: string; endpoint?: string } = {},
): EnrolmentRequest {
  const { id, secret, logKey } = token;
  return {
    format: 'affiant-enrolment/1',
    token: { id, secret },
    key: recordedKey(signer),
    possession: provePossession(signer, { token: id, logKey }, { at, endpoint, target: own }),
  };
}

export function enrolAt(
  test: TestStore,
  registrar: Registrar,
  request: EnrolmentRequest,
  at = now.toISOString(),
): Promise<Result<Recorded<{ index: number; standing: string }>>> {
  return enrolWithToken(registrar, request, { logKey: logKeyDigest(test.log.signer.verifierKey), at });
}

/** A server with a key that is active, or waits. */
export async function enrolled(test: TestStore, registrar: Registrar, own = target): Promise<Signer> {
  const signer = throwAwaySigner();
  const token = await tokenFor(test);
  valueOf(await enrolAt(test, registrar, requestOf(token, signer, { target: own })));
  return signer;
}

export async function ledgerOf(test: TestStore): Promise<Ledger> {
  const { records } = valueOf(await recordsFrom(test.store, 0, 1000));
  return valueOf(openLedger(records, test.log.verifier));
}

/** The sum that the store keeps says what the records say, for every key. */
export async function assertTrue(test: TestStore): Promise<void> {
  const keys = valueOf(await test.store.read((sql) => listKeys(sql)));
  const recorded = standings((await ledgerOf(test)).entries);
  assert.deepEqual(
    keys.map(({ keyId, standing, since, role, targets }) => [keyId, standing, since, role, targets]),
    [...recorded]
      .toSorted(([one], [two]) => (one < two ? -1 : 1))
      .map(([keyId, known]) => {
        assert.ok(known.standing !== 'unknown');
        return [keyId, known.standing, known.since.index, known.role, known.targets];
      }),
  );
}
