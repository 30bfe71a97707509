/** How what runs by itself is doing, as the system's own manager says it. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path/win32';
import { childEnvironment } from '../host/environment.ts';
import { serviceName } from './windows-plan.ts';

export type Part = {
  readonly name: string;
  /** In the manager's words. */
  readonly state: string;
  /** Whether it will act by itself. */
  readonly well: boolean;
  /** RFC 3339. */
  readonly next?: string;
};

const units = [
  'affiant-collect.timer',
  'affiant-collect.service',
  'affiant-post.path',
  'affiant-post.timer',
  'affiant-post.service',
];

/** Empty where nothing is installed. */
export function linuxParts(): Part[] {
  const cron = existsSync('/etc/cron.d/affiant') ? [{ name: '/etc/cron.d/affiant', state: 'written', well: true }] : [];
  if (!existsSync('/run/systemd/system')) return cron;
  return [...cron, ...units.flatMap((unit) => unitPart(unit))];
}

function unitPart(unit: string): Part[] {
  const wanted = ['LoadState', 'ActiveState', 'SubState', 'Result', 'NextElapseUSecRealtime'];
  const ran = spawnSync(
    '/usr/bin/systemctl',
    ['show', unit, '--timestamp=utc', ...wanted.map((each) => `--property=${each}`)],
    {
      encoding: 'utf8',
      env: childEnvironment(),
      timeout: 10_000,
    },
  );
  const told = new Map(
    (ran.stdout ?? '').split('\n').map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
  );
  const loaded = told.get('LoadState');
  if (loaded === 'not-found') return [];
  // It answers of every name, also of one that it does not have.
  if (loaded === undefined) return [{ name: unit, state: 'not known: systemctl does not answer', well: false }];
  const result = told.get('Result') ?? '';
  const next = Date.parse(told.get('NextElapseUSecRealtime') ?? '');
  return [
    {
      name: unit,
      state: `${told.get('ActiveState')} (${told.get('SubState')})${result === '' || result === 'success' ? '' : `, ${result}`}`,
      well: told.get('ActiveState') === 'active',
      ...(Number.isNaN(next) ? {} : { next: new Date(next).toISOString() }),
    },
  ];
}

/** ERROR_SERVICE_DOES_NOT_EXIST (learn.microsoft.com, System Error Codes). */
const noSuchService = 1060;

export function windowsParts(system32: string): Part[] {
  const ask = (program: string, ...args: readonly string[]) =>
    spawnSync(join(system32, program), args, { encoding: 'utf8', windowsHide: true, timeout: 30_000 });
  const service = ask('sc.exe', 'query', serviceName);
  // The number, as the words are translated: 4 is RUNNING (learn.microsoft.com, SERVICE_STATUS).
  const [, number = '', word = ''] =
    /:\s+([1-7])\s+([A-Z_]+)/.exec((service.stdout ?? '').split('\n').slice(3).join('\n')) ?? [];
  const task = ask('schtasks.exe', '/query', '/tn', serviceName);
  return [
    ...(service.status === 0 ? [{ name: 'service Affiant', state: word.toLowerCase(), well: number === '4' }] : []),
    ...(service.status === 0 || service.status === noSuchService
      ? []
      : [
          {
            name: 'service Affiant',
            state: `not known: sc.exe ended with ${service.status ?? 'no code'}`,
            well: false,
          },
        ]),
    ...(task.status === 0 ? [{ name: 'task Affiant', state: 'registered', well: true }] : []),
  ];
}
