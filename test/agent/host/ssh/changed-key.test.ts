/** A server that shows another key while it is talked to: both are real handshakes of ssh2's own server on loopback. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';
import ssh2 from 'ssh2';
import { type Connection, connect } from '../../../../agent/host/ssh/connection.ts';
import { hostKeyRule } from '../../../../agent/host/ssh/host-key.ts';
import { parseKnownHosts } from '../../../../agent/host/ssh/known-hosts.ts';
import { valueOf } from '../../../evidence/sample.ts';

type Peer = ssh2.Connection & {
  _protocol: { _hostKeys: Record<string, ssh2.ParsedKey> };
  rekey(done: () => void): void;
};

/** Ours, logged in; what the server does next is up to the test. */
async function loggedIn(
  keys: readonly { public: string; private: string }[],
): Promise<{ connection: Connection; peer: Peer; close: () => void }> {
  const server = new ssh2.Server({ hostKeys: [keys[0]?.private ?? ''] });
  const met = once(server, 'connection') as Promise<[Peer]>;
  server.on('connection', (peer) => {
    peer.on('error', () => undefined);
    peer.on('authentication', (context) => context.accept());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const lines = keys.map((key) => `[127.0.0.1]:${port} ${key.public}\n`).join('');
  const rule = valueOf(hostKeyRule({ host: '127.0.0.1', port }, valueOf(parseKnownHosts(lines, 'known_hosts')), false));
  const reached = await connect({ host: '127.0.0.1', port, user: 'x', password: 'x', timeoutMs: 20_000 }, rule);
  assert.ok(reached.ok, reached.ok ? '' : reached.failure.message);
  const [peer] = await met;
  return { connection: reached.value, peer, close: () => server.close() };
}

async function lost({ lost: why }: Connection): Promise<string> {
  for (;;) {
    const failure = why();
    if (failure !== undefined) return `${failure.outcome} ${failure.reason}`;
    await turn();
  }
}

describe('a connection over which new keys are agreed on', () => {
  const pair = (): { public: string; private: string } => ssh2.utils.generateKeyPairSync('ed25519');

  it('ends where the server then shows another key, known or not', async () => {
    const [first, second] = [pair(), pair()];
    for (const known of [[first], [first, second]]) {
      const { connection, peer, close } = await loggedIn(known);
      const other = ssh2.utils.parseKey(second.private);
      assert.ok(!(other instanceof Error));
      peer._protocol._hostKeys['ssh-ed25519'] = other;
      peer.rekey(() => undefined);
      assert.equal(await lost(connection), 'denied host-key-changed');
      close();
    }
  });

  it('stands where it shows the same', async () => {
    const { connection, peer, close } = await loggedIn([pair()]);
    await new Promise<void>((done) => {
      peer.rekey(done);
    });
    assert.equal(connection.lost(), undefined);
    connection.end();
    close();
  });
});
