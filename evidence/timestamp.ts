/**
 * RFC 3161 time stamps over checkpoints: an authority that nobody here controls says that a checkpoint existed
 * at a moment. The token is parsed with @sigstore/core's ASN.1 reader; what must hold is checked here, because that
 * package knows signatures of ECDSA only, and neither the purpose of the certificate nor nonce nor policy.
 */
import { createHash, verify, X509Certificate } from 'node:crypto';
import { ASN1Obj, X509Certificate as ParsedCertificate } from '@sigstore/core';
import { ok, type Result, refuse } from './result.ts';

/** What a time stamp proves. */
export type Stamped = {
  /** The authority's time, RFC 3339 in UTC. */
  readonly at: string;
  /** The policy under which it stamps, an object identifier. */
  readonly policy: string;
  /** The subject of the authority's certificate. */
  readonly authority: string;
};

export type StampTrust = {
  /** Certificates of authorities (PEM) that are trusted, and their intermediates. */
  readonly authorities: readonly X509Certificate[];
  /** Of the query that was just sent: the answer must repeat it. Left out for a token from the past. */
  readonly nonce?: Uint8Array;
  /** The only policy that is accepted. */
  readonly policy?: string;
};

const oids = {
  signedData: '1.2.840.113549.1.7.2',
  tstInfo: '1.2.840.113549.1.9.16.1.4',
  messageDigest: '1.2.840.113549.1.9.4',
  contentType: '1.2.840.113549.1.9.3',
  signingCertificate: '1.2.840.113549.1.9.16.2.12',
  signingCertificateV2: '1.2.840.113549.1.9.16.2.47',
  timeStamping: '1.3.6.1.5.5.7.3.8',
  extendedKeyUsage: '2.5.29.37',
} as const;

const digests: Readonly<Record<string, string>> = {
  '2.16.840.1.101.3.4.2.1': 'sha256',
  '2.16.840.1.101.3.4.2.2': 'sha384',
  '2.16.840.1.101.3.4.2.3': 'sha512',
};

/** The certificates of a PEM text; refuses with `timestamp-ca-invalid`. */
export function stampAuthorities(pem: string): Result<X509Certificate[]> {
  const blocks = pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  try {
    const found = blocks.map((block) => new X509Certificate(block));
    if (found.length > 0) return ok(found);
  } catch {
    // Said below.
  }
  return refuse('timestamp-ca-invalid', 'the text holds no certificates of a time-stamping authority in PEM');
}

/** A TimeStampReq in DER (RFC 3161 section 2.4.1) over the SHA-256 of the data, which asks for the certificate too. */
export function timestampQuery(data: Uint8Array, nonce: Uint8Array): Uint8Array {
  const sha256 = Buffer.from('300d06096086480165030402010500', 'hex');
  const imprint = der(0x30, sha256, der(0x04, createHash('sha256').update(data).digest()));
  const query = [der(0x02, Buffer.of(1)), imprint, der(0x02, positive(nonce)), der(0x01, Buffer.of(0xff))];
  return der(0x30, ...query);
}

/** An INTEGER in its shortest form (X.690 section 8.3.2), never negative. */
function positive(bytes: Uint8Array): Buffer {
  const first = bytes.findIndex((byte) => byte !== 0);
  const shortest = first < 0 ? Buffer.of(0) : Buffer.from(bytes.subarray(first));
  return (shortest[0] ?? 0) < 0x80 ? shortest : Buffer.concat([Buffer.of(0), shortest]);
}

function der(tag: number, ...parts: readonly Uint8Array[]): Buffer {
  const body = Buffer.concat(parts);
  if (body.length > 127) throw new RangeError('longer than a query can be');
  return Buffer.concat([Buffer.of(tag, body.length), body]);
}

/**
 * Proves a TimeStampResp over the data: granted, by a certificate for nothing but time stamping that leads to a
 * trusted authority and was valid then, over this very data, with this nonce and policy. Refuses with
 * `timestamp-invalid`, or `timestamp-untrusted` where only the authority is not among the trusted ones.
 */
export function verifyTimestamp(response: Uint8Array, data: Uint8Array, trust: StampTrust): Result<Stamped> {
  try {
    const root = ASN1Obj.parseBuffer(Buffer.from(response));
    const status = Number(at(root, 0, 0).toInteger());
    if (status !== 0 && status !== 1) return invalid(`the authority refused (status ${status})`);
    return check(read(root, response), data, trust);
  } catch {
    return invalid('it is not a time-stamp response');
  }
}

function invalid(why: string): Result<never> {
  return refuse('timestamp-invalid', `the time stamp proves nothing: ${why}`);
}

type Token = {
  readonly content: Buffer;
  readonly info: ASN1Obj;
  readonly certificates: readonly Buffer[];
  readonly signer: ASN1Obj;
};

function at(node: ASN1Obj | undefined, ...path: readonly number[]): ASN1Obj {
  let found = node;
  for (const index of path) found = found?.subs[index];
  if (found === undefined) throw new RangeError('a part is missing');
  return found;
}

/** RFC 3161 section 2.4.2, RFC 5652 section 5. */
function read(root: ASN1Obj, response: Uint8Array): Token {
  if (Buffer.compare(root.toDER(), response) !== 0) throw new RangeError('not DER');
  if (at(root, 1, 0).toOID() !== oids.signedData) throw new RangeError('no signed data');
  const signed = at(root, 1, 1, 0);
  const content = at(signed, 2);
  if (at(content, 0).toOID() !== oids.tstInfo) throw new RangeError('no time stamp');
  const encoded = at(content, 1, 0);
  const info = encoded.subs[0] ?? ASN1Obj.parseBuffer(Buffer.from(encoded.value));
  const certificates = signed.subs
    .filter((part) => part.tag.isContextSpecific(0))
    .flatMap(({ subs }) => subs.map((one) => one.toDER()));
  const signers = at(signed, signed.subs.length - 1).subs;
  if (signers.length !== 1) throw new RangeError('more than one signer');
  return { content: info.toDER(), info, certificates, signer: at(signers[0]) };
}

function check(token: Token, data: Uint8Array, { authorities, nonce, policy }: StampTrust): Result<Stamped> {
  const { info } = token;
  const [, policyPart, imprint, , time] = info.subs;
  const algorithm = digests[at(imprint, 0, 0).toOID()];
  if (algorithm === undefined) return invalid('its digest algorithm is not SHA-2');
  if (!createHash(algorithm).update(data).digest().equals(at(imprint, 1).value))
    return invalid('it is over other data');
  const given = at(policyPart).toOID();
  if (policy !== undefined && given !== policy) return invalid(`it is of the policy ${given}, not ${policy}`);
  // After genTime: accuracy (a sequence), ordering (a boolean), nonce (an integer).
  const number = info.subs.slice(5).find((part) => part.tag.number === 2 && part.tag.isUniversal());
  if (nonce !== undefined && (number === undefined || stripped(number.value) !== stripped(nonce)))
    return invalid('it answers another query (nonce)');
  const when = at(time).toDate();
  const signer = findSigner(token);
  if (signer === undefined) return invalid('its signature does not hold, or names no certificate that came with it');
  if (!isForStamping(signer)) return invalid('its certificate is not for time stamping alone');
  if (
    !leadsTo(
      signer,
      token.certificates.map((bytes) => new X509Certificate(bytes)),
      authorities,
      when,
    )
  )
    return refuse(
      'timestamp-untrusted',
      `the time stamp is by ${oneLine(signer.subject)}, which no trusted authority vouches for`,
    );
  return ok({ at: when.toISOString(), policy: given, authority: oneLine(signer.subject) });
}

function stripped(bytes: Uint8Array): string {
  return Buffer.from(bytes)
    .toString('hex')
    .replace(/^(?:00)+/, '');
}

function oneLine(subject: string): string {
  return subject.replaceAll('\n', ', ');
}

/** The certificate that the signed attributes name and that the signature fits (RFC 5652 section 5.4, RFC 5035). */
function findSigner({ signer, content, certificates }: Token): X509Certificate | undefined {
  const algorithm = digests[at(signer, 2, 0).toOID()];
  const signedAttributes = signer.subs.find((part) => part.tag.isContextSpecific(0));
  if (algorithm === undefined || signedAttributes === undefined) return undefined;
  const attribute = (oid: string): ASN1Obj | undefined =>
    signedAttributes.subs.find((part) => at(part, 0).toOID() === oid)?.subs[1]?.subs[0];
  const named = attribute(oids.messageDigest);
  if (named === undefined || !createHash(algorithm).update(content).digest().equals(named.value)) return undefined;
  if (attribute(oids.contentType)?.toOID() !== oids.tstInfo) return undefined;
  const signature = at(signer, 5).value;
  const bytes = signedAttributes.toDER();
  // What is signed is the SET, not the tagged form in which it travels.
  bytes[0] = 0x31;
  return certificates
    .filter((certificate) =>
      isNamed(certificate, attribute(oids.signingCertificateV2), attribute(oids.signingCertificate)),
    )
    .map((certificate) => new X509Certificate(certificate))
    .find((certificate) => verify(algorithm, bytes, certificate.publicKey, signature));
}

/** The first ESSCertID is the signer's; without one anybody's certificate with the same key could stand in its place. */
function isNamed(certificate: Buffer, second: ASN1Obj | undefined, first: ASN1Obj | undefined): boolean {
  if (second !== undefined) {
    const id = at(second, 0, 0);
    const own = at(id, 0);
    // SHA-256 is the default and then left out (RFC 5035 section 4).
    const algorithm = own.subs.length > 0 && own.tag.number === 16 ? digests[at(own, 0).toOID()] : 'sha256';
    const hash = own.tag.number === 16 ? at(id, 1) : own;
    return algorithm !== undefined && createHash(algorithm).update(certificate).digest().equals(hash.value);
  }
  return (
    first !== undefined &&
    createHash('sha1')
      .update(certificate)
      .digest()
      .equals(at(first, 0, 0, 0).value)
  );
}

/** RFC 3161 section 2.3: the one purpose, and critical. */
function isForStamping(certificate: X509Certificate): boolean {
  const { keyUsage } = certificate;
  const parsed = ParsedCertificate.parse(Buffer.from(certificate.raw));
  return (
    keyUsage.length === 1 &&
    keyUsage[0] === oids.timeStamping &&
    parsed.extension(oids.extendedKeyUsage)?.critical === true
  );
}

/** At most four certificates up to a trusted one, each valid at the moment. */
function leadsTo(
  leaf: X509Certificate,
  sent: readonly X509Certificate[],
  trusted: readonly X509Certificate[],
  when: Date,
): boolean {
  let current = leaf;
  for (let depth = 0; depth < 4; depth += 1) {
    const child = current;
    if (when < new Date(child.validFrom) || when > new Date(child.validTo)) return false;
    if (trusted.some(({ fingerprint256 }) => fingerprint256 === child.fingerprint256)) return true;
    const issuer = [...trusted, ...sent].find((one) => one.ca && child.checkIssued(one) && child.verify(one.publicKey));
    if (issuer === undefined) return false;
    current = issuer;
  }
  return false;
}
