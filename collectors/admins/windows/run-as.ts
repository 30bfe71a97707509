/** Services and scheduled tasks that run as an account of their own. */
import type { Fact, ServiceAccount, TaskAccount } from '../../../schemas/generated/types.ts';
import type { WindowsService } from '../../edr/windows-view.ts';
import { observed, type Parsed, parsed, unparsed } from '../../fact.ts';
import { integerOf, rowsOf, textOf } from '../../raw-objects.ts';
import { toText } from '../../text.ts';
import { sidOf } from './sid.ts';

/** Names as Win32_Service writes the machine's own accounts; they are not translated there. */
const ownAccounts = /^(?:localsystem|nt authority\\.*|nt service\\.*|iis apppool\\.*|\.\\localsystem)$/i;

type Services = Fact<ReadonlyMap<string, WindowsService>>;

/** Drivers and services without an account of their own are left out. */
export function serviceAccounts(services: Services, sidByName: ReadonlyMap<string, string>): Fact<ServiceAccount[]> {
  if (services.status !== 'observed') return services;
  const list = [...services.value.values()].flatMap(({ name, account, startType, running }): ServiceAccount[] => {
    if (account === undefined || ownAccounts.test(account)) return [];
    const sid = sidOf(account) ?? sidByName.get(account.toLowerCase());
    return [
      {
        service: toText(name),
        account: toText(account),
        startType: startOf(startType),
        running,
        ...(sid !== undefined && { sid }),
      },
    ];
  });
  return observed(list.slice(0, 10_000), ...services.sources);
}

function startOf(startType: WindowsService['startType']): ServiceAccount['startType'] {
  if (startType === undefined) return 'unknown';
  return startType === 'disabled' || startType === 'on-demand' ? startType : 'automatic';
}

export type Task = {
  readonly path: string;
  readonly account: string;
  readonly highest: boolean;
  readonly enabled: boolean;
  readonly storedPassword: boolean | undefined;
};

/**
 * MSFT_ScheduledTask: TaskPath, TaskName, State (1 disabled), UserId or GroupId, RunLevel (1 highest),
 * LogonType (1 password, 2 S4U, 3 interactive, 4 group, 5 service account, 6 interactive or password); numbers,
 * or their names, which are not translated.
 */
export function parseTasks(value: unknown): Parsed<readonly Task[]> {
  const rows = rowsOf(value);
  if (!rows.ok) return rows;
  const tasks: Task[] = [];
  for (const row of rows.value) {
    const name = textOf(row['TaskName']);
    const account = textOf(row['UserId']) ?? textOf(row['GroupId']);
    const state = wordOf(row['State'], { '1': 'disabled' });
    const level = wordOf(row['RunLevel'], { '0': 'limited', '1': 'highest' });
    const logon = wordOf(row['LogonType'], { '1': 'password', '6': 'interactiveorpassword' });
    if (name === undefined || level === undefined || state === undefined) return unparsed('task-without-name');
    // A task without a principal runs as nobody.
    if (account === undefined) continue;
    tasks.push({
      path: `${textOf(row['TaskPath']) ?? '\\'}${name}`,
      account,
      highest: level === 'highest',
      enabled: state !== 'disabled',
      storedPassword: logon === undefined ? undefined : logon === 'password' || logon === 'interactiveorpassword',
    });
  }
  return parsed(tasks);
}

function wordOf(value: unknown, names: Readonly<Record<string, string>>): string | undefined {
  const number = integerOf(value);
  if (number !== undefined) return names[String(number)] ?? String(number);
  return textOf(value)?.toLowerCase();
}

/** Left out are tasks of the machine's own accounts, which name nobody. */
export function taskAccounts(
  tasks: Fact<readonly Task[]>,
  sidByName: ReadonlyMap<string, string>,
  isOwn: (sid: string) => boolean,
): Fact<TaskAccount[]> {
  if (tasks.status !== 'observed') return tasks;
  const list = tasks.value.flatMap(({ path, account, highest, enabled, storedPassword }): TaskAccount[] => {
    const sid = sidOf(account) ?? sidByName.get(account.toLowerCase());
    if (sid !== undefined && isOwn(sid)) return [];
    return [
      {
        task: toText(path),
        account: toText(account),
        highest,
        enabled,
        ...(sid !== undefined && { sid }),
        ...(storedPassword !== undefined && { storedPassword }),
      },
    ];
  });
  return observed(list.slice(0, 10_000), ...tasks.sources);
}
