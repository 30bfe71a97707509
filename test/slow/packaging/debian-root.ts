/** A small Debian in a folder of its own, that goes away; programs in it see its files and no other processes. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, lstatSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';

/** What test/judges/debian-root.sh made. */
export const archive = join(
  process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'),
  'affiant-test/debian-bookworm-essential.tar',
);

export type Ran = { readonly code: number | null; readonly said: string };

export class DebianRoot {
  readonly folder: string;
  private readonly home: string = mkdtempSync(join(tmpdir(), 'affiant-debian-'));
  private readonly isLayer: boolean;

  /** A fresh one, or one that begins as `below` stands: what is written over it is held in memory, and goes with it. */
  constructor(below?: DebianRoot) {
    this.isLayer = below !== undefined;
    this.folder = below === undefined ? this.home : join(this.home, 'root');
    if (below === undefined) must('tar', '-xf', archive, '-C', this.folder);
    else this.mountOver(below.folder);
  }

  private mountOver(lower: string): void {
    must('mount', '-t', 'tmpfs', 'affiant-layer', this.home);
    for (const name of ['root', 'upper', 'work']) mkdirSync(join(this.home, name));
    const options = `lowerdir=${lower},upperdir=${join(this.home, 'upper')},workdir=${join(this.home, 'work')}`;
    must('mount', '-t', 'overlay', '-o', options, 'affiant-layer', this.folder);
  }

  static isPrepared(): boolean {
    return existsSync(archive);
  }

  private argv(outside: boolean, argv: readonly string[]): string[] {
    // The mounts and all processes go with the namespaces.
    const script = `root=$1; shift; mount -t proc proc "$root/proc"; mount --rbind /dev "$root/dev"; exec ${outside ? '' : 'chroot "$root"'} "$@"`;
    return ['--mount', '--pid', '--fork', '--kill-child', 'sh', '-c', script, 'sh', this.folder, ...argv];
  }

  /** Runs a program of the root in it. */
  run(...argv: readonly string[]): Ran {
    return this.started(this.argv(false, argv));
  }

  /** Runs affiant as its unit does, under the user that the package made. */
  affiant(...args: readonly string[]): Ran {
    const user = ['--reuid=affiant', '--regid=affiant', '--clear-groups'];
    return this.run('setpriv', ...user, 'env', 'AFFIANT_STATE=/var/lib/affiant', '/usr/bin/affiant', ...args);
  }

  /** Runs a program of this machine, which is told the folder, beside the mounts. */
  runOutside(...argv: readonly string[]): Ran {
    return this.started(this.argv(true, argv));
  }

  private started(argv: readonly string[]): Ran {
    const done = spawnSync('unshare', argv, {
      encoding: 'utf8',
      env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', DEBIAN_FRONTEND: 'noninteractive' },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    return { code: done.status, said: `${done.stdout}${done.stderr}` };
  }

  /** Starts a program in the root, to be killed with all that it started. */
  start(...argv: readonly string[]): ChildProcess {
    return this.begun(this.argv(false, argv));
  }

  /** Starts a program of this machine, as `runOutside` runs it, to be killed likewise. */
  startOutside(...argv: readonly string[]): ChildProcess {
    return this.begun(this.argv(true, argv));
  }

  private begun(argv: readonly string[]): ChildProcess {
    return spawn('unshare', argv, {
      env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', DEBIAN_FRONTEND: 'noninteractive' },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  }

  /** One digest over names, rights, owners and contents below a folder of the root. */
  digestOf(path: string): string {
    const digest = createHash('sha256');
    for (const name of this.list(path)) {
      const file = join(this.folder, path, name);
      const { mode, uid, gid } = lstatSync(file);
      digest.update(`${name} ${mode} ${uid} ${gid}\n`);
      if (lstatSync(file).isFile()) digest.update(readFileSync(file));
    }
    return digest.digest('hex');
  }

  list(path: string): string[] {
    return readdirSync(join(this.folder, path), { recursive: true, encoding: 'utf8' }).toSorted();
  }

  /** Every path of the root that carries our name. By find(1) in it: Node would follow links out of the root. */
  traces(): string[] {
    const { said } = this.run('find', '/', '-xdev', '-name', '*affiant*');
    return said.split('\n').filter((line) => line !== '');
  }

  remove(): void {
    if (this.isLayer) {
      must('umount', this.folder);
      must('umount', this.home);
    }
    rmSync(this.home, { recursive: true, force: true });
  }
}

function must(program: string, ...args: readonly string[]): void {
  const done = spawnSync(program, args, { encoding: 'utf8' });
  if (done.status !== 0) throw new Error(`${program} ${args.join(' ')}: ${done.stderr}`);
}
