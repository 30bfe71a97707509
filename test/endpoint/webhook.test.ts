/** Webhooks over real TLS. */
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import type { lookup } from 'node:dns';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Webhook } from 'standardwebhooks';
import type { Logger } from '../../endpoint/log-lines.ts';
import { listDead } from '../../endpoint/store/watch-tables.ts';
import { startWatcher } from '../../endpoint/watch/watcher.ts';
import {
  type Courier,
  type CourierOptions,
  guardedLookup,
  mayConnect,
  readHooks,
  signatureHeaders,
  startCourier,
} from '../../endpoint/watch/webhook.ts';
import { type Certificates, makeCertificates } from '../agent/post/certificates.ts';
import { codeOf, valueOf } from '../evidence/sample.ts';
import { makeAgent } from './agent.ts';
import { makeTestStore, type TestStore } from './store/test-store.ts';

const start = Date.UTC(2026, 10, 23, 10);
const hour = 3_600_000;
const quiet: Logger = () => {};

describe('webhooks', () => {
  it('never connect to an address that is not public, in whatever form it hides', () => {
    const none = (): boolean => false;
    const refused = [
      '127.0.0.1',
      '127.255.0.1',
      '0.0.0.0',
      '10.1.2.3',
      '172.16.0.1',
      '172.31.255.255',
      '192.168.1.1',
      '169.254.169.254',
      '100.64.0.1',
      '198.18.0.1',
      '192.0.2.1',
      '203.0.113.9',
      '224.0.0.1',
      '240.0.0.1',
      '255.255.255.255',
      '192.88.99.1',
      '::1',
      '::',
      '::ffff:127.0.0.1',
      '::ffff:8.8.8.8',
      '::127.0.0.1',
      '64:ff9b::7f00:1',
      '64:ff9b::808:808',
      '2002:7f00:1::',
      '2001::1',
      '2001:db8::1',
      'fe80::1',
      'fc00::1',
      'fd12::1',
      'fec0::1',
      'ff02::1',
      '100::1',
      '4000::1',
      'localhost',
      '',
    ];
    for (const address of refused) assert.equal(mayConnect(address, none), false, address);
    for (const address of ['8.8.8.8', '172.32.0.1', '2606:4700::1111'])
      assert.equal(mayConnect(address, none), true, address);
    assert.equal(
      mayConnect('10.1.2.3', (address) => address === '10.1.2.3'),
      true,
    );
  });

  it('connect to what was checked: of several addresses only the public ones, and of none none', async () => {
    const answers = ['10.0.0.1', '8.8.8.8', '::1'].map((address) => ({
      address,
      family: address.includes(':') ? 6 : 4,
    }));
    const resolve = ((_name: string, _options: object, callback: (error: null, found: object[]) => void) =>
      callback(null, answers)) as never;
    const ask = (all: boolean): Promise<unknown[]> =>
      new Promise((done) => {
        guardedLookup(() => false, resolve)('hook.example', { all }, (...told: unknown[]) => done(told));
      });
    assert.deepEqual(await ask(true), [null, [{ address: '8.8.8.8', family: 4 }]]);
    assert.deepEqual(await ask(false), [null, '8.8.8.8', 4]);
    answers.splice(1, 1);
    const [error] = await ask(true);
    assert.equal((error as { code?: string }).code, 'address-refused');
  });

  it('are signed so that the libraries of standardwebhooks.com accept them, and a changed body is refused', () => {
    const secret = Buffer.alloc(32, 7);
    const body = '{"type":"affiant.reporting.changed"}';
    const headers = signatureHeaders(secret, 'msg_1', new Date(), body);
    const judge = new Webhook(`whsec_${secret.toString('base64')}`);
    judge.verify(body, headers);
    assert.throws(() => judge.verify(`${body} `, headers));
    assert.throws(() => judge.verify(body, { ...headers, 'webhook-id': 'msg_2' }));
    const signed = createHmac('sha256', secret)
      .update(`msg_1.${headers['webhook-timestamp']}.${body}`)
      .digest('base64');
    assert.equal(headers['webhook-signature'], `v1,${signed}`);
  });

  describe('over TLS', () => {
    let certificates: Certificates | undefined;
    let folder = '';
    let place: TestStore;
    let courier: Courier | undefined;
    let server: ReturnType<typeof createServer>;
    let answers: number[] = [];
    let clock = start;
    const heard: { headers: Record<string, string>; body: string }[] = [];
    const judge = new Webhook(`whsec_${Buffer.alloc(32, 7).toString('base64')}`);

    before(function () {
      certificates = makeCertificates();
      if (certificates === undefined) this.skip();
    });
    after(() => certificates?.remove());
    beforeEach(async () => {
      clock = Date.now();
      heard.length = 0;
      folder = mkdtempSync(join(tmpdir(), 'affiant-hook-'));
      writeFileSync(join(folder, 'secret'), `whsec_${Buffer.alloc(32, 7).toString('base64')}\n`, { mode: 0o600 });
      place = await makeTestStore('sqlite');
      const { good } = certificates ?? assert.fail('no openssl');
      server = createServer(good, (request, response) => {
        let body = '';
        request.on('data', (chunk: Buffer) => {
          body += chunk.toString('utf8');
        });
        request.on('end', () => {
          heard.push({ headers: request.headers as Record<string, string>, body });
          const status = answers.shift() ?? 200;
          response.writeHead(status, status === 307 ? { location: 'https://localhost/else' } : {}).end();
        });
      });
      await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    });
    afterEach(async () => {
      answers = [];
      await courier?.stop();
      await place.remove();
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
      rmSync(folder, { recursive: true });
    });

    const resolve = ((_name: string, _options: object, callback: (error: null, found: object[]) => void) =>
      callback(null, [{ address: '127.0.0.1', family: 4 }])) as unknown as typeof lookup;
    async function begin(
      allowAddresses: string[],
      host = 'localhost',
      more: Partial<CourierOptions> = {},
    ): Promise<Courier> {
      const { port } = server.address() as AddressInfo;
      const url = `https://${host}:${port}/hook?key=hidden`;
      const caFile = certificates?.caFile ?? '';
      const hooks = valueOf(readHooks([{ url, secretFile: join(folder, 'secret'), caFile, allowAddresses }]));
      const tried: string[] = [];
      courier = await startCourier({
        store: place.store,
        hooks,
        now: () => new Date(clock),
        log: quiet,
        onTried: (outcome) => tried.push(outcome),
        everyMs: 3_600_000,
        resolve,
        ...more,
      });
      const watcher = startWatcher({
        store: place.store,
        now: () => new Date(clock),
        reporting: {},
        hooks: hooks.map(({ name }) => name),
        origin: 'log.example',
        log: quiet,
        onMessages: () => {},
        everyMs: 3_600_000,
      });
      const agent = makeAgent();
      const made = agent.make({ chain: { id: 'ab'.repeat(16), sequence: 5, previous: 'cd'.repeat(32) } });
      await place.admit(agent, made, { receivedAt: new Date(clock).toISOString() });
      await watcher.look();
      await watcher.stop();
      return courier;
    }
    const waiting = async (): Promise<unknown[]> =>
      valueOf(await place.store.read((sql) => sql.all('SELECT attempts, state, error FROM webhook_message'))).map(
        (row) => [row['attempts'], row['state'], row['error']],
      );

    it('bring the change, signed, and are then done with', async () => {
      await (await begin(['127.0.0.1'])).deliver();
      const [one] = heard;
      const told = judge.verify(one?.body ?? '', one?.headers ?? {}) as { type: string; data: { changes: object[] } };
      assert.equal(told.type, 'affiant.reporting.changed');
      assert.deepEqual(
        told.data.changes.map((change) => Reflect.get(change, 'is')),
        ['chain-gap'],
      );
      assert.deepEqual(await waiting(), []);
      await courier?.deliver();
      assert.equal(heard.length, 1);
    });

    it('are tried again later under the same id, and a redirect is not followed', async () => {
      answers = [503, 307, 200];
      await (await begin(['127.0.0.1'])).deliver();
      assert.deepEqual(await waiting(), [[1, 'waiting', 'status-503']]);
      await courier?.deliver();
      assert.equal(heard.length, 1, 'not before its time');
      clock += 6000;
      await courier?.deliver();
      assert.deepEqual(await waiting(), [[2, 'waiting', 'status-307']]);
      clock += 3600_000;
      await courier?.deliver();
      assert.deepEqual(await waiting(), []);
      assert.equal(new Set(heard.map(({ headers }) => headers['webhook-id'])).size, 1);
      assert.equal(heard.length, 3);
    });

    it('end as dead letters after days, for a person to see, and at once where the receiver is gone', async () => {
      answers = Array.from({ length: 40 }, () => 500);
      await begin(['127.0.0.1']);
      for (let turn = 0; turn < 25; turn += 1) {
        await courier?.deliver();
        clock += 7 * hour;
      }
      assert.equal(heard.length, 20);
      const [dead] = valueOf(await place.store.read((sql) => listDead(sql, 0, 10)));
      assert.deepEqual([dead?.attempts, dead?.error, dead?.hook.includes('hidden')], [20, 'status-500', false]);
    });

    it('do not reach this machine, by name or by address, unless it is listed', async () => {
      for (const host of ['localhost', '127.0.0.1']) {
        await (await begin([], host)).deliver();
        assert.equal((await waiting()).length > 0 && heard.length, 0, host);
        await courier?.stop();
      }
      assert.ok((await waiting()).every((row) => (row as unknown[])[2] === 'address-refused'));
    });

    it('do not speak to a receiver whose certificate is not the right one', async () => {
      const { port } = server.address() as AddressInfo;
      const [hook] = valueOf(
        readHooks([
          { url: `https://localhost:${port}/hook`, secretFile: join(folder, 'secret'), allowAddresses: ['127.0.0.1'] },
        ]),
      );
      await begin(['127.0.0.1'], 'localhost', {
        hooks: [{ ...hook, name: `https://localhost:${port}/hook` } as never],
      });
      await courier?.deliver();
      assert.equal(heard.length, 0);
      assert.match(String((await waiting())[0]), /UNABLE_TO_VERIFY|SELF_SIGNED/);
    });

    it('come from a configuration whose secrets are kept', () => {
      const read = (url: string, secretFile = join(folder, 'secret')) => readHooks([{ url, secretFile }]);
      assert.equal(codeOf(read('http://hook.example/')), 'config-webhook');
      assert.equal(codeOf(read('https://user:pass@hook.example/')), 'config-webhook');
      writeFileSync(join(folder, 'short'), 'whsec_AAAA', { mode: 0o600 });
      assert.equal(codeOf(read('https://hook.example/', join(folder, 'short'))), 'config-webhook');
      writeFileSync(join(folder, 'open'), readFileSync(join(folder, 'secret')), { mode: 0o644 });
      const open = read('https://hook.example/', join(folder, 'open'));
      assert.ok(!open.ok && /can be read by others/.test(open.refusal.message));
    });
  });
});
