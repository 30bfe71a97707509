/** `affiant sweep` where servers misbehave: they hang, flood, hang up, are no servers, or change their keys in mid-sweep. */
import assert from 'node:assert/strict';
import { type AddressInfo, connect, createServer } from 'node:net';
import { type Lab, labMissing, openLab, plainAccount, type Sshd } from './lab.ts';
import { type BadKind, startBad } from './misbehaving.ts';
import { knownIn, loginAt, newOut, sweep } from './swept.ts';

describe('affiant sweep of servers that misbehave', () => {
  let lab: Lab;
  let sshd: Sshd;
  before(async function () {
    const missing = labMissing();
    if (missing !== undefined) {
      console.error(`skipped: a sweep of servers that misbehave: ${missing}`);
      this.skip();
    }
    lab = openLab();
    sshd = await lab.start();
  });
  after(() => lab?.close());

  const known = (...lines: readonly string[]): string => knownIn(lab, lines);
  const at = (address: string): string => sshd.knownHost.replaceAll('127.0.0.1', address);
  const login = (user?: string): object => loginAt(sshd, user);
  const one = ['--only', 'host'];

  it('collects 180 of 200 servers where 20 misbehave, and says of each how', async function () {
    this.timeout(120_000);
    const kinds: readonly BadKind[] = ['hang-at-once', 'hang-after-banner', 'flood', 'not-ssh', 'hang-up'];
    const bad = await Promise.all(
      Array.from({ length: 20 }, (_unused, index) => startBad(kinds[index % kinds.length] ?? 'flood')),
    );
    try {
      const good = Array.from({ length: 180 }, (_unused, index) => ({
        name: `good-${index}`,
        address: `127.1.0.${index + 1}`,
      }));
      const hosts = {
        parallel: 20,
        knownHostsFile: known(
          ...good.map(({ address }) => at(address)),
          ...bad.map(({ port }) => at('127.0.0.1').replace(String(sshd.port), String(port))),
        ),
        defaults: { ...login(plainAccount), connectTimeoutSeconds: 5 },
        hosts: [...good, ...bad.map(({ port }, index) => ({ name: `bad-${index}`, address: '127.0.0.1', port }))],
      };
      const ran = await sweep(lab, hosts, newOut(lab), ...one);
      const outcomes = (name: RegExp): (string | undefined)[] =>
        (ran.summary?.hosts ?? [])
          .filter((host) => name.test(host.name))
          .map(({ outcome, reason }) => (outcome === 'collected' ? outcome : reason));
      assert.deepEqual([...new Set(outcomes(/^good/))], ['collected']);
      assert.equal(outcomes(/^good/).length, 180);
      const expected: Readonly<Record<BadKind, readonly string[]>> = {
        'hang-at-once': ['no-handshake'],
        'hang-after-banner': ['no-handshake'],
        flood: ['flood-before-login', 'handshake-failed'],
        'not-ssh': ['handshake-failed', 'connection-lost'],
        'hang-up': ['connection-lost', 'handshake-failed'],
      };
      for (const [index] of bad.entries()) {
        const reason = ran.host(`bad-${index}`)?.reason ?? '';
        const kind = kinds[index % kinds.length] ?? 'flood';
        assert.ok(expected[kind].includes(reason), `${kind}: ${reason}`);
      }
    } finally {
      await Promise.all(bad.map((server) => server.close()));
    }
  });

  for (const [what, more] of [
    ['both of which are known', []],
    ['the first of which was accepted', ['--accept-new']],
  ] as const)
    it(`refuses a server that changes its key in mid-sweep, for one ${what}`, async () => {
      const second = await lab.start([], { hostKey: 'other' });
      const targets = [sshd.port, second.port];
      let connections = 0;
      const door = createServer((socket) => {
        const inner = connect(targets[connections++] ?? second.port, '127.0.0.1');
        for (const [from, to] of [
          [socket, inner],
          [inner, socket],
        ] as const)
          from.on('error', () => to.destroy()).pipe(to);
      });
      await new Promise<void>((done) => door.listen(0, '127.0.0.1', done));
      const { port } = door.address() as AddressInfo;
      const lines = [sshd.knownHost, second.knownHost].map((line) => line.replace(/:\d+/, `:${port}`));
      try {
        const hosts = {
          parallel: 1,
          knownHostsFile: known(...(more.length === 0 ? lines : [])),
          defaults: { ...login(), port },
          hosts: ['before', 'later'].map((name) => ({ name, address: '127.0.0.1' })),
        };
        const ran = await sweep(lab, hosts, newOut(lab), ...one, ...more);
        const outcomes = ['before', 'later'].map((name) => [ran.host(name)?.outcome, ran.host(name)?.reason]);
        assert.deepEqual(outcomes, [
          ['collected', undefined],
          ['denied', 'host-key-changed'],
        ]);
        assert.equal(connections, 2);
      } finally {
        door.close();
        await second.stop();
      }
    });
});
