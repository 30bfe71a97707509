import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

/** A certificate for loopback and its key, as PEM files in the folder. */
export function makeCertificate(folder: string): readonly [cert: string, key: string] {
  const [cert, key] = [join(folder, 'tls.pem'), join(folder, 'tls.key')];
  execFileSync(
    'openssl',
    [
      'req',
      '-x509',
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:P-256',
      '-nodes',
      '-days',
      '2',
      '-subj',
      '/CN=127.0.0.1',
      '-addext',
      'subjectAltName=IP:127.0.0.1',
      '-keyout',
      key,
      '-out',
      cert,
    ],
    { stdio: 'ignore' },
  );
  return [cert, key];
}
