/** Client certificates that must not open the door any more, and what TLS itself is asked for by those who want to cost time. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect as connectHttp2 } from 'node:http2';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ConnectionOptions, connect as connectTls } from 'node:tls';
import { tlsPaths } from '../../agent/cli/wire-endpoint.ts';
import { withDefaults } from '../../agent/config/defaults.ts';
import { readTlsFiles } from '../../endpoint/tls-files.ts';
import { type Certificates, makeCertificates } from '../agent/post/certificates.ts';
import { codeOf, valueOf } from '../evidence/sample.ts';
import { makeAgent } from './agent.ts';
import { type Running, startRunning, trusting } from './running.ts';

describe('TLS at the endpoint', () => {
  let certificates: Certificates | undefined;
  let running: Running | undefined;
  const folder = mkdtempSync(join(tmpdir(), 'affiant-mtls-'));

  before(function () {
    certificates = makeCertificates();
    // Named by the reporter: without openssl there are no certificates to try.
    if (certificates === undefined) this.skip();
  });
  after(() => {
    certificates?.remove();
    rmSync(folder, { recursive: true });
  });
  afterEach(async () => {
    await running?.stop();
    running = undefined;
  });

  const made = (): Certificates => certificates ?? assert.fail('this machine has no openssl');
  const ca = (): string => readFileSync(made().caFile, 'utf8');
  const port = (): number => running?.endpoint.port ?? 0;

  async function serve(more: { clientCa?: string; clientCrl?: string } = {}): Promise<Running> {
    running = await startRunning(trusting(makeAgent()), { tls: { ...made().good, ...more } });
    return running;
  }
  function get(options: ConnectionOptions = {}): Promise<number> {
    return new Promise((resolve, reject) => {
      request({ host: '127.0.0.1', port: port(), path: '/healthz', agent: false, ca: ca(), ...options }, (answer) => {
        answer.resume();
        resolve(answer.statusCode ?? 0);
      })
        .on('error', reject)
        .end();
    });
  }

  /** The authority's list of revoked certificates, by openssl. */
  function crl(days: string, ...revoked: readonly string[]): string {
    const at = (name: string): string => join(folder, name);
    writeFileSync(at('index.txt'), '');
    writeFileSync(at('crlnumber'), '01\n');
    writeFileSync(
      at('ca.cnf'),
      `[ca]\ndefault_ca=d\n[d]\ndatabase=${at('index.txt')}\ncrlnumber=${at('crlnumber')}\ndefault_md=sha256\nunique_subject=no\n`,
    );
    const base = [
      'ca',
      '-config',
      at('ca.cnf'),
      '-cert',
      made().caFile,
      '-keyfile',
      made().caFile.replace('.pem', '.key'),
    ];
    for (const cert of revoked) {
      writeFileSync(at('revoked.pem'), cert);
      execFileSync('openssl', [...base, '-revoke', at('revoked.pem')], { stdio: 'pipe' });
    }
    execFileSync('openssl', [...base, '-gencrl', ...days.split(' '), '-out', at('list.crl')], { stdio: 'pipe' });
    return readFileSync(at('list.crl'), 'utf8');
  }

  it('lets in no client certificate that expired or is of another authority', async () => {
    await serve({ clientCa: ca() });
    await assert.rejects(get({ ...made().expired }));
    await assert.rejects(get({ ...made().selfSigned }));
    assert.equal(await get({ ...made().wrongName }), 200);
  });

  it('lets in no revoked client certificate, from the moment that the list is replaced, and by no old session', async () => {
    const { endpoint } = await serve({ clientCa: ca(), clientCrl: crl('-crldays 2') });
    const session = await new Promise<Buffer>((resolve, reject) => {
      const socket = connectTls({ host: '127.0.0.1', port: port(), ca: ca(), ...made().wrongName });
      socket.once('session', (ticket) => {
        socket.destroy();
        resolve(ticket);
      });
      socket.on('error', reject);
      socket.write('GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n');
    });
    assert.equal(await get({ ...made().wrongName, session }), 200);
    const clientCrl = crl('-crldays 2', made().wrongName.cert);
    valueOf(endpoint.replaceTls({ ...made().good, clientCa: ca(), clientCrl }));
    await assert.rejects(get({ ...made().wrongName }));
    await assert.rejects(get({ ...made().wrongName, session }));
    assert.equal(await get({ ...made().good }), 200);
  });

  it('lets in nobody by a list whose time is over, and takes no list that is none', async () => {
    const over = crl('-crl_lastupdate 20260101000000Z -crl_nextupdate 20260102000000Z');
    const { endpoint } = await serve({ clientCa: ca(), clientCrl: over });
    await assert.rejects(get({ ...made().good }));
    const bad = endpoint.replaceTls({ ...made().good, clientCa: ca(), clientCrl: 'nothing' });
    assert.equal(codeOf(bad), 'certificate-unusable');
  });

  it('reads the list from the file that the configuration names, with its authority', () => {
    const list = join(folder, 'named.crl');
    writeFileSync(list, crl('-crldays 2'));
    const { serve: settings } = withDefaults({});
    const files = { certFile: made().caFile, keyFile: made().caFile.replace('.pem', '.key'), clientCrlFile: list };
    assert.equal(codeOf(tlsPaths({ ...settings, ...files })), 'config-invalid');
    const paths = valueOf(tlsPaths({ ...settings, ...files, clientCaFile: made().caFile }));
    assert.match(valueOf(readTlsFiles(paths ?? assert.fail('no paths'))).clientCrl ?? '', /BEGIN X509 CRL/);
  });

  it('speaks no HTTP/2: who offers nothing else gets no connection', async () => {
    await serve();
    const session = connectHttp2(`https://127.0.0.1:${port()}`, { ca: ca() });
    const [error] = (await once(session, 'error')) as [Error];
    assert.match(error.message, /no application protocol|ERR_SSL|HTTP2|socket/i);
    session.destroy();
    assert.equal(await get(), 200);
  });

  it('renegotiates nothing, since TLS 1.3 has no such thing, and nothing older is spoken', async () => {
    await serve();
    const socket = connectTls({ host: '127.0.0.1', port: port(), ca: ca() });
    await once(socket, 'secureConnect');
    assert.equal(socket.getProtocol(), 'TLSv1.3');
    const refused = await new Promise<Error | null>((done) => {
      socket.renegotiate({ rejectUnauthorized: true }, done);
    });
    assert.match(String(refused), /wrong ssl version|no renegotiation/i);
    socket.destroy();
    await assert.rejects(get({ maxVersion: 'TLSv1.2' }));
    assert.equal(await get(), 200);
  });
});
