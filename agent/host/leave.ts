import { storageIsStuck } from './access-guard.ts';
import { isExecutable, type OwnPart, ownFile } from './own-program.ts';

/**
 * Ends the process under this exit code where a file access never came back, and does nothing
 * otherwise. Node waits at its end, even in process.exit, for the threads of such accesses, so the
 * agent would hang as long as the storage does. execve(2) ends every thread and keeps the process id,
 * so whoever waits for us gets the code. Call it last, when all is written.
 */
export function leaveIfStuck(exitCode: number): void {
  if (!storageIsStuck()) return;
  const part: OwnPart = 'internal:leave';
  const argv = isExecutable ? ['affiant', part, String(exitCode)] : ['node', '--eval', `process.exit(${exitCode})`];
  process.execve?.(ownFile, argv, {});
  process.kill(process.pid, 'SIGKILL');
}
