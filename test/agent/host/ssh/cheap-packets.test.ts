/** What ssh2 does for every packet is done once: held against ssh2's own server on loopback, so that a new release of it shows. */
import assert from 'node:assert/strict';
import { KeyObject } from 'node:crypto';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { Writable } from 'node:stream';
import ssh2 from 'ssh2';
import { keepKeyObjects, writeOnceATurn } from '../../../../agent/host/ssh/cheap-packets.ts';

const turn = (): Promise<void> => new Promise((done) => setImmediate(done));

/** Client and server after the handshake, by this cipher. */
async function shakenHands(cipher: string): Promise<{ client: ssh2.Client; end: () => Promise<void> }> {
  const server = new ssh2.Server({ hostKeys: [ssh2.utils.generateKeyPairSync('ed25519').private] }, (peer) => {
    peer.on('error', () => undefined);
    peer.on('authentication', (context) => context.accept());
    peer.on('ready', () =>
      peer.on('session', (accept) =>
        accept().on('exec', (acceptExec, _reject, { command }) => {
          const channel = acceptExec();
          channel.write(command.toUpperCase());
          channel.exit(0);
          channel.end();
        }),
      ),
    );
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const client = new ssh2.Client();
  keepKeyObjects(client);
  const { port } = server.address() as AddressInfo;
  client.connect({ host: '127.0.0.1', port, username: 'x', password: 'x', algorithms: { cipher: [cipher as never] } });
  await once(client, 'ready');
  return {
    client,
    end: async () => {
      client.end();
      await once(client, 'close');
      server.close();
    },
  };
}

async function said(client: ssh2.Client, command: string): Promise<string> {
  const channel = await new Promise<ssh2.ClientChannel>((done, fail) => {
    client.exec(command, (error, opened) => (error === undefined ? done(opened) : fail(error)));
  });
  let text = '';
  channel.on('data', (part: Buffer) => {
    text += part.toString('utf8');
  });
  await once(channel, 'close');
  return text;
}

type Halves = {
  _protocol: { _cipher: { _encKey?: unknown }; _decipher: { _decipherKey?: unknown }; rekey(): void };
};

describe('packets of ssh2', () => {
  for (const cipher of ['aes128-gcm@openssh.com', 'aes256-gcm@openssh.com'])
    it(`are made from key objects under ${cipher}, both ways, and still read`, async () => {
      const { client, end } = await shakenHands(cipher);
      const { _protocol: halves } = client as unknown as Halves;
      assert.ok(halves._cipher._encKey instanceof KeyObject);
      assert.ok(halves._decipher._decipherKey instanceof KeyObject);
      const long = 'abc'.repeat(5000);
      assert.equal(await said(client, long), long.toUpperCase());
      // New keys in the middle: they are taken likewise.
      const before = halves._cipher._encKey;
      halves.rekey();
      await once(client, 'handshake');
      assert.equal(await said(client, long), long.toUpperCase());
      assert.notEqual(halves._cipher._encKey, before);
      assert.ok(halves._cipher._encKey instanceof KeyObject);
      await end();
    });

  it('are left alone under another cipher', async () => {
    const { client, end } = await shakenHands('aes128-ctr');
    assert.equal(await said(client, 'word'), 'WORD');
    await end();
  });

  it('leave as one write what was written in one turn, in order', async () => {
    const writes: string[][] = [];
    const socket = new Writable({
      writev(chunks, done) {
        writes.push(chunks.map(({ chunk }) => String(chunk)));
        done();
      },
    });
    writeOnceATurn(socket);
    for (const part of ['length', 'body', 'tag']) socket.write(part);
    await turn();
    for (const part of ['length2', 'body2']) socket.write(part);
    socket.end('last');
    await once(socket, 'finish');
    assert.deepEqual(writes, [
      ['length', 'body', 'tag'],
      ['length2', 'body2', 'last'],
    ]);
  });
});
