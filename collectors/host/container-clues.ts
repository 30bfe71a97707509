/** Gathers what decides between machine and container; the decision is in scope.ts. */
import type { Answer, FileContent, Host } from '../../agent/host/host.ts';
import type { Fact, Scope } from '../../schemas/generated/types.ts';
import { observed, unseen } from '../fact.ts';
import { rootIsWholeDevice } from './mountinfo.ts';
import { containerVariable, decideScope } from './scope.ts';

/** Left by Docker, by Podman (and Toolbx), by LXC's successor and by systemd-nspawn. */
const markerFiles = ['/.dockerenv', '/run/.containerenv', '/dev/lxd/sock', '/run/host/container-manager'] as const;

export async function readScope(host: Host): Promise<Fact<Scope>> {
  const markers = [];
  for (const path of markerFiles) markers.push({ path, answer: await host.stat(path) });
  const systemdContainer = await host.readFile('/run/systemd/container');
  const systemd = await host.stat('/run/systemd/system');
  const environment = await host.readFile('/proc/1/environ', { secret: true });
  const pidNamespace = await host.readLink('/proc/self/ns/pid');
  const cgroupNamespace = await host.readLink('/proc/self/ns/cgroup');
  const mountNamespace = await host.readLink('/proc/self/ns/mnt');
  const mountNamespaceOfInit = await host.readLink('/proc/1/ns/mnt');
  const mounts = await host.readFile('/proc/self/mountinfo', { volatile: true });
  const { scope, contradicting } = decideScope({
    markerFiles: markers.map(({ path, answer }) => ({ path, there: thereOf(answer) })),
    systemdContainer: textOf(systemdContainer),
    systemd: thereOf(systemd),
    // An empty block is one that was cleared or cut, not one that names no container.
    initEnvironment:
      environment.status === 'observed' && environment.value.text !== ''
        ? containerVariable(environment.value.text)
        : undefined,
    pidNamespace: valueOf(pidNamespace),
    cgroupNamespace: valueOf(cgroupNamespace),
    mountNamespace: valueOf(mountNamespace),
    mountNamespaceOfInit: valueOf(mountNamespaceOfInit),
    rootIsWholeDevice: mounts.status === 'observed' ? rootIsWholeDevice(mounts.value.text) : undefined,
  });
  const answers: readonly Answer<unknown>[] = [
    pidNamespace,
    mountNamespaceOfInit,
    ...markers.map(({ answer }) => answer),
    systemdContainer,
    systemd,
    environment,
    cgroupNamespace,
    mountNamespace,
    mounts,
  ];
  const sources = answers.map(({ source }) => source);
  if (scope === undefined) return unseen(worst(answers), 'scope-undecided', sources);
  const [other] = markers.filter(({ path }) => contradicting.includes(path));
  const fact = observed(scope, ...sources);
  if (other === undefined || fact.status !== 'observed') return fact;
  const marked: Scope = { kind: 'container', markers: [...contradicting] };
  return {
    ...fact,
    answers: [
      { source: pidNamespace.source, answer: scope },
      { source: other.answer.source, answer: marked },
    ],
  };
}

function thereOf(answer: Answer<unknown>): boolean | undefined {
  if (answer.status === 'observed') return true;
  return answer.status === 'absent' ? false : undefined;
}

/** A file's text, empty where it is truly absent, undefined where it could not be looked at. */
function textOf(answer: Answer<FileContent>): string | undefined {
  if (answer.status === 'observed') return answer.value.text.trim();
  return answer.status === 'absent' ? '' : undefined;
}

function valueOf<T>(answer: Answer<T>): T | undefined {
  return answer.status === 'observed' ? answer.value : undefined;
}

/** Why it could not be decided: a missing right before all else, since it has a remedy. */
function worst(answers: readonly Answer<unknown>[]): 'denied' | 'timed-out' | 'failed' | 'unsupported' {
  const statuses = new Set<string>(answers.map(({ status }) => status));
  return (['denied', 'timed-out', 'failed'] as const).find((status) => statuses.has(status)) ?? 'unsupported';
}
