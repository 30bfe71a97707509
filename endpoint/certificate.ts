import { createHash, createPrivateKey, X509Certificate } from 'node:crypto';
import { createSecureContext } from 'node:tls';
import { ok, type Result, refuse } from '../evidence/result.ts';

/** A certificate chain and its key, the authorities of client certificates, and what these revoked, all in PEM. */
export type TlsFiles = {
  readonly cert: string;
  readonly key: string;
  readonly clientCa?: string;
  readonly clientCrl?: string;
};

export type CertificateInfo = {
  /** SHA-256 of the SubjectPublicKeyInfo, hexadecimal: what an enrolment token pins. */
  readonly spki: string;
  readonly notBefore: Date;
  readonly notAfter: Date;
};

const remedy =
  'give the certificate chain and the private key that belongs to it, both in PEM, the key without a passphrase';

/**
 * Refuses, with `certificate-unusable`, what no client could use: text that is none, a key of another
 * certificate, an authority or a list of revoked ones that is none. No message quotes the key.
 */
export function checkTls({ cert, key, clientCa, clientCrl }: TlsFiles): Result<CertificateInfo> {
  try {
    const leaf = new X509Certificate(cert);
    if (!leaf.checkPrivateKey(createPrivateKey(key)))
      return refuse('certificate-unusable', 'the private key belongs to another certificate', { remedy });
    createSecureContext({ cert, key, ca: clientCa, crl: clientCrl, minVersion: 'TLSv1.3' });
    if (clientCa !== undefined && !new X509Certificate(clientCa).ca)
      return refuse('certificate-unusable', 'the client authority is no certificate authority', { remedy });
    return ok({
      spki: createHash('sha256')
        .update(leaf.publicKey.export({ type: 'spki', format: 'der' }))
        .digest('hex'),
      notBefore: leaf.validFromDate,
      notAfter: leaf.validToDate,
    });
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
    return refuse('certificate-unusable', `the certificate and its key cannot be used (${code})`, { remedy });
  }
}

/** What is wrong with the dates; undefined where nothing is. */
export function datesOf({ notBefore, notAfter }: CertificateInfo, now: Date): string | undefined {
  if (now > notAfter) return `the certificate expired on ${notAfter.toISOString()}`;
  return now < notBefore ? `the certificate is not valid before ${notBefore.toISOString()}` : undefined;
}
