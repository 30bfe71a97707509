/**
 * A connection to an endpoint that is known by its keys. The check comes after the handshake and before a
 * single byte of a request: whoever has no pinned key is told nothing.
 */
import { createHash, type X509Certificate } from 'node:crypto';
import type { Socket } from 'node:net';
import type { buildConnector } from 'undici';
import { tls } from './tls.ts';

/** What undici tells as the reason of a connection that did not come about. */
export class PinMismatch extends Error {
  readonly code: 'AFFIANT_PIN_MISMATCH' | 'AFFIANT_PIN_EXPIRED';
  constructor(code: PinMismatch['code']) {
    super(code);
    this.name = 'PinMismatch';
    this.code = code;
  }
}

/** A chain longer than this is nobody's. */
const maxChain = 8;

function spkiOf({ publicKey }: X509Certificate): string {
  return createHash('sha256')
    .update(publicKey.export({ type: 'spki', format: 'der' }))
    .digest('hex');
}

/**
 * Why a certificate is not one of those that are pinned; undefined where it is. The pinned key of the
 * certificate itself is enough: whoever holds it is the endpoint, whatever name and dates say, so that a
 * wrong clock or a self-made certificate is no obstacle. A pinned key further up is an authority's, whose
 * certificates must be for this host, valid today, and lead to it one by one.
 */
export function pinFault(
  leaf: X509Certificate | undefined,
  { host, pins, now }: { readonly host: string; readonly pins: readonly string[]; readonly now: Date },
): PinMismatch['code'] | undefined {
  if (leaf === undefined) return 'AFFIANT_PIN_MISMATCH';
  if (pins.includes(spkiOf(leaf))) return undefined;
  if (leaf.checkHost(host) === undefined && leaf.checkIP(host) === undefined) return 'AFFIANT_PIN_MISMATCH';
  let below = leaf;
  let isDated = isValidAt(leaf, now);
  for (let steps = 0; steps < maxChain; steps += 1) {
    const issuer = below.issuerCertificate;
    if (issuer === undefined || !issuer.ca || !below.checkIssued(issuer) || !below.verify(issuer.publicKey))
      return 'AFFIANT_PIN_MISMATCH';
    isDated &&= isValidAt(issuer, now);
    if (pins.includes(spkiOf(issuer))) return isDated ? undefined : 'AFFIANT_PIN_EXPIRED';
    if (issuer.fingerprint256 === below.fingerprint256) return 'AFFIANT_PIN_MISMATCH';
    below = issuer;
  }
  return 'AFFIANT_PIN_MISMATCH';
}

function isValidAt({ validFromDate, validToDate }: X509Certificate, now: Date): boolean {
  return validFromDate <= now && now <= validToDate;
}

type Connector = ReturnType<typeof buildConnector>;

/** undici's connector with the pins behind it. `connect` must not verify by authorities, and must resume no session: those bring no certificate. */
export function pinnedConnector(connect: Connector, pins: readonly string[], now: () => Date): Connector {
  return (options, callback) => {
    connect(options, (error, socket) => {
      if (error !== null) return callback(error, null);
      const fault = faultOf(socket, options.hostname, pins, now());
      if (fault === undefined) return callback(null, socket);
      socket.destroy();
      return callback(new PinMismatch(fault), null);
    });
  };
}

function faultOf(socket: Socket, host: string, pins: readonly string[], now: Date): PinMismatch['code'] | undefined {
  if (!(socket instanceof tls().TLSSocket)) return 'AFFIANT_PIN_MISMATCH';
  return pinFault(socket.getPeerX509Certificate(), { host, pins, now });
}
