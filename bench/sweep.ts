/**
 * `npm run bench:sweep [SERVERS] [AT-ONCE]`: a sweep of servers on loopback against `ansible -m setup` on the same
 * servers, by the same account, key and parallelism. One sshd answers under as many addresses of 127.1.0.0/16, so
 * the servers' own work is done by the same processors: it is measured apart, and is not in the CPU of the program that
 * asks, which is its own with its children. Both rows together are what the wall clock waits for.
 */
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { labMissing, openLab, rootAccount } from '../test/slow/sweep/lab.ts';
import { aptCacheAsUsual } from './apt-cache.ts';
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

type Row = Measured & { readonly serversCpuMs: number };

/** What sshd and all that it started took; ended children alone leave out who outlived his own sshd, a tenth of it. */
function serverCpu(pid: number): { readonly ms: () => number; readonly close: () => void } {
  const group = groupFor(pid);
  if (group === undefined) return { ms: () => childrenCpuMs(pid), close: () => undefined };
  return group;
}

/** A control group of its own, of either version (cgroups(7)); undefined where none can be made. */
function groupFor(pid: number): ReturnType<typeof serverCpu> | undefined {
  const ways = [
    ['/sys/fs/cgroup/cpuacct', 'cpuacct.usage', (text: string) => Number(text) / 1e6],
    ['/sys/fs/cgroup', 'cpu.stat', (text: string) => Number(/^usage_usec (\d+)$/m.exec(text)?.[1] ?? Number.NaN) / 1e3],
  ] as const;
  for (const [root, file, msOf] of ways) {
    const group = join(root, `affiant-bench-${process.pid}`);
    const home = join(root, 'cgroup.procs');
    try {
      mkdirSync(group);
      writeFileSync(join(group, 'cgroup.procs'), String(pid));
      const ms = (): number => msOf(readFileSync(join(group, file), 'utf8'));
      const close = (): void => {
        for (const left of readFileSync(join(group, 'cgroup.procs'), 'utf8').split('\n').filter(Boolean))
          writeFileSync(home, left);
        rmdirSync(group);
      };
      if (!Number.isNaN(ms())) return { ms, close };
      close();
    } catch {
      if (existsSync(group)) rmdirSync(group);
    }
  }
  return undefined;
}

/** What ended children of this process took, with theirs: cutime and cstime of proc_pid_stat(5), in ticks of 10 ms. */
function childrenCpuMs(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  return (Number(fields[13]) + Number(fields[14])) * 10;
}

/** sshd waits for the last of its children a moment after they have hung up. */
async function settled(pid: number): Promise<void> {
  const childless = `/proc/${pid}/task/${pid}/children`;
  while (readFileSync(childless, 'utf8').trim() !== '')
    await new Promise((done) => {
      setTimeout(done, 20);
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
const cleanUp = aptCacheAsUsual();
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
  const sshdPid = sshd.child.pid ?? 0;
  const spent = serverCpu(sshdPid);
  const row = async (argv: readonly string[]): Promise<Row> => {
    await settled(sshdPid);
    const before = spent.ms();
    const asker = await measured(argv, environment);
    await settled(sshdPid);
    return { ...asker, serversCpuMs: spent.ms() - before };
  };
  const ours = await row([process.execPath, affiant, 'sweep', hosts, '--out', join(lab.folder, 'out')]);
  const theirs = await row([ansible, 'all', '-i', inventory, '-f', String(atOnce), '-e', variables, '-m', 'setup']);
  spent.close();
  const each = (milliseconds: number): string => `${(milliseconds / servers).toFixed(0).padStart(6)} ms`;
  process.stdout.write(`  ${'a server:'.padEnd(46)}      wall   CPU of the asker   CPU of the server\n`);
  for (const [name, { wallMs, cpuMs, serversCpuMs }] of [
    ['affiant sweep: collect, sign, one pack each', ours],
    ['ansible -m setup: facts, nothing signed', theirs],
  ] as const)
    process.stdout.write(
      `  ${name.padEnd(46)} ${each(wallMs)}          ${each(cpuMs)}           ${each(serversCpuMs)}\n`,
    );
  const busy = ({ wallMs, cpuMs, serversCpuMs }: Row): string =>
    (((cpuMs + serversCpuMs) / wallMs / availableParallelism()) * 100).toFixed(0);
  const faster = theirs.wallMs / ours.wallMs;
  const share = ours.cpuMs / theirs.cpuMs;
  process.stdout.write(
    `  the ${availableParallelism()} processors that both ends share were busy with it for ${busy(ours)} and ${busy(theirs)} % of the time\n` +
      `  ${faster >= 3 ? 'met' : 'MISSED'}  ${faster.toFixed(2)} times as fast (goal: 3)\n  ${share <= 0.5 ? 'met' : 'MISSED'}  ${share.toFixed(2)} of its CPU (goal: 0.5)\n`,
  );
} finally {
  cleanUp();
  await lab.close();
}
