/** One SSH connection to one server: its key proved first, bounded in time and bytes, no secret on any command line. */
import { connect as connectTcp } from 'node:net';
import type { Duplex } from 'node:stream';
import { Client, type ClientChannel, type ConnectConfig } from 'ssh2';
import { codeOf } from '../errno.ts';
import type { Raw } from '../machine.ts';
import { keepKeyObjects, writeOnceATurn } from './cheap-packets.ts';
import { failed, failureOf, type HostFailure, type Reached } from './failure.ts';
import type { HostKeyRule, HostKeySeen } from './host-key.ts';
import { identificationIn } from './identification.ts';

export type Login = {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  /** PEM or OpenSSH's own form. */
  readonly privateKey?: string;
  readonly passphrase?: string;
  readonly password?: string;
  /** The socket of an agent. */
  readonly agent?: string;
  readonly timeoutMs: number;
};

export type Connection = {
  readonly hostKey: HostKeySeen;
  /** How the server names itself (RFC 4253 section 4.2). */
  readonly identification: string;
  /** A channel that runs this line; a refused one is a miss. */
  readonly exec: (line: string) => Promise<Raw<ClientChannel>>;
  /** A channel of the subsystem `sftp`. */
  readonly sftp: () => Promise<Raw<Duplex>>;
  /** A stream to another server, as a jump host opens it. */
  readonly forward: (host: string, port: number) => Promise<Raw<Duplex>>;
  /** Why the connection ended; undefined while it stands. */
  readonly lost: () => HostFailure | undefined;
  readonly end: () => void;
};

/** Before the login a server has nothing to say but a banner and its algorithms. */
const maxBytesBeforeLogin = 1024 * 1024;
/** What may come before the line by which it names itself. */
const headBytes = 8192;
const farewellMs = 2000;
/** Everything of one server together, many times what a large one sends. */
const maxBytes = 1024 * 1024 * 1024;

/** `via` is the stream through a jump host; without it a TCP connection is made. */
export async function connect(login: Login, rule: HostKeyRule, via?: Duplex): Promise<Reached<Connection>> {
  const socket = via ?? tcpTo(login);
  const client = new Client();
  keepKeyObjects(client);
  const { promise, resolve } = Promise.withResolvers<Reached<Connection>>();
  const place = `${login.host}, port ${login.port}`;
  let hostKey: HostKeySeen | undefined;
  let fault: { ok: false; failure: HostFailure } | undefined;
  let received = 0;
  let isReady = false;
  let head = Buffer.alloc(0);

  const end = (why: { ok: false; failure: HostFailure }): void => {
    fault ??= why;
    clearTimeout(deadline);
    client.destroy();
    socket.destroy();
    resolve(fault);
  };
  // ssh2's own waits for the handshake alone; a server may hang at any point of the login.
  const deadline = setTimeout(
    () =>
      end(
        failed(
          'timed-out',
          hostKey === undefined ? 'no-handshake' : 'no-login',
          `${place} did not finish the login in ${login.timeoutMs / 1000} s`,
          'look whether its sshd is overloaded (MaxStartups), waits for a name server (UseDNS) or is no sshd',
        ),
      ),
    login.timeoutMs,
  );
  socket.on('data', (chunk: Buffer) => {
    received += chunk.length;
    if (head.length < headBytes) head = Buffer.concat([head, chunk]).subarray(0, headBytes);
    if (!isReady && received > maxBytesBeforeLogin)
      end(
        failed(
          'failed',
          'flood-before-login',
          `${place} sent more than ${maxBytesBeforeLogin} bytes before the login`,
          'it is no sshd, or means harm: look at what listens there',
        ),
      );
    else if (received > maxBytes)
      end(failed('failed', 'flood', `${place} sent more than ${maxBytes} bytes`, 'look at what that server does'));
  });
  socket.on('error', () => undefined);
  client.on('ready', () => {
    clearTimeout(deadline);
    isReady = true;
    if (hostKey === undefined)
      return end(failed('failed', 'no-host-key', `${place} showed no key`, 'look at its sshd'));
    resolve({
      ok: true,
      value: over(client, socket, { hostKey, identification: identificationIn(head) ?? '' }, () => fault?.failure),
    });
  });
  client.on('error', (error: Error & { level?: string }) => end(failureOfError(error, login, place)));
  client.on('close', () =>
    end(failed('failed', 'connection-lost', `${place} closed the connection`, 'look at the log of its sshd')),
  );
  client.on('keyboard-interactive', (_name, _instructions, _language, prompts, answer) => {
    // One hidden question is the password; anything else is a second factor, which a sweep has not.
    const [first, ...more] = prompts;
    answer(
      first !== undefined && more.length === 0 && first.echo !== true && login.password !== undefined
        ? [login.password]
        : [],
    );
  });
  const settings: ConnectConfig = {
    sock: socket,
    username: login.user,
    readyTimeout: login.timeoutMs,
    keepaliveInterval: 15_000,
    keepaliveCountMax: 3,
    authHandler: methodsOf(login) as never,
    ...(login.privateKey !== undefined && { privateKey: login.privateKey }),
    ...(login.passphrase !== undefined && { passphrase: login.passphrase }),
    ...(login.password !== undefined && { password: login.password, tryKeyboard: true }),
    ...(login.agent !== undefined && { agent: login.agent }),
    algorithms: { serverHostKey: [...rule.algorithms] as never },
    hostVerifier: (blob: Buffer) => {
      const seen = rule.judge(blob);
      if (seen.ok) hostKey = seen.value;
      else fault ??= failureOf('denied', seen.refusal);
      return seen.ok;
    },
  };
  try {
    client.connect(settings);
  } catch (error) {
    // Its parser of keys says which key it cannot read, never what stands in it.
    const word = error instanceof Error ? (error.message.split('\n', 1)[0] ?? '') : '';
    end(
      failed(
        'failed',
        'key-unusable',
        `the private key for ${place} cannot be used: ${word}`,
        'give keyFile a private key in OpenSSH or PEM form, and passphraseFile where it has a passphrase',
      ),
    );
  }
  return await promise;
}

function tcpTo({ host, port }: Login): Duplex {
  const socket = connectTcp({ host, port, noDelay: true });
  writeOnceATurn(socket);
  return socket;
}

/** What is offered, in this order, and nothing that was not given. `none` is never tried. */
function methodsOf({ privateKey, agent, password }: Login): string[] {
  return [
    ...(privateKey === undefined ? [] : ['publickey']),
    ...(agent === undefined ? [] : ['agent']),
    ...(password === undefined ? [] : ['password', 'keyboard-interactive']),
  ];
}

function over(
  client: Client,
  socket: Duplex,
  about: Pick<Connection, 'hostKey' | 'identification'>,
  lost: () => HostFailure | undefined,
): Connection {
  const asked = <T>(ask: (done: (error: Error | undefined, channel: T) => void) => void): Promise<Raw<T>> =>
    new Promise((resolve) => {
      if (lost() !== undefined) return resolve({ outcome: 'failed', reason: 'connection-lost' });
      const onClose = (): void => resolve({ outcome: 'failed', reason: 'connection-lost' });
      client.once('close', onClose);
      const done = (error: Error | undefined, channel: T): void => {
        client.off('close', onClose);
        resolve(
          error === undefined ? { outcome: 'ok', value: channel } : { outcome: 'denied', reason: 'channel-refused' },
        );
      };
      try {
        ask(done);
      } catch {
        resolve({ outcome: 'failed', reason: 'connection-lost' });
      }
    });
  client.setMaxListeners(0);
  return {
    ...about,
    exec: (line) => asked((done) => client.exec(line, done)),
    sftp: () => asked<Duplex>((done) => client.subsys('sftp', done)),
    forward: (host, port) => asked<Duplex>((done) => client.forwardOut('127.0.0.1', 0, host, port, done)),
    lost,
    end: () => {
      client.end();
      // A server that does not answer the farewell.
      setTimeout(() => socket.destroy(), farewellMs).unref();
    },
  };
}

function failureOfError(
  error: Error & { level?: string },
  login: Login,
  place: string,
): { ok: false; failure: HostFailure } {
  const code = codeOf(error);
  if (error.level === 'client-authentication')
    return failed(
      'denied',
      'login-refused',
      `${place} does not let ${login.user} in`,
      `look at the log of its sshd; what was offered: ${methodsOf(login).join(', ') || 'nothing, since no key, agent or password is configured'}`,
    );
  if (error.level === 'agent')
    return failed(
      'failed',
      'agent-unusable',
      'the SSH agent does not answer',
      'start it (ssh-agent), load the key (ssh-add), and look at agent in the hosts file',
    );
  if (error.level === 'client-timeout')
    return failed(
      'timed-out',
      'no-handshake',
      `${place} does not go on`,
      'look whether it is an sshd, and whether it is overloaded',
    );
  switch (code) {
    case 'enotfound':
    case 'eai-again':
      return failed(
        'absent',
        'no-such-host',
        `${login.host} has no address (${code})`,
        'correct address in the hosts file, or look at the name server',
      );
    case 'econnrefused':
      return failed(
        'absent',
        'connection-refused',
        `nothing listens at ${place}`,
        'start sshd there, or correct port in the hosts file',
      );
    case 'ehostunreach':
    case 'enetunreach':
    case 'etimedout':
      return failed(
        'timed-out',
        code,
        `${place} cannot be reached (${code})`,
        'look at the network, the firewall, and whether the server is up',
      );
    case 'econnreset':
    case 'epipe':
      return failed(
        'failed',
        'connection-lost',
        `${place} broke the connection`,
        'look at the log of its sshd (MaxStartups, fail2ban)',
      );
    default:
      return failed(
        'failed',
        error.level === 'handshake' || error.level === 'protocol' || code === 'unknown-error'
          ? 'handshake-failed'
          : code,
        `${place}: ${(error.message.split('\n', 1)[0] ?? '').slice(0, 200)}`,
        'look at its sshd: which algorithms it takes (sshd -T), and whether it is one',
      );
  }
}
