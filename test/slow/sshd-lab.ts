/**
 * A real sshd on loopback with accounts, keys and one-time codes of its own. It runs under a name of its
 * own, which is its PAM service: the machine's own files for sshd stay as they are.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { createHmac, randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';

export const service = `sshd-affiant-${process.pid}`;
export const account = `affmfa${process.pid % 10_000}`;
const pamFile = `/etc/pam.d/${service}`;

export type Factors = { readonly key: boolean; readonly password: boolean; readonly code: boolean };

export type Lab = {
  readonly folder: string;
  readonly program: string;
  /** PAM lines of the service; `@secret` stands for the place of the codes' secrets. */
  writePam(lines: readonly string[]): void;
  /** Starts sshd on these lines; `@` in them stands for the lab's folder. */
  start(lines: readonly string[]): Promise<Running>;
  close(): void;
};

export type Running = {
  readonly configFile: string;
  /** Whether somebody who has just these factors gets in. */
  login(user: string, factors: Factors, from: string): Promise<boolean>;
  stop(): Promise<void>;
};

/** Why the lab cannot be built here, or undefined. */
export function labMissing(): string | undefined {
  if (process.getuid?.() !== 0) return 'it needs root';
  const missing = [
    '/usr/sbin/sshd',
    '/usr/bin/ssh',
    '/usr/bin/ssh-keygen',
    '/usr/sbin/useradd',
    '/usr/sbin/chpasswd',
  ].find((path) => !existsSync(path));
  if (missing !== undefined) return `${missing} is not there`;
  const module = spawnSync('find', ['/usr/lib', '/lib', '-name', 'pam_google_authenticator.so'], {
    encoding: 'utf8',
  }).stdout.trim();
  return module === '' ? 'libpam-google-authenticator is not there' : undefined;
}

export function openLab(): Lab {
  mkdirSync('/run/sshd', { recursive: true, mode: 0o755 });
  const folder = mkdtempSync('/var/lib/affiant-lab-');
  const program = join(folder, service);
  const password = randomBytes(12).toString('hex');
  const secret = base32(randomBytes(16));
  const close = (): void => {
    rmSync(pamFile, { force: true });
    spawnSync('userdel', ['-r', account]);
    rmSync(folder, { recursive: true, force: true });
  };
  // Whatever ends the run, the machine is as it was.
  process.once('exit', close);
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => process.exit(1));
  symlinkSync('/usr/sbin/sshd', program);
  must('useradd', ['-m', '-s', '/bin/sh', '-G', 'sudo', account]);
  must('chpasswd', [], `${account}:${password}\n`);
  for (const name of ['host', 'client'])
    must('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', '', '-f', join(folder, name)]);
  mkdirSync(join(folder, 'keys'));
  mkdirSync(join(folder, 'codes'), { mode: 0o700 });
  const publicKey = spawnSync('cat', [join(folder, 'client.pub')], { encoding: 'utf8' }).stdout;
  for (const user of [account, 'root']) {
    writeFileSync(join(folder, 'keys', user), publicKey);
    writeFileSync(join(folder, 'codes', user), `${secret}\n" WINDOW_SIZE 5\n" TOTP_AUTH\n`, { mode: 0o400 });
  }
  // It answers each question by its words; who lacks a factor answers something wrong.
  writeFileSync(
    join(folder, 'askpass'),
    '#!/bin/sh\ncase "$1" in\n*erification*) echo "$LAB_CODE" ;;\n*) echo "$LAB_PASSWORD" ;;\nesac\n',
    { mode: 0o700 },
  );
  spawnSync('chmod', ['755', folder]);
  return {
    folder,
    program,
    writePam: (lines) =>
      writeFileSync(
        pamFile,
        lines.map((line) => `${line.replaceAll('@secret', `${folder}/codes/\${USER}`)}\n`).join(''),
      ),
    start: (lines) => startServer(folder, program, lines, { password, secret }),
    close: () => {
      process.removeListener('exit', close);
      close();
    },
  };
}

type Secrets = { readonly password: string; readonly secret: string };

async function startServer(
  folder: string,
  program: string,
  lines: readonly string[],
  secrets: Secrets,
): Promise<Running> {
  const port = await freePort();
  const configFile = join(folder, `config-${port}`);
  const base = [
    `Port ${port}`,
    'ListenAddress 127.0.0.1',
    `HostKey ${folder}/host`,
    `PidFile ${folder}/pid-${port}`,
    'StrictModes no',
    'LoginGraceTime 20',
    'PerSourceMaxStartups none',
    'MaxStartups 100',
  ];
  writeFileSync(configFile, [...base, ...lines].map((line) => `${line.replaceAll('@/', `${folder}/`)}\n`).join(''));
  const child = spawn(program, ['-D', '-e', '-f', configFile], { stdio: ['ignore', 'ignore', 'pipe'] });
  await listening(child);
  return {
    configFile,
    login: (user, factors, from) => login(folder, port, user, factors, from, secrets),
    stop: () =>
      new Promise((done) => {
        child.once('exit', () => done());
        child.kill('SIGTERM');
      }),
  };
}

function listening(child: ChildProcess): Promise<void> {
  return new Promise((done, fail) => {
    let said = '';
    child.stderr?.on('data', (part: Buffer) => {
      said += part.toString('utf8');
      if (said.includes('Server listening')) done();
    });
    child.once('exit', () => fail(new Error(`sshd did not start: ${said}`)));
  });
}

function login(
  folder: string,
  port: number,
  user: string,
  factors: Factors,
  from: string,
  { password, secret }: Secrets,
): Promise<boolean> {
  const options = [
    'StrictHostKeyChecking=no',
    'UserKnownHostsFile=/dev/null',
    'LogLevel=ERROR',
    'IdentitiesOnly=yes',
    'IdentityAgent=none',
    'NumberOfPasswordPrompts=1',
    'ConnectTimeout=15',
    'GSSAPIAuthentication=no',
    // Nothing here is about the key exchange, and the one against quantum computers costs most of a login.
    'KexAlgorithms=curve25519-sha256',
    `PubkeyAuthentication=${factors.key ? 'yes' : 'no'}`,
  ];
  const args = [
    '-F',
    'none',
    '-b',
    from,
    '-p',
    String(port),
    '-i',
    join(folder, 'client'),
    ...options.flatMap((option) => ['-o', option]),
    `${user}@127.0.0.1`,
    'true',
  ];
  const environment = {
    PATH: '/usr/bin:/bin',
    HOME: folder,
    DISPLAY: ':0',
    SSH_ASKPASS: join(folder, 'askpass'),
    SSH_ASKPASS_REQUIRE: 'force',
    LAB_PASSWORD: factors.password ? password : 'not-the-password',
    LAB_CODE: factors.code ? codeNow(secret) : '000000',
  };
  return new Promise((done) => {
    const child = spawn('/usr/bin/ssh', args, { env: environment, stdio: 'ignore' });
    child.once('exit', (code) => done(code === 0));
  });
}

function must(program: string, args: readonly string[], input = ''): void {
  const run = spawnSync(program, args, { input, encoding: 'utf8' });
  if (run.status !== 0) throw new Error(`${program} ended with ${run.status}: ${run.stderr}`);
}

function freePort(): Promise<number> {
  return new Promise((done, fail) => {
    const server = createServer();
    server.once('error', fail);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => done(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}

/** RFC 4648 section 6. */
function base32(bytes: Uint8Array): string {
  const bits = [...bytes].map((byte) => byte.toString(2).padStart(8, '0')).join('');
  return (bits.match(/.{1,5}/g) ?? [])
    .map((five) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.charAt(Number.parseInt(five.padEnd(5, '0'), 2)))
    .join('');
}

/** RFC 6238, 30 seconds, six digits. */
function codeNow(secret: string): string {
  const bits = secret
    .split('')
    .map((char) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(char).toString(2).padStart(5, '0'))
    .join('');
  const key = Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2)));
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000)));
  const mac = createHmac('sha1', key).update(counter).digest();
  const at = (mac.at(-1) ?? 0) & 15;
  return String((mac.readUInt32BE(at) & 0x7fffffff) % 1_000_000).padStart(6, '0');
}
