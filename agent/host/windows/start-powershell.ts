/** Starts Windows PowerShell, and ends it with everything that it started. */
import { type ChildProcess, spawn } from 'node:child_process';
import { access } from 'node:fs/promises';
import { join } from 'node:path/win32';
import { codeOf, missOfErrno } from '../errno.ts';
import type { RawMiss } from '../machine.ts';
import type { StartedProcess } from '../powershell/session.ts';
import type { ProgramStart } from '../run-program.ts';
import { windowsEnvironment } from './child-environment.ts';
import type { SystemFolders } from './system-folders.ts';

/** about_PowerShell_exe: `-Command -` reads the script from standard input; nothing of it is on the command line. */
export const powershellArguments = [
  '-NoLogo',
  '-NoProfile',
  '-NonInteractive',
  '-OutputFormat',
  'Text',
  '-Command',
  '-',
];

/** Windows PowerShell 5.1 of the system folder, and no other; absent where there is none. */
export async function startPowerShell(folders: SystemFolders): Promise<StartedProcess | RawMiss> {
  const program = join(folders.system32, 'WindowsPowerShell', 'v1.0', 'powershell.exe');
  try {
    await access(program);
  } catch (error) {
    const miss = missOfErrno(error);
    return miss.outcome === 'absent' ? { outcome: 'unsupported', reason: 'no-powershell' } : miss;
  }
  return started(program, powershellArguments, folders);
}

async function started(
  program: string,
  args: readonly string[],
  folders: SystemFolders,
): Promise<StartedProcess | RawMiss> {
  let child: ChildProcess;
  try {
    child = spawn(program, args, {
      cwd: folders.system32,
      env: windowsEnvironment(folders, process.env),
      stdio: ['pipe', 'pipe', 'pipe'],
      windowsHide: true,
    });
  } catch (error) {
    return missOfStart(error);
  }
  const { promise, resolve } = Promise.withResolvers<StartedProcess | RawMiss>();
  child.once('error', (error) => resolve(missOfStart(error)));
  child.once('spawn', () => resolve({ child, kill: () => endTree(child, folders) }));
  return promise;
}

/** A policy that forbids the program (AppLocker, WDAC, SRP) makes CreateProcess fail, which Node tells as EACCES, EPERM or UNKNOWN. */
function missOfStart(error: unknown): RawMiss {
  const code = codeOf(error);
  return code === 'eacces' || code === 'eperm' || code === 'unknown'
    ? { outcome: 'denied', reason: 'powershell-blocked' }
    : { outcome: 'failed', reason: code };
}

/** taskkill /T ends the children too; TerminateProcess, which Node calls, ends the process alone and at once. */
export function endTree(child: ChildProcess, folders: SystemFolders): void {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const options = { env: windowsEnvironment(folders, process.env), stdio: 'ignore', windowsHide: true } as const;
  const killer = spawn(join(folders.system32, 'taskkill.exe'), ['/T', '/F', '/PID', String(child.pid)], options);
  killer.once('error', () => child.kill());
  killer.once('exit', () => child.kill());
  killer.unref();
}

/** How other programs are started here. */
export function windowsStart(folders: SystemFolders): ProgramStart {
  return {
    options: {
      cwd: folders.system32,
      env: windowsEnvironment(folders, process.env),
      stdio: ['ignore', 'pipe', 'pipe'],
      windowsHide: true,
    },
    end: (child) => endTree(child, folders),
    // A scanner or a busy machine closes a pipe late; no child of ours leaves one behind on purpose.
    idleMs: 2000,
  };
}
