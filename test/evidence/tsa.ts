/** A real time-stamping authority: `openssl ts -reply` behind a small loopback server, with certificates made for the test. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export type Tsa = {
  readonly url: string;
  /** The authority's root, PEM. */
  readonly ca: string;
  /** The answer to a query, without the server. */
  reply(query: Uint8Array): Uint8Array;
  /** Puts another certificate in the authority's place: for something else, or of nobody's. */
  use(name: 'signer' | 'not-critical' | 'two-purposes' | 'rsa'): void;
  /** What the server answers instead. */
  instead: ((query: Uint8Array) => Uint8Array) | undefined;
  close(): Promise<void>;
};

export const policy = '1.3.6.1.4.1.55555.1';

const config = (folder: string): string => `
[req]
distinguished_name = dn
[dn]
[ca]
basicConstraints = critical,CA:TRUE
keyUsage = critical,keyCertSign
[signer]
basicConstraints = critical,CA:FALSE
extendedKeyUsage = critical,timeStamping
[rsa]
basicConstraints = critical,CA:FALSE
extendedKeyUsage = critical,timeStamping
[not-critical]
basicConstraints = critical,CA:FALSE
extendedKeyUsage = timeStamping
[two-purposes]
basicConstraints = critical,CA:FALSE
extendedKeyUsage = critical,timeStamping,serverAuth
[tsa]
default_tsa = tsa1
[tsa1]
dir = ${folder}
serial = ${folder}/serial
crypto_device = builtin
certs = ${folder}/ca.pem
default_policy = ${policy}
signer_digest = sha256
digests = sha256, sha384, sha512
accuracy = secs:1
ordering = yes
tsa_name = yes
ess_cert_id_chain = no
ess_cert_id_alg = sha256
`;

export async function startTsa(): Promise<Tsa> {
  const folder = mkdtempSync(join(tmpdir(), 'affiant-tsa-'));
  const file = join(folder, 'openssl.cnf');
  writeFileSync(file, config(folder));
  writeFileSync(join(folder, 'serial'), '01\n');
  const openssl = (...args: string[]): Buffer =>
    execFileSync('openssl', args, { cwd: folder, stdio: ['ignore', 'pipe', 'ignore'] });
  const newKey = (name: string): string[] =>
    name === 'rsa' ? ['-newkey', 'rsa:2048'] : ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256'];
  openssl(
    'req',
    '-x509',
    ...newKey('ca'),
    '-nodes',
    '-days',
    '3',
    '-subj',
    '/CN=Test TSA root',
    '-config',
    file,
    '-extensions',
    'ca',
    '-keyout',
    'ca.key',
    '-out',
    'ca.pem',
  );
  const made = new Set<string>();
  function make(name: string): void {
    if (made.has(name)) return;
    made.add(name);
    openssl(
      'req',
      ...newKey(name),
      '-nodes',
      '-subj',
      `/CN=Test TSA ${name}`,
      '-config',
      file,
      '-keyout',
      `${name}.key`,
      '-out',
      `${name}.csr`,
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
      '2',
      '-extfile',
      file,
      '-extensions',
      name,
      '-out',
      `${name}.pem`,
    );
  }
  let current = 'signer';
  make(current);
  function reply(query: Uint8Array): Uint8Array {
    writeFileSync(join(folder, 'query.tsq'), query);
    openssl(
      'ts',
      '-reply',
      '-config',
      file,
      '-queryfile',
      'query.tsq',
      '-signer',
      `${current}.pem`,
      '-inkey',
      `${current}.key`,
      '-out',
      'reply.tsr',
    );
    return readFileSync(join(folder, 'reply.tsr'));
  }
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      if (request.headers['content-type'] !== 'application/timestamp-query') return response.writeHead(415).end();
      const query = Buffer.concat(chunks);
      return response.setHeader('content-type', 'application/timestamp-reply').end((tsa.instead ?? reply)(query));
    });
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  const tsa: Tsa = {
    url: `http://127.0.0.1:${port}/`,
    ca: readFileSync(join(folder, 'ca.pem'), 'utf8'),
    reply,
    use(name) {
      make(name);
      current = name;
    },
    instead: undefined,
    close: () =>
      new Promise((done) => {
        rmSync(folder, { recursive: true, force: true });
        server.close(() => done());
        server.closeAllConnections();
      }),
  };
  return tsa;
}
