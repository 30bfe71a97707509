/**
 * A machine for the tests of our units: a real systemd as PID 1 in namespaces of its own, over a copy-on-write view of
 * this machine's files. It sees neither our processes nor our network, and what it writes is gone with it.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';

const systemd = '/lib/systemd/systemd';
const groupFolders = ['/sys/fs/cgroup', '/sys/fs/cgroup/unified'];

/** What is missing here to boot one; undefined where it can be tried. */
export function missingForBoot(): string | undefined {
  if (process.getuid?.() !== 0) return 'root';
  const program = [systemd, '/usr/bin/unshare', '/usr/bin/nsenter', '/usr/bin/setpriv'].find(
    (path) => !existsSync(path),
  );
  if (program !== undefined) return program;
  if (!readFileSync('/proc/filesystems', 'utf8').includes('overlay')) return 'overlayfs';
  return groupRoot() === undefined ? 'cgroup v2' : undefined;
}

function groupRoot(): string | undefined {
  return groupFolders.find(
    (folder) =>
      existsSync(join(folder, 'cgroup.procs')) &&
      !existsSync(join(folder, 'cgroup.kill')) &&
      existsSync(join(folder, 'cgroup.controllers')),
  );
}

export type Booted = {
  /** A file as the machine sees it. */
  readonly path: (inside: string) => string;
  /** Runs a program in it, as its root unless the argv says otherwise. */
  readonly run: (...argv: readonly string[]) => {
    readonly code: number | null;
    readonly out: string;
    readonly err: string;
  };
  readonly halt: () => Promise<void>;
};

/** Boots with further files, by absolute path, laid over those of this machine. */
export async function boot(files: Readonly<Record<string, string>>): Promise<Booted> {
  const home = mkdtempSync(join(tmpdir(), 'affiant-systemd-'));
  for (const [path, text] of Object.entries({ ...files, '/etc/systemd/system/affiant-test.target': target })) {
    mkdirSync(dirname(join(home, 'over', path)), { recursive: true });
    writeFileSync(join(home, 'over', path), text);
  }
  for (const folder of ['root', 'up']) mkdirSync(join(home, folder));
  writeFileSync(join(home, 'boot.sh'), bootScript(home));
  const group = join(groupRoot() ?? '', `affiant-test-${process.pid}`);
  mkdirSync(group);
  const enter = `echo $$ > ${group}/cgroup.procs; exec unshare --pid --mount --fork --kill-child --cgroup --uts --ipc --net sh ${home}/boot.sh`;
  const child = spawn('/bin/sh', ['-c', enter], {
    env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', container: 'affiant-test' },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const halt = async (): Promise<void> => {
    writeFileSync(join(group, 'cgroup.kill'), '1');
    while (readFileSync(join(group, 'cgroup.events'), 'utf8').includes('populated 1')) await wait(20);
    spawnSync('/usr/bin/find', [group, '-mindepth', '1', '-depth', '-type', 'd', '-exec', 'rmdir', '{}', ';']);
    rmdirSync(group);
    rmSync(home, { recursive: true, force: true });
  };
  try {
    return await started(child, halt);
  } catch (error) {
    await halt();
    throw error;
  }
}

async function started(child: ChildProcess, halt: () => Promise<void>): Promise<Booted> {
  const deadline = Date.now() + 60_000;
  for (;;) {
    const pid = childOf(child.pid ?? 0);
    if (pid !== undefined) {
      const run: Booted['run'] = (...argv) => {
        const ran = spawnSync(
          '/usr/bin/nsenter',
          ['--target', pid, '--all', '--root', '--', '/usr/bin/env', '--chdir=/', ...argv],
          {
            encoding: 'utf8',
            maxBuffer: 1 << 28,
            timeout: 120_000,
            env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C.UTF-8', SYSTEMD_PAGER: '', SYSTEMD_COLORS: '0' },
          },
        );
        return { code: ran.status, out: ran.stdout, err: ran.stderr };
      };
      if (run('/usr/bin/systemctl', 'is-active', 'affiant-test.target').out.trim() === 'active')
        return { path: (inside) => join('/proc', pid, 'root', inside), run, halt };
    }
    if (child.exitCode !== null || Date.now() > deadline) throw new Error(`systemd did not boot (${child.exitCode})`);
    await wait(100);
  }
}

/** The process that unshare(1) forked: PID 1 in there. */
function childOf(pid: number): string | undefined {
  const found = spawnSync('/usr/bin/pgrep', ['-P', String(pid)], { encoding: 'utf8' }).stdout.trim();
  return found === '' ? undefined : found.split('\n')[0];
}

const target = `[Unit]
Description=What the tests need
Requires=sysinit.target dbus.socket
After=sysinit.target dbus.socket
AllowIsolate=yes
`;

function bootScript(home: string): string {
  return `set -eu
mount --make-rprivate /
mount -t tmpfs tmpfs ${home}/up
mkdir ${home}/up/u ${home}/up/w
cp -r ${home}/over/. ${home}/up/u/
mount -t overlay overlay -o lowerdir=/,upperdir=${home}/up/u,workdir=${home}/up/w ${home}/root
cd ${home}/root
mount -t proc proc proc
mount -t sysfs sysfs sys
mount -t tmpfs -o mode=755 tmpfs run
mount -t tmpfs tmpfs tmp
mount --rbind /dev dev
mount -t cgroup2 cgroup2 sys/fs/cgroup
# As systemd makes its own where it is no container: else no unit sees the credentials that another process of it mounted.
mount --make-rshared ${home}/root
exec chroot . ${systemd} --unit=affiant-test.target --log-target=null
`;
}
