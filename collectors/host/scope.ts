/** Whole machine or container? Decided from what could be looked at; see `readScope` for the sources. */
import type { Scope } from '../../schemas/generated/types.ts';

/** PROC_PID_INIT_INO and PROC_CGROUP_INIT_INO of the kernel (include/linux/proc_ns.h), the same on every Linux since 3.8. */
const firstPidNamespace = 'pid:[4026531836]';
const firstCgroupNamespace = 'cgroup:[4026531835]';

/** Undefined stands for what could not be looked at. */
export type ScopeClues = {
  /** Files that container managers leave: whether they are there. */
  readonly markerFiles: readonly { readonly path: string; readonly there: boolean | undefined }[];
  /** Content of /run/systemd/container; empty where it is not there. */
  readonly systemdContainer: string | undefined;
  /** Whether systemd is init here, which then keeps the file above. */
  readonly systemd: boolean | undefined;
  /** The value of `container=` in init's environment; empty where it has none. */
  readonly initEnvironment: string | undefined;
  readonly pidNamespace: string | undefined;
  readonly cgroupNamespace: string | undefined;
  readonly mountNamespace: string | undefined;
  readonly mountNamespaceOfInit: string | undefined;
  readonly rootIsWholeDevice: boolean | undefined;
};

export type ScopeVerdict = {
  /** Undefined where neither can be said. */
  readonly scope: Scope | undefined;
  /** Container markers that lie around on a machine, such as in an image that was booted. */
  readonly contradicting: readonly string[];
};

export function decideScope(clues: ScopeClues): ScopeVerdict {
  const files = clues.markerFiles.filter(({ there }) => there === true).map(({ path }) => path);
  const named = [
    ...(clues.systemdContainer ? [`/run/systemd/container: ${word(clues.systemdContainer)}`] : []),
    ...(clues.initEnvironment ? [`container=${word(clues.initEnvironment)}`] : []),
    ...(clues.pidNamespace !== undefined && clues.pidNamespace !== firstPidNamespace ? ['pid namespace'] : []),
    ...(clues.cgroupNamespace !== undefined && clues.cgroupNamespace !== firstCgroupNamespace
      ? ['cgroup namespace']
      : []),
  ];
  // Init of the first pid namespace is the machine's own, and what shares its mounts is no container. Who
  // may not look at init (CAP_SYS_PTRACE) sees it by the first namespaces and a device of one's own under /.
  const firstPid = clues.pidNamespace === firstPidNamespace;
  const sharesMounts = clues.mountNamespace !== undefined && clues.mountNamespace === clues.mountNamespaceOfInit;
  const ownDevice = clues.cgroupNamespace === firstCgroupNamespace && clues.rootIsWholeDevice === true;
  const withInit = firstPid && (sharesMounts || ownDevice);
  if (withInit && named.length === 0) return { scope: { kind: 'machine', markers: [] }, contradicting: files };
  const markers = [...files, ...named];
  if (markers.length > 0) return { scope: { kind: 'container', markers }, contradicting: [] };
  const filesSeen = clues.markerFiles.every(({ there }) => there === false);
  const initSeen = clues.initEnvironment === '' || (clues.systemd === true && clues.systemdContainer === '');
  const machine = filesSeen && (firstPid || initSeen);
  return { scope: machine ? { kind: 'machine', markers: [] } : undefined, contradicting: [] };
}

/** The value of `container=` in an environment block (proc_pid_environ(5)); empty where it is not there. */
export function containerVariable(environment: string): string {
  const variable = environment.split('\0').find((each) => each.startsWith('container='));
  return variable?.slice('container='.length) ?? '';
}

/** A word of a name; anything else is another kind. */
function word(text: string): string {
  const bare = text.trim();
  return /^[A-Za-z0-9_.-]{1,64}$/.test(bare) ? bare : 'other';
}
