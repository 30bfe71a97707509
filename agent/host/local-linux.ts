/** The Linux machine that we run on. */
import { readFileSync } from 'node:fs';
import { arch, hostname, release, version } from 'node:os';
import { decodeBytes } from '../../collectors/text.ts';
import { type AccessGuard, createAccessGuard } from './access-guard.ts';
import type { Identity } from './host.ts';
import { linuxFiles } from './linux-files.ts';
import { type LinuxPrivilege, linuxPrivilege } from './linux-privilege.ts';
import type { Invocation, Limits, Machine, Raw, RawMiss, RawRun } from './machine.ts';
import { runProgram } from './run-program.ts';
import { createSystemReader } from './system-reader.ts';
import { trustedProgram } from './trusted-program.ts';

const notOnLinux: RawMiss = { outcome: 'unsupported', reason: 'not-on-linux' };

/** Accesses to this machine, with the rights that the process holds now. */
export function localLinux(): Machine {
  const lastCapability = Number(readSmall('/proc/sys/kernel/cap_last_cap'));
  const privilege = linuxPrivilege(readSmall('/proc/self/status') ?? '', lastCapability, process.geteuid?.() ?? -1);
  const guarded = createAccessGuard();
  return {
    os: 'linux',
    privilege: (access) => privilege.held(access),
    identity: () => Promise.resolve({ outcome: 'ok', value: identityOf(privilege) }),
    ...linuxFiles(guarded),
    run: (invocation, limits) => run(invocation, limits, guarded),
    registry: () => Promise.resolve(notOnLinux),
    query: () => Promise.resolve(notOnLinux),
    system: createSystemReader(),
  };
}

/** The time that the look at the program takes counts too. */
async function run({ programs, args }: Invocation, limits: Limits, guarded: AccessGuard): Promise<Raw<RawRun>> {
  const began = performance.now();
  const program = await guarded(limits.deadlineMs, () => trustedProgram(programs));
  if (program.outcome !== 'ok') return program;
  const deadlineMs = Math.max(1, limits.deadlineMs - (performance.now() - began));
  const ran = await runProgram(program.value, args, { ...limits, deadlineMs });
  return ran.outcome === 'ok' ? { outcome: 'ok', value: { ...ran.value, program: program.value } } : ran;
}

/** The account's name comes from /etc/passwd alone: the name service may wait for a directory that is away. */
function identityOf({ uid, elevated, capabilities }: LinuxPrivilege): Identity {
  const name = (readSmall('/proc/sys/kernel/hostname') ?? hostname()).replace(/\n$/, '');
  const line = new RegExp(`^([^:\\n]+):[^:\\n]*:${uid}:`, 'm').exec(readSmall('/etc/passwd') ?? '');
  return {
    hostname: name,
    kernelRelease: release(),
    kernelVersion: version(),
    architecture: arch(),
    user: line?.[1] ?? `#${uid}`,
    uid,
    elevated,
    capabilities,
  };
}

/** A small file that every Linux has; undefined where it cannot be read. */
function readSmall(path: string): string | undefined {
  try {
    return decodeBytes(readFileSync(path));
  } catch {
    return undefined;
  }
}
