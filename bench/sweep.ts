/**
 * `npm run bench:sweep [SERVERS] [AT-ONCE]`: a sweep of servers on loopback against `ansible -m setup` on the same
 * servers, by the same account, key and parallelism. One sshd answers under as many addresses of 127.1.0.0/16: what
 * the servers themselves do is the same machine's work in both rows and is not in the CPU of either, which is that of
 * the program that asks with its children.
 */
import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { labMissing, openLab, rootAccount } from '../test/slow/sweep/lab.ts';
import { findProgram, type Measured } from './measure.ts';

/** Beside this process, which must go on reading what sshd logs. */
function measured(argv: readonly string[], environment: NodeJS.ProcessEnv): Promise<Measured> {
  const code = `import { measure } from ${JSON.stringify(join(import.meta.dirname, 'measure.ts'))};
    process.stdout.write(JSON.stringify(measure(${JSON.stringify(argv)})));`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', code], {
    env: environment,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  return new Promise((done, fail) => {
    let text = '';
    child.stdout.on('data', (part: Buffer) => {
      text += part.toString('utf8');
    });
    child.once('close', (status) =>
      status === 0 ? done(JSON.parse(text) as Measured) : fail(new Error('a sweep did not end well')),
    );
  });
}

const servers = Number(process.argv[2] ?? 100);
const atOnce = Number(process.argv[3] ?? 10);

const missing = labMissing();
const ansible = findProgram('ansible');
if (missing !== undefined || ansible === undefined) {
  process.stdout.write(`the sweep cannot be measured here: ${missing ?? 'ansible is not there (ansible-core)'}\n`);
  process.exit(1);
}
const lab = openLab();
try {
  const sshd = await lab.start();
  const names = Array.from({ length: servers }, (_unused, index) => `127.1.${index >> 7}.${(index & 127) + 1}`);
  const known = join(lab.folder, 'known_hosts');
  writeFileSync(known, names.map((name) => sshd.knownHost.replaceAll('127.0.0.1', name)).join(''));
  const hosts = join(lab.folder, 'hosts.yaml');
  const login = { user: rootAccount, keyFile: 'client', port: sshd.port };
  writeFileSync(
    hosts,
    JSON.stringify({
      parallel: atOnce,
      knownHostsFile: known,
      defaults: login,
      hosts: names.map((name) => ({ name: `h-${name}`, address: name })),
    }),
  );
  const inventory = join(lab.folder, 'inventory');
  writeFileSync(inventory, `${names.join('\n')}\n`);
  const variables = [
    `ansible_user=${rootAccount}`,
    `ansible_port=${sshd.port}`,
    `ansible_ssh_private_key_file=${lab.keyFile}`,
    `ansible_ssh_common_args='-F none -o UserKnownHostsFile=${known} -o ControlPath=none'`,
    'ansible_python_interpreter=/usr/bin/python3',
    `ansible_remote_tmp=${join(lab.folder, 'remote')}`,
  ].join(' ');
  const affiant = join(import.meta.dirname, '../agent/cli/affiant.mjs');
  process.stdout.write(`\n${servers} servers on loopback, ${atOnce} at once, one round each\n`);
  const environment = { ...process.env, HOME: lab.folder, AFFIANT_STATE: join(lab.folder, 'state') };
  const ours = await measured(
    [process.execPath, affiant, 'sweep', hosts, '--out', join(lab.folder, 'out')],
    environment,
  );
  const theirs = await measured(
    [ansible, 'all', '-i', inventory, '-f', String(atOnce), '-e', variables, '-m', 'setup'],
    environment,
  );
  for (const [name, { wallMs, cpuMs }] of [
    ['affiant sweep: collect, sign, one pack each', ours],
    ['ansible -m setup: facts, nothing signed', theirs],
  ] as const)
    process.stdout.write(
      `  ${name.padEnd(46)} ${(wallMs / servers).toFixed(0).padStart(6)} ms wall ${(cpuMs / servers).toFixed(0).padStart(6)} ms CPU a server\n`,
    );
  const faster = theirs.wallMs / ours.wallMs;
  const share = ours.cpuMs / theirs.cpuMs;
  process.stdout.write(
    `  ${faster >= 3 ? 'met' : 'MISSED'}  ${faster.toFixed(2)} times as fast (goal: 3)\n  ${share <= 0.5 ? 'met' : 'MISSED'}  ${share.toFixed(2)} of its CPU (goal: 0.5)\n`,
  );
} finally {
  await lab.close();
}
