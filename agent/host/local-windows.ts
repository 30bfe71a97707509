/** The Windows machine that we run on. */
import { arch, hostname, release, version } from 'node:os';
import { join } from 'node:path/win32';
import { decodeBytes } from '../../collectors/text.ts';
import { createAccessGuard } from './access-guard.ts';
import type { RegistryKey } from './host.ts';
import type { Limits, Machine, PrivilegeHeld, Raw } from './machine.ts';
import { createSession, type PowerShellSession, type SessionOptions } from './powershell/session.ts';
import { queries, querySpec } from './queries.ts';
import { runProgram } from './run-program.ts';
import { readWindowsIdentity, type WindowsIdentity } from './windows/identity.ts';
import { parseRegQuery } from './windows/reg-query.ts';
import { createRegistryReader, fullKey, type ReadKeys } from './windows/registry-batch.ts';
import { startPowerShell, windowsStart } from './windows/start-powershell.ts';
import { ownSystemFolders, type SystemFolders } from './windows/system-folders.ts';
import { trustedWindowsProgram } from './windows/trusted-program.ts';
import { windowsFiles } from './windows/windows-files.ts';

const mib = 1024 * 1024;

/** Accesses to this machine. At most one PowerShell process at a time, started at the first access that needs it. */
export function localWindows(start?: SessionOptions['start']): Machine {
  const folders = ownSystemFolders();
  const session = createSession({ start: start ?? (() => startPowerShell(folders)) });
  const guarded = createAccessGuard();
  const files = windowsFiles(guarded);
  const ask = (name: keyof typeof queries, parameters?: Parameters<PowerShellSession['query']>[1]) =>
    session.query(queries[name], parameters, { maxBytes: 16 * mib, deadlineMs: queries[name].timeoutMs });
  let held: PrivilegeHeld = 'user';
  let greeting: Promise<Raw<unknown>> | undefined;
  const greeted = (): Promise<Raw<unknown>> => {
    greeting ??= ask('session');
    return greeting;
  };
  /** Nothing is read before it is known with what rights, since each record says so. */
  const known = async (): Promise<WindowsIdentity> => {
    const answer = await greeted();
    const own = { hostname: hostname(), kernelRelease: release(), kernelVersion: version(), architecture: arch() };
    const read = readWindowsIdentity(answer.outcome === 'ok' ? answer.value : undefined, own);
    held = read.privilege;
    return read;
  };
  const readKeys: ReadKeys = (keys, limits) => session.query(queries['registry-keys'], { keys }, limits);
  const batched = createRegistryReader(readKeys);

  return {
    os: 'windows',
    privilege: () => held,
    async identity() {
      return { outcome: 'ok', value: (await known()).identity };
    },
    async readFile(path, limits) {
      await known();
      return files.readFile(path, limits);
    },
    async list(path, limits) {
      await known();
      return files.list(path, limits);
    },
    async stat(path, limits) {
      await known();
      return files.stat(path, limits);
    },
    async readLink(path, limits) {
      await known();
      return files.readLink(path, limits);
    },
    async run({ programs, args }, limits) {
      await known();
      const program = await trustedWindowsProgram(programs, folders, async (paths) => ask('file-owners', { paths }));
      if (program.outcome !== 'ok') return program;
      const ran = await runProgram(program.value, args, limits, windowsStart(folders));
      return ran.outcome === 'ok' ? { outcome: 'ok', value: { ...ran.value, program: program.value } } : ran;
    },
    async registry(key, limits) {
      await known();
      const answer = await batched(key, limits);
      return mayAskRegExe(answer) ? readWithReg(key, limits, folders) : answer;
    },
    async query(name, limits, parameters) {
      await known();
      const spec = querySpec(name);
      if (spec === undefined) return { outcome: 'unsupported', reason: 'no-such-query' };
      // Who asks does not change within a run.
      if (name === 'session') return greeted();
      return session.query(spec, parameters, limits);
    },
    // systeminformation would start a PowerShell of its own; the host collector has a query for the same.
    system: () => Promise.resolve({ outcome: 'unsupported', reason: 'told-by-query' }),
    close: () => session.close(),
  };
}

/** Where PowerShell is not there, is forbidden, or never answers: then one process a key is better than nothing. */
function mayAskRegExe({ outcome, ...rest }: Raw<RegistryKey>): boolean {
  if (outcome === 'ok' || !('reason' in rest)) return false;
  return ['no-powershell', 'powershell-blocked', 'powershell-does-not-answer', 'powershell-ended'].includes(
    rest.reason,
  );
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
