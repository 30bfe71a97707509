/** A Windows machine whose PowerShell answers: the one that we run on, or one behind SSH. What differs between them is given. */
import type { Identity, RegistryKey } from '../host.ts';
import type { Limits, Machine, PrivilegeHeld, Raw, RawRun } from '../machine.ts';
import type { PowerShellSession } from '../powershell/session.ts';
import { type QueryName, type QueryParameters, queries, querySpec } from '../queries.ts';
import { readWindowsIdentity, type WindowsIdentity } from './identity.ts';
import { createRegistryReader } from './registry-batch.ts';
import type { SystemFolders } from './system-folders.ts';
import { type ProgramLooks, trustedWindowsProgram } from './trusted-program.ts';

export type WindowsParts = {
  readonly session: PowerShellSession;
  readonly folders: SystemFolders;
  readonly files: Pick<Machine, 'readFile' | 'list' | 'stat' | 'readLink'>;
  readonly looks: ProgramLooks;
  /** Runs a program that is trusted already. */
  readonly runProgram: (program: string, args: readonly string[], limits: Limits) => Promise<Raw<RawRun>>;
  /** The answer of the query session, where it was asked already. */
  readonly greeting?: Raw<unknown>;
  /** What is known of the machine beside what its PowerShell says of who asks. */
  readonly own: () => Promise<Identity>;
  /** Reads a key where PowerShell does not answer at all. */
  readonly otherRegistry?: (key: string, limits: Limits) => Promise<Raw<RegistryKey>>;
};

const mib = 1024 * 1024;

export type AskWindows = (name: QueryName, parameters?: QueryParameters) => Promise<Raw<unknown>>;

/** Queries with the deadline that the list gives them. */
export function askOf(session: PowerShellSession): AskWindows {
  return (name, parameters) =>
    session.query(queries[name], parameters, { maxBytes: 16 * mib, deadlineMs: queries[name].timeoutMs });
}

export function windowsMachine({
  session,
  folders,
  files,
  looks,
  runProgram,
  own,
  otherRegistry,
  ...told
}: WindowsParts): Machine {
  const ask = askOf(session);
  let held: PrivilegeHeld = 'user';
  let greeting = told.greeting === undefined ? undefined : Promise.resolve(told.greeting);
  const greeted = (): Promise<Raw<unknown>> => {
    greeting ??= ask('session');
    return greeting;
  };
  /** Nothing is read before it is known with what rights, since each record says so. */
  const known = async (): Promise<WindowsIdentity> => {
    const answer = await greeted();
    const read = readWindowsIdentity(answer.outcome === 'ok' ? answer.value : undefined, await own());
    held = read.privilege;
    return read;
  };
  const batched = createRegistryReader((keys, limits) => session.query(queries['registry-keys'], { keys }, limits));

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
      const program = await trustedWindowsProgram(programs, folders, looks, (paths) => ask('file-owners', { paths }));
      if (program.outcome !== 'ok') return program;
      const ran = await runProgram(program.value, args, limits);
      return ran.outcome === 'ok' ? { outcome: 'ok', value: { ...ran.value, program: program.value } } : ran;
    },
    async registry(key, limits) {
      await known();
      const answer = await batched(key, limits);
      return otherRegistry !== undefined && isMute(answer) ? otherRegistry(key, limits) : answer;
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

/** Whether PowerShell is not there, is forbidden, or never answers: then one process a key is better than nothing. */
function isMute({ outcome, ...rest }: Raw<RegistryKey>): boolean {
  if (outcome === 'ok' || !('reason' in rest)) return false;
  return ['no-powershell', 'powershell-blocked', 'powershell-does-not-answer', 'powershell-ended'].includes(
    rest.reason,
  );
}
