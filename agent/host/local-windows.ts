/** The Windows machine that we run on. */
import { arch, hostname, release, version } from 'node:os';
import { join } from 'node:path/win32';
import { decodeBytes } from '../../collectors/text.ts';
import { createAccessGuard } from './access-guard.ts';
import type { RegistryKey } from './host.ts';
import type { Limits, Machine, Raw, RawRun } from './machine.ts';
import { createSession, type SessionOptions } from './powershell/session.ts';
import { runProgram } from './run-program.ts';
import { startOf } from './windows/batch-file.ts';
import { parseRegQuery } from './windows/reg-query.ts';
import { fullKey } from './windows/registry-batch.ts';
import { startPowerShell, windowsStart } from './windows/start-powershell.ts';
import { ownSystemFolders, type SystemFolders } from './windows/system-folders.ts';
import { ownLooks } from './windows/trusted-program.ts';
import { windowsFiles } from './windows/windows-files.ts';
import { windowsMachine } from './windows/windows-machine.ts';

/** Accesses to this machine. At most one PowerShell process at a time, started at the first access that needs it. */
export function localWindows(start?: SessionOptions['start']): Machine {
  const folders = ownSystemFolders();
  return windowsMachine({
    session: createSession({ start: start ?? (() => startPowerShell(folders)) }),
    folders,
    files: windowsFiles(createAccessGuard()),
    looks: ownLooks,
    runProgram: (program, args, limits) => runHere(program, args, limits, folders),
    own: () =>
      Promise.resolve({
        hostname: hostname(),
        kernelRelease: release(),
        kernelVersion: version(),
        architecture: arch(),
      }),
    otherRegistry: (key, limits) => readWithReg(key, limits, folders),
  });
}

/** Also a batch file, as some vendors' tools are. */
export function runHere(
  program: string,
  args: readonly string[],
  limits: Limits,
  folders: SystemFolders,
): Promise<Raw<RawRun>> {
  const start = startOf(program, args, folders);
  if (start === undefined) return Promise.resolve({ outcome: 'failed', reason: 'unsafe-arguments' });
  const { options, ...how } = windowsStart(folders);
  const verbatim = start.verbatim ? { windowsVerbatimArguments: true } : {};
  return runProgram(start.file, start.args, limits, { ...how, options: { ...options, ...verbatim } });
}

async function readWithReg(key: string, limits: Limits, folders: SystemFolders): Promise<Raw<RegistryKey>> {
  const full = fullKey(key);
  if (full === undefined) return { outcome: 'failed', reason: 'invalid-key' };
  const ran = await runProgram(join(folders.system32, 'reg.exe'), ['query', full], limits, windowsStart(folders));
  if (ran.outcome !== 'ok') return ran;
  const { stdout, exitCode, truncated } = ran.value;
  // reg.exe says with 1 both that there is no such key and that it may not be read, and tells them apart in words only.
  if (exitCode !== 0) return { outcome: 'failed', reason: 'reg-query-refused' };
  return truncated ? { outcome: 'failed', reason: 'output-truncated' } : parseRegQuery(decodeBytes(stdout), full);
}
