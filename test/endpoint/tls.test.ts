import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ConnectionOptions, connect as connectTls } from 'node:tls';
import { checkTls } from '../../endpoint/certificate.ts';
import { type TlsWatch, watchTls } from '../../endpoint/tls-files.ts';
import { type Certificates, makeCertificates, type Pair } from '../agent/post/certificates.ts';
import { codeOf, valueOf } from '../evidence/sample.ts';
import { makeAgent } from './agent.ts';
import { type Running, startRunning, trusting, until } from './running.ts';

describe('the certificate of the endpoint', () => {
  const agent = makeAgent();
  let certificates: Certificates | undefined;
  let running: Running | undefined;
  let folder = '';

  before(function () {
    certificates = makeCertificates();
    // Named by the reporter: without openssl there are no certificates to try.
    if (certificates === undefined) this.skip();
    folder = mkdtempSync(join(tmpdir(), 'affiant-tls-'));
  });
  after(() => {
    certificates?.remove();
    if (folder !== '') rmSync(folder, { recursive: true });
  });
  afterEach(async () => {
    await running?.stop();
    running = undefined;
  });

  const made = (): Certificates => certificates ?? assert.fail('this machine has no openssl');
  const ca = (): string => readFileSync(made().caFile, 'utf8');

  async function serve(pair: Pair, clientCa?: string, limits = {}): Promise<Running> {
    running = await startRunning(trusting(agent), { tls: { ...pair, ...(clientCa && { clientCa }) }, limits });
    return running;
  }
  function get(options: ConnectionOptions = {}): Promise<number> {
    return new Promise((resolve, reject) => {
      const port = running?.endpoint.port;
      request({ host: '127.0.0.1', port, path: '/healthz', agent: false, ca: ca(), ...options }, (answer) => {
        answer.resume();
        resolve(answer.statusCode ?? 0);
      })
        .on('error', reject)
        .end();
    });
  }
  /** The id of the key that the endpoint shows. */
  async function shown(): Promise<string> {
    const socket = connectTls({ host: '127.0.0.1', port: running?.endpoint.port ?? 0, rejectUnauthorized: false });
    await once(socket, 'secureConnect');
    const pem = `-----BEGIN CERTIFICATE-----\n${socket.getPeerCertificate().raw.toString('base64')}\n-----END CERTIFICATE-----\n`;
    socket.destroy();
    const pair = [made().good, made().wrongName, made().expired, made().selfSigned].find(
      ({ cert }) => cert.replaceAll(/\s/g, '') === pem.replaceAll(/\s/g, ''),
    );
    return valueOf(checkTls(pair ?? assert.fail('a certificate of somebody else'))).spki;
  }
  const spki = (pair: Pair): string => valueOf(checkTls(pair)).spki;

  it('speaks TLS 1.3 and nothing older', async () => {
    await serve(made().good);
    assert.equal(await get(), 200);
    await assert.rejects(get({ maxVersion: 'TLSv1.2' }), /protocol version|EPROTO/);
  });

  it('counts a connection that broke off its handshake as gone', async () => {
    const { endpoint } = await serve(made().good, undefined, { maxConnectionsPerAddress: 2 });
    for (let turn = 0; turn < 5; turn += 1) {
      assert.equal(await get(), 200);
      await assert.rejects(get({ ca: readFileSync(made().otherCaFile, 'utf8') }));
    }
    await until(() => endpoint.connections() === 0);
    assert.equal(await get(), 200);
  });

  it('is replaced for new connections while old ones go on', async () => {
    const { endpoint } = await serve(made().good);
    const old = connectTls({ host: '127.0.0.1', port: endpoint.port, ca: ca() });
    await once(old, 'secureConnect');
    assert.equal(await shown(), spki(made().good));
    valueOf(endpoint.replaceTls(made().wrongName));
    assert.equal(await shown(), spki(made().wrongName));
    old.write('GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n');
    const [heard] = (await once(old, 'data')) as [Buffer];
    assert.match(heard.toString(), /^HTTP\/1\.1 200 /);
    old.destroy();
  });

  it('stays where the new one cannot be used', async () => {
    const { good, wrongName } = made();
    const { endpoint } = await serve(good);
    const bad = [
      { cert: good.cert, key: wrongName.key },
      { cert: good.key, key: good.key },
      { cert: '', key: '' },
      { ...wrongName, clientCa: 'nothing' },
    ];
    for (const pair of bad) assert.equal(codeOf(endpoint.replaceTls(pair)), 'certificate-unusable');
    assert.equal(await shown(), spki(good));
  });

  it('lets nobody ask anything without a client certificate where an authority for them is named', async () => {
    const { good, selfSigned, otherCaFile } = made();
    const { endpoint } = await serve(good, ca());
    await assert.rejects(get());
    await assert.rejects(get({ ...selfSigned }));
    assert.equal(await get({ ...good }), 200);
    valueOf(endpoint.replaceTls({ ...good, clientCa: readFileSync(otherCaFile, 'utf8') }));
    await assert.rejects(get({ ...good }));
  });

  describe('as files', () => {
    let watch: TlsWatch | undefined;
    afterEach(() => watch?.stop());

    it('is read again when they change, and never half of it', async () => {
      const { good, wrongName, expired } = made();
      const paths = { certFile: join(folder, 'tls.pem'), keyFile: join(folder, 'tls.key') };
      const put = (file: string, text: string): void => {
        writeFileSync(`${file}.new`, text, { mode: 0o600 });
        renameSync(`${file}.new`, file);
      };
      put(paths.certFile, good.cert);
      put(paths.keyFile, good.key);
      const { endpoint } = await serve(good);
      const said: string[] = [];
      watch = watchTls(paths, good, {
        replace: (files) => endpoint.replaceTls(files),
        now: () => new Date(),
        everyMs: 20,
        onReplaced: (info) => said.push(`replaced ${info.spki}`),
        onKept: (why) => said.push(`kept: ${why}`),
      });
      const heard = (pattern: RegExp): Promise<void> => until(() => said.some((line) => pattern.test(line)));
      put(paths.certFile, wrongName.cert);
      await heard(/^kept: .*another certificate/);
      assert.equal(await shown(), spki(good));
      put(paths.keyFile, wrongName.key);
      await heard(new RegExp(`^replaced ${spki(wrongName)}`));
      assert.equal(await shown(), spki(wrongName));
      put(paths.certFile, expired.cert);
      put(paths.keyFile, expired.key);
      await heard(/^kept: the certificate expired on /);
      rmSync(paths.keyFile);
      watch.reload();
      await heard(/^kept: .*tls\.key cannot be read \(ENOENT\)/);
      assert.equal(await shown(), spki(wrongName));
    });
  });
});
