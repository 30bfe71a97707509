/** The service on Windows: a service behind its own host, or a scheduled task. */
import { dirname, join } from 'node:path/win32';
import { defaultConfig } from './default-config.ts';
import type { ServiceOptions, Step } from './plan.ts';
import { taskXml } from './task-xml.ts';

export const serviceName = 'Affiant';

export type WindowsSystem = {
  /** Such as C:\Windows\System32. */
  readonly system32: string;
  /** Such as C:\ProgramData. */
  readonly programData: string;
  /** Whether the service is there already. */
  readonly hasService: boolean;
};

/** `task`: a scheduled task in place of the service. */
export function installOnWindows(system: WindowsSystem, options: ServiceOptions & { readonly task: boolean }): Step[] {
  // First: the folder is then made for administrators alone, not by whoever comes first.
  const configuration = join(system.programData, 'Affiant', 'affiant.yaml');
  return [
    { kind: 'begin', path: configuration, text: defaultConfig },
    ...(options.task ? withTask(system, options) : withService(system, options)),
  ];
}

function withService({ system32, hasService }: WindowsSystem, { command, everyHours }: ServiceOptions): Step[] {
  const sc = join(system32, 'sc.exe');
  const [program = ''] = command;
  const host = join(dirname(program), 'affiant-service.exe');
  const own = command.length > 1 ? ['--', ...command] : [];
  const line = [host, '--every', `${everyHours}h`, ...own].map((each) => `"${each}"`).join(' ');
  // sc.exe wants each value as an argument after its name with the equals sign.
  const settings = ['binPath=', line, 'start=', 'delayed-auto', 'obj=', 'LocalSystem', 'DisplayName=', 'Affiant'];
  const source = String.raw`HKLM\SYSTEM\CurrentControlSet\Services\EventLog\Application\Affiant`;
  const reg = join(system32, 'reg.exe');
  return [
    { kind: 'run', argv: [sc, hasService ? 'config' : 'create', serviceName, ...settings] },
    {
      kind: 'run',
      argv: [sc, 'description', serviceName, "Collects signed evidence of this server's security posture."],
    },
    // Recovery: again after one, five and fifteen minutes; a day without a failure is a new beginning.
    {
      kind: 'run',
      argv: [sc, 'failure', serviceName, 'reset=', '86400', 'actions=', 'restart/60000/restart/300000/restart/900000'],
    },
    { kind: 'run', argv: [sc, 'failureflag', serviceName, '1'] },
    { kind: 'run', argv: [reg, 'add', source, '/v', 'EventMessageFile', '/t', 'REG_EXPAND_SZ', '/d', host, '/f'] },
    { kind: 'run', argv: [reg, 'add', source, '/v', 'TypesSupported', '/t', 'REG_DWORD', '/d', '7', '/f'] },
    // 1056: it runs already.
    { kind: 'run', argv: [sc, 'start', serviceName], codes: [0, 1056] },
  ];
}

function withTask({ system32, programData }: WindowsSystem, options: ServiceOptions): Step[] {
  const file = taskFile(programData);
  return [
    { kind: 'write', path: file, text: taskXml(options), encoding: 'utf16le' },
    { kind: 'run', argv: [join(system32, 'schtasks.exe'), '/create', '/xml', file, '/tn', serviceName, '/f'] },
  ];
}

function taskFile(programData: string): string {
  return join(programData, 'Affiant', 'task.xml');
}

/** Takes both forms away; state, key and configuration stay. */
export function uninstallOnWindows({ system32, programData, hasService }: WindowsSystem): Step[] {
  const sc = join(system32, 'sc.exe');
  const service: Step[] = [
    // 1062: it does not run.
    { kind: 'run', argv: [sc, 'stop', serviceName], codes: [0, 1062] },
    { kind: 'run', argv: [sc, 'delete', serviceName] },
    {
      kind: 'run',
      argv: [
        join(system32, 'reg.exe'),
        'delete',
        String.raw`HKLM\SYSTEM\CurrentControlSet\Services\EventLog\Application\Affiant`,
        '/f',
      ],
      codes: [0, 1],
    },
  ];
  return [
    ...(hasService ? service : []),
    { kind: 'run', argv: [join(system32, 'schtasks.exe'), '/delete', '/tn', serviceName, '/f'], codes: [0, 1] },
    { kind: 'remove', path: taskFile(programData) },
  ];
}
