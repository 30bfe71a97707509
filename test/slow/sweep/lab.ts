/**
 * Real sshd on loopback, with a plain account and one that is root, both with /bin/sh and nothing in their homes.
 * What the login shell of the machine's own root runs at every start is none of our business.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';

const number = process.pid % 100_000;
export const plainAccount = `affsw${number}`;
export const rootAccount = `affsr${number}`;

export type Lab = {
  readonly folder: string;
  /** The private key of both accounts. */
  readonly keyFile: string;
  /** The file of the password that the plain account has. */
  readonly passwordFile: string;
  /** Starts sshd on these further lines, and answers its port and its line of known_hosts. */
  start(
    lines?: readonly string[],
    options?: { readonly hostKey?: string; readonly port?: number; readonly program?: string },
  ): Promise<Sshd>;
  close(): Promise<void>;
};

export type Sshd = {
  readonly port: number;
  readonly knownHost: string;
  readonly child: ChildProcess;
  stop(): Promise<void>;
};

/** Why the lab cannot be built here, or undefined. */
export function labMissing(...more: readonly string[]): string | undefined {
  if (process.getuid?.() !== 0) return 'it needs root';
  const missing = [
    '/usr/sbin/sshd',
    '/usr/bin/ssh-keygen',
    '/usr/lib/openssh/sftp-server',
    '/usr/sbin/useradd',
    ...more,
  ].find((path) => !existsSync(path));
  return missing === undefined ? undefined : `${missing} is not there`;
}

export function openLab(): Lab {
  mkdirSync('/run/sshd', { recursive: true, mode: 0o755 });
  const folder = mkdtempSync('/var/lib/affiant-sweep-');
  const running: Sshd[] = [];
  const remove = (): void => {
    for (const { child } of running) child.kill('SIGKILL');
    for (const user of [plainAccount, rootAccount]) spawnSync('userdel', ['-f', user]);
    rmSync(folder, { recursive: true, force: true });
  };
  // Whatever ends the run, the machine is as it was.
  process.once('exit', remove);
  spawnSync('chmod', ['755', folder]);
  const password = `pw-${number}-${Math.random().toString(36).slice(2)}`;
  const hash = must('openssl', ['passwd', '-6', '-stdin'], password).trim();
  must('useradd', ['-M', '-d', '/nonexistent', '-s', '/bin/sh', '-p', hash, plainAccount]);
  must('useradd', ['-M', '-d', '/nonexistent', '-s', '/bin/sh', '-p', '*', '-o', '-u', '0', '-g', '0', rootAccount]);
  for (const name of ['host', 'other', 'client'])
    must('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', '', '-f', join(folder, name)]);
  writeFileSync(join(folder, 'authorized'), readFileSync(join(folder, 'client.pub')), { mode: 0o644 });
  writeFileSync(join(folder, 'password'), `${password}\n`, { mode: 0o600 });
  const start: Lab['start'] = async (lines = [], { hostKey = 'host', port = 0, program = '/usr/sbin/sshd' } = {}) => {
    const at = port === 0 ? await freePort() : port;
    const config = join(folder, `config-${at}`);
    const base = [
      `Port ${at}`,
      'ListenAddress 0.0.0.0',
      `HostKey ${join(folder, hostKey)}`,
      `PidFile ${join(folder, `pid-${at}`)}`,
      'StrictModes no',
      'UsePAM no',
      'PermitRootLogin yes',
      `AuthorizedKeysFile ${join(folder, 'authorized')}`,
      'MaxStartups 400',
      'LogLevel VERBOSE',
    ];
    writeFileSync(config, `${[...lines, ...base].join('\n')}\n`);
    const child = spawn(program, ['-D', '-e', '-f', config], { stdio: ['ignore', 'ignore', 'pipe'] });
    await listening(child);
    const sshd: Sshd = {
      port: at,
      knownHost: `[127.0.0.1]:${at} ${readFileSync(join(folder, `${hostKey}.pub`), 'utf8').trim()}\n`,
      child,
      stop: () =>
        new Promise((done) => {
          if (child.exitCode !== null || child.signalCode !== null) return done();
          child.once('exit', () => done());
          child.kill('SIGTERM');
        }),
    };
    running.push(sshd);
    return sshd;
  };
  return {
    folder,
    keyFile: join(folder, 'client'),
    passwordFile: join(folder, 'password'),
    start,
    close: async () => {
      process.removeListener('exit', remove);
      await Promise.all(running.map((sshd) => sshd.stop()));
      remove();
    },
  };
}

function listening(child: ChildProcess): Promise<void> {
  return new Promise((done, fail) => {
    let said = '';
    child.stderr?.on('data', (part: Buffer) => {
      said = (said + part.toString('utf8')).slice(-8192);
      if (said.includes('Server listening')) done();
    });
    child.once('exit', () => fail(new Error(`sshd did not start: ${said}`)));
  });
}

export function must(program: string, args: readonly string[], input = ''): string {
  const run = spawnSync(program, args, { input, encoding: 'utf8' });
  if (run.status !== 0) throw new Error(`${program} ended with ${run.status}: ${run.stderr}`);
  return run.stdout;
}

export function freePort(): Promise<number> {
  return new Promise((done, fail) => {
    const server = createServer();
    server.once('error', fail);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => done(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}
