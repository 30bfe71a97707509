/** What this process may do: the capabilities(7) that the kernel says it holds. */
import type { Accessor, PrivilegeHeld } from './machine.ts';

/** linux/capability.h, by number. */
const names = (
  'chown dac_override dac_read_search fowner fsetid kill setgid setuid setpcap linux_immutable ' +
  'net_bind_service net_broadcast net_admin net_raw ipc_lock ipc_owner sys_module sys_rawio sys_chroot ' +
  'sys_ptrace sys_pacct sys_admin sys_boot sys_nice sys_resource sys_time sys_tty_config mknod lease ' +
  'audit_write audit_control setfcap mac_override mac_admin syslog wake_alarm block_suspend audit_read ' +
  'perfmon bpf checkpoint_restore'
).split(' ');

/** The capabilities that open files which their mode would keep closed, the weaker one first. */
const openers = ['cap_dac_read_search', 'cap_dac_override'];

export type LinuxPrivilege = {
  readonly uid: number;
  /** root, with a capability that opens every file. */
  readonly elevated: boolean;
  /** Effective capabilities, or `all` where none that the kernel knows is missing. */
  readonly capabilities: readonly string[];
  held(access: Accessor): PrivilegeHeld;
};

/**
 * Reads the text of /proc/self/status (proc_pid_status(5)) beside the number of
 * /proc/sys/kernel/cap_last_cap and the effective user id. A program that we start
 * keeps what a root holds; from any other user it inherits the ambient capabilities alone.
 */
export function linuxPrivilege(status: string, lastCapability: number, uid: number): LinuxPrivilege {
  const effective = setOf(status, 'CapEff');
  const ambient = setOf(status, 'CapAmb');
  const opener = openers.find((name) => effective.includes(name));
  const elevated = uid === 0 && opener !== undefined;
  const full = lastCapability > 0 && effective.length > lastCapability;
  return {
    uid,
    elevated,
    capabilities: full ? ['all'] : effective,
    held(access) {
      if (elevated) return 'root';
      const usable = access === 'own' ? opener : openers.find((name) => ambient.includes(name));
      return usable === undefined ? 'user' : `cap:${usable}`;
    },
  };
}

function setOf(status: string, field: 'CapEff' | 'CapAmb'): string[] {
  const mask = BigInt(`0x${new RegExp(`^${field}:\\s*([0-9a-f]+)`, 'm').exec(status)?.[1] ?? '0'}`);
  const held: string[] = [];
  for (let bit = 0; bit < 64; bit += 1) if ((mask >> BigInt(bit)) & 1n) held.push(`cap_${names[bit] ?? bit}`);
  return held;
}
