/** What a tree of processes did to the file system, as the kernel was asked: strace(1) sees every process, others' work does not disturb it. */
import type { ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** The system calls that change a file, a folder or an owner (syscalls(2)); opens are looked at by their flags. */
export const changing = [
  'open,openat,openat2,creat',
  'mkdir,mkdirat,mknod,mknodat,rmdir,unlink,unlinkat,rename,renameat,renameat2,link,linkat,symlink,symlinkat',
  'chmod,fchmod,fchmodat,chown,fchown,lchown,fchownat,truncate,ftruncate,fallocate,utime,utimes,utimensat,futimesat,setxattr,lsetxattr,fsetxattr,removexattr,lremovexattr,fremovexattr',
].join(',');

export const straceWords = (file: string): string[] => [
  '-f',
  '-qq',
  '-y',
  '-s',
  '512',
  '-e',
  `trace=${changing}`,
  '-o',
  file,
];

/** Paths that were changed, or opened to be, and where it worked. Descriptors, pipes and /dev/null are no files. */
export function changedPaths(file: string): string[] {
  const paths = new Set<string>();
  for (const line of readFileSync(file, 'utf8').split('\n')) {
    const [, call, rest] = /^\d+ +([a-z0-9]+)\((.*)$/.exec(line) ?? [];
    // What failed changed nothing; what another thread interrupted has its end on a line of its own.
    if (call === undefined || rest === undefined || / = -1 E/.test(rest)) continue;
    // apt's own scratch file never gets a name, and is gone with it (open(2), O_TMPFILE).
    if (rest.includes('O_TMPFILE')) continue;
    if (/^(?:open|openat|openat2|creat)$/.test(call) && !/O_WRONLY|O_RDWR|O_CREAT|O_TRUNC|^creat/.test(rest)) continue;
    const path = /"([^"]*)"/.exec(rest)?.[1] ?? rest;
    if (path !== '/dev/null' && path !== '/dev/tty') paths.add(path);
  }
  return [...paths].toSorted();
}

/** Resolves when strace listens. */
export function attached(strace: ChildProcess): Promise<void> {
  return new Promise((done, fail) => {
    let said = '';
    strace.stderr?.on('data', (part: Buffer) => {
      said = (said + part.toString('utf8')).slice(-8192);
      if (/attached/.test(said)) done();
    });
    strace.once('exit', () => fail(new Error(`strace did not attach: ${said}`)));
  });
}
