/** Everything on Windows that asks for a restart: keys, values, and the update agent. */
import type { Answer, Host, RegistryKey } from '../../../agent/host/host.ts';
import type { Fact, PendingReboot, RebootRequired, RebootSignal } from '../../../schemas/generated/types.ts';
import { missed, observed } from '../../fact.ts';
import { registryNumber, registryText, registryTexts } from '../../registry-key.ts';

const cbs = String.raw`HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\Component Based Servicing`;
const names = String.raw`HKLM\SYSTEM\CurrentControlSet\Control\ComputerName`;
const keys = {
  pending: `${cbs}\\RebootPending`,
  progress: `${cbs}\\RebootInProgress`,
  packages: `${cbs}\\PackagesPending`,
  update: String.raw`HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\WindowsUpdate\Auto Update\RebootRequired`,
  updateExe: String.raw`HKLM\SOFTWARE\Microsoft\Updates`,
  sessionManager: String.raw`HKLM\SYSTEM\CurrentControlSet\Control\Session Manager`,
  activeName: `${names}\\ActiveComputerName`,
  setName: `${names}\\ComputerName`,
  netlogon: String.raw`HKLM\SYSTEM\CurrentControlSet\Services\Netlogon`,
  configurationManager: String.raw`HKLM\SOFTWARE\Microsoft\SMS\Mobile Client\Reboot Management\RebootData`,
} as const;

type Name = RebootSignal['name'];
type Read = { readonly [Key in keyof typeof keys]: Answer<RegistryKey> };
/** Undefined where nobody could look. */
type Look = { readonly present: boolean; readonly count?: number } | undefined;

const looks: Readonly<Record<Exclude<Name, 'windows-update-agent'>, (read: Read) => Look>> = {
  'cbs-reboot-pending': ({ pending }) => keyThere(pending),
  'cbs-reboot-in-progress': ({ progress }) => keyThere(progress),
  'cbs-packages-pending': ({ packages }) => subkeys(packages),
  'windows-update-reboot-required': ({ update }) => keyThere(update),
  'update-exe-volatile': ({ updateExe }) =>
    within(updateExe, (key) => ({ present: (registryNumber(key, 'UpdateExeVolatile') ?? 0) !== 0 })),
  'pending-file-renames': ({ sessionManager }) =>
    within(sessionManager, (key) => {
      // Pairs of a file and its new name; none means that it is deleted.
      const list = registryTexts(key, 'PendingFileRenameOperations') ?? [];
      const count = Math.ceil(list.length / 2);
      return { present: count > 0, ...(count === 0 ? {} : { count }) };
    }),
  'computer-rename': ({ activeName, setName }) => {
    const [active, set] = [activeName, setName].map((answer) =>
      answer.status === 'observed' ? registryText(answer.value, 'ComputerName') : undefined,
    );
    return active === undefined || set === undefined ? undefined : { present: active !== set };
  },
  'domain-join': ({ netlogon }) =>
    within(netlogon, ({ keys: below }) =>
      below === undefined ? undefined : { present: below.some((key) => /^(?:JoinDomain|AvoidSpnSet)$/i.test(key)) },
    ),
  'configuration-manager': ({ configurationManager }) =>
    within(configurationManager, (key) => ({ present: (registryNumber(key, 'RebootBy') ?? 0) !== 0 })),
};

export async function readPendingReboot(
  host: Host,
  agent: Fact<RebootRequired>,
  lastBootAt: string | undefined,
): Promise<Fact<PendingReboot>> {
  const entries = Object.entries(keys) as [keyof typeof keys, string][];
  const answers = await Promise.all(entries.map(async ([name, key]) => [name, await host.registry(key)] as const));
  const read = Object.fromEntries(answers) as Read;
  const signals: RebootSignal[] = [];
  const unread: string[] = [];
  for (const [name, look] of Object.entries(looks) as [keyof typeof looks, (typeof looks)[keyof typeof looks]][]) {
    const found = look(read);
    if (found === undefined) unread.push(name);
    else signals.push({ name, ...found });
  }
  if (agent.status === 'observed') signals.push({ name: 'windows-update-agent', present: agent.value.required });
  else unread.push('windows-update-agent');
  const sources = [...answers.map(([, { source }]) => source), ...agent.sources];
  const [first] = answers.map(([, answer]) => answer).filter(({ status }) => status !== 'observed');
  // Not one place that could be looked at.
  if (signals.length === 0 && first !== undefined && first.status !== 'observed') return missed(first);
  return observed(
    {
      signals: signals.toSorted((left, right) => (left.name < right.name ? -1 : 1)),
      ...(unread.length === 0 ? {} : { unread: unread.toSorted() }),
      ...(lastBootAt === undefined ? {} : { lastBootAt }),
    },
    ...sources,
  );
}

function keyThere(answer: Answer<RegistryKey>): Look {
  if (answer.status === 'observed') return { present: true };
  return answer.status === 'absent' ? { present: false } : undefined;
}

/** The key stays when nothing waits; what waits is below it. */
function subkeys(answer: Answer<RegistryKey>): Look {
  return within(answer, ({ keys: below }) => {
    if (below === undefined) return undefined;
    return below.length === 0 ? { present: false } : { present: true, count: below.length };
  });
}

/** A key that is not there has no value that asks. */
function within(answer: Answer<RegistryKey>, look: (key: RegistryKey) => Look): Look {
  if (answer.status === 'observed') return look(answer.value);
  return answer.status === 'absent' ? { present: false } : undefined;
}
