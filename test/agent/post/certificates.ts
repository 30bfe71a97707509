/** Certificates by openssl, in a folder that goes away; undefined where the machine has no openssl. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export type Pair = { readonly cert: string; readonly key: string };
export type Certificates = {
  /** The file of the authority that signed all but `selfSigned`. */
  readonly caFile: string;
  readonly otherCaFile: string;
  /** For localhost and 127.0.0.1. */
  readonly good: Pair;
  readonly wrongName: Pair;
  readonly expired: Pair;
  readonly selfSigned: Pair;
  remove(): void;
};

export function makeCertificates(): Certificates | undefined {
  const folder = mkdtempSync(join(tmpdir(), 'affiant-tls-'));
  const at = (name: string): string => join(folder, name);
  const openssl = (...args: string[]): void => {
    execFileSync('openssl', args, { stdio: 'pipe', cwd: folder });
  };
  const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
  const read = (name: string): Pair => ({
    cert: readFileSync(at(`${name}.pem`), 'utf8'),
    key: readFileSync(at(`${name}.key`), 'utf8'),
  });
  const names = 'subjectAltName=DNS:localhost,IP:127.0.0.1';

  function selfSigned(name: string, ...extensions: string[]): void {
    openssl(
      'req',
      '-x509',
      ...newKey,
      '-keyout',
      `${name}.key`,
      '-out',
      `${name}.pem`,
      '-days',
      '2',
      '-subj',
      `/CN=${name}`,
      ...extensions,
    );
  }
  function signed(name: string, alternative: string, days: string): Pair {
    openssl(
      'req',
      '-new',
      ...newKey,
      '-keyout',
      `${name}.key`,
      '-out',
      `${name}.csr`,
      '-subj',
      `/CN=${name}`,
      '-addext',
      alternative,
    );
    openssl(
      'x509',
      '-req',
      '-in',
      `${name}.csr`,
      '-CA',
      'ca.pem',
      '-CAkey',
      'ca.key',
      '-CAcreateserial',
      '-days',
      days,
      '-copy_extensions',
      'copy',
      '-out',
      `${name}.pem`,
    );
    return read(name);
  }

  try {
    openssl('version');
  } catch {
    rmSync(folder, { recursive: true });
    return undefined;
  }
  selfSigned('ca');
  selfSigned('other');
  selfSigned('self', '-addext', names);
  return {
    caFile: at('ca.pem'),
    otherCaFile: at('other.pem'),
    good: signed('good', names, '2'),
    wrongName: signed('wrong', 'subjectAltName=DNS:other.example.org,IP:192.0.2.1', '2'),
    expired: signed('expired', names, '-1'),
    selfSigned: read('self'),
    remove: () => rmSync(folder, { recursive: true }),
  };
}
