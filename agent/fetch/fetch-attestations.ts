/** Attestations that an endpoint has, each proved: by its own signature, and by its place in the log. */
import { type OpenAttestation, openAttestation } from '../../evidence/attestation.ts';
import type { LogVerifier } from '../../evidence/checkpoint.ts';
import type { LogPlace } from '../../evidence/receipt.ts';
import { ok, type Result, refuse } from '../../evidence/result.ts';
import { placeInLog, type Signed } from '../../evidence/signed-file.ts';
import type { AttestationWish, ReaderClient } from './reader-client.ts';

export type LoggedAttestation = Signed & OpenAttestation & { readonly place: LogPlace };

/**
 * In the order of the log, page by page to the end. Refuses as the client, `openAttestation` and `placeInLog` do, and with
 * `not-an-endpoint` where a page goes back in the log or holds what was not asked for: one that does not prove is none
 * that may be left out in silence, so that it ends the list.
 */
export async function fetchAttestations(
  client: Pick<ReaderClient, 'attestations'>,
  wish: AttestationWish,
  log: LogVerifier,
): Promise<Result<LoggedAttestation[]>> {
  const found: LoggedAttestation[] = [];
  let after: number | undefined;
  for (;;) {
    const page = await client.attestations(wish, after);
    if (!page.ok) return page;
    for (const signed of page.value.attestations) {
      const opened = openAttestation(signed.bundle, signed.key);
      if (!opened.ok) return opened;
      const place = placeInLog(signed, log);
      if (!place.ok) return place;
      if (place.value.index <= (found.at(-1)?.place.index ?? -1))
        return refuse('not-an-endpoint', 'the endpoint lists attestations in another order than that of its log');
      if (wish.kind !== undefined && opened.value.predicate.kind !== wish.kind)
        return refuse('not-an-endpoint', 'the endpoint lists attestations of another kind than was asked for');
      found.push({ ...signed, ...opened.value, place: place.value });
    }
    const { next } = page.value;
    if (next === undefined) return ok(found);
    if (next <= (after ?? -1)) return refuse('not-an-endpoint', 'the list of attestations does not go on');
    after = next;
  }
}
