/** The service on Linux: units of systemd, or a table of cron where there is no systemd. */
import { unitTexts } from '../../schemas/generated/unit-texts.ts';
import type { ServiceOptions, Step } from './plan.ts';

/** What is there already. */
export type LinuxSystem = {
  readonly init: 'systemd' | 'cron';
  /** Whether a package brought the units, users and folders. */
  readonly packaged: boolean;
  /** Users that are there. */
  readonly users: ReadonlySet<string>;
};

const etc = '/etc/systemd/system';
const unitNames = Object.keys(unitTexts).filter((name) => /\.(?:service|timer|path)$/.test(name));
const enabled = ['affiant-collect.timer', 'affiant-post.path', 'affiant-post.timer'];
const turnFile = `${etc}/affiant-collect.timer.d/turn.conf`;
const rootFile = `${etc}/affiant-collect.service.d/root.conf`;
const accounts = ['/etc/sysusers.d/affiant.conf', '/etc/tmpfiles.d/affiant.conf'] as const;
const cronFile = '/etc/cron.d/affiant';

/** `asRoot`: with the drop-in that says what it adds. */
export function installOnLinux(system: LinuxSystem, options: ServiceOptions & { readonly asRoot: boolean }): Step[] {
  if (system.init === 'cron') return withCron(system, options);
  const units = unitNames.map(
    (name): Step => ({
      kind: 'write',
      path: `${etc}/${name}`,
      text: withProgram(unitTexts[name] ?? '', options.command),
    }),
  );
  const [users, folders] = accounts;
  const own: Step[] = [
    ...units,
    { kind: 'write', path: users, text: unitTexts['affiant.sysusers.conf'] ?? '' },
    { kind: 'write', path: folders, text: unitTexts['affiant.tmpfiles.conf'] ?? '' },
    { kind: 'run', argv: ['systemd-sysusers', users] },
    { kind: 'run', argv: ['systemd-tmpfiles', '--create', folders] },
  ];
  return [
    ...(system.packaged ? [] : own),
    { kind: 'write', path: turnFile, text: turnText(options) },
    options.asRoot
      ? { kind: 'write', path: rootFile, text: unitTexts['drop-ins/root.conf'] ?? '' }
      : { kind: 'remove', path: rootFile },
    { kind: 'run', argv: ['systemctl', 'daemon-reload'] },
    { kind: 'run', argv: ['systemctl', 'enable', '--now', ...enabled] },
  ];
}

/** Takes away what was installed; state, key and configuration stay. */
export function uninstallOnLinux({ init, packaged }: LinuxSystem): Step[] {
  if (init === 'cron') return [{ kind: 'remove', path: cronFile }];
  const own = [...unitNames.map((name) => `${etc}/${name}`), ...accounts];
  return [
    // 1: a unit that is not there.
    { kind: 'run', argv: ['systemctl', 'disable', '--now', ...enabled], codes: [0, 1] },
    ...[turnFile, rootFile, ...(packaged ? [] : own)].map((path): Step => ({ kind: 'remove', path })),
    { kind: 'run', argv: ['systemctl', 'daemon-reload'] },
  ];
}

/** The program where it really is; systemd.service(5) wants blanks quoted, and `%` and `$` doubled. */
function withProgram(text: string, command: readonly string[]): string {
  const quoted = command.map((each) => {
    const plain = each.replaceAll('%', '%%').replaceAll('$', '$$$$');
    return /[\s"'\\;]/.test(plain) ? JSON.stringify(plain) : plain;
  });
  return text.replace('ExecStart=/usr/bin/affiant', () => `ExecStart=${quoted.join(' ')}`);
}

/** The timer's hour, from the hash of the server's identity. A run that was missed is made up within minutes. */
export function turnText({ everyHours, offsetMs }: ServiceOptions): string {
  return `# Written by affiant service install: this server's turn.
[Timer]
OnCalendar=
OnCalendar=${calendarOf(everyHours, offsetMs)}
RandomizedDelaySec=5min
`;
}

/** Intervals begin in 1970 (schedule.ts), on a Thursday. */
const weekdays = ['Thu', 'Fri', 'Sat', 'Sun', 'Mon', 'Tue', 'Wed'];

/** systemd.time(7), for whole divisors of a day, and for a day or a week. */
export function calendarOf(everyHours: number, offsetMs: number): string {
  const at = new Date(offsetMs).toISOString();
  const [hour, rest] = [Number(at.slice(11, 13)), at.slice(13, 19)];
  if (everyHours === 168) return `${weekdays[Math.floor(offsetMs / 86_400_000)]} *-*-* ${at.slice(11, 19)} UTC`;
  const hours = Array.from({ length: 24 / everyHours }, (_, turn) => String(hour + turn * everyHours).padStart(2, '0'));
  return `*-*-* ${hours.join(',')}${rest} UTC`;
}

function withCron({ users, packaged }: LinuxSystem, { command, everyHours, offsetMs }: ServiceOptions): Step[] {
  const minute = Math.floor(offsetMs / 60_000) % 60;
  // cron(8) gives a percent sign a meaning of its own, and the line to a shell.
  const program = command
    .map((each) => `'${each.replaceAll("'", "'\\''")}'`)
    .join(' ')
    .replaceAll('%', '\\%');
  const text = (unitTexts['affiant.cron'] ?? '')
    .replaceAll('/usr/bin/affiant', () =>
      command.length === 1 && command[0] === '/usr/bin/affiant' ? '/usr/bin/affiant' : program,
    )
    .replace('@MINUTE@', String(minute))
    .replace('@EVERY@', `${everyHours}h`)
    .replace('@POST@', `${(minute + 10) % 30},${((minute + 10) % 30) + 30}`);
  const missing = ['affiant', 'affiant-post'].filter((user) => !users.has(user));
  const made = missing.map(
    (user): Step => ({
      kind: 'run',
      argv: [
        'useradd',
        '--system',
        '--user-group',
        '--home-dir',
        '/var/lib/affiant',
        '--no-create-home',
        '--shell',
        '/usr/sbin/nologin',
        user,
      ],
    }),
  );
  return [
    ...(packaged
      ? []
      : [
          ...made,
          { kind: 'run', argv: ['usermod', '--append', '--groups', 'affiant', 'affiant-post'] } as const,
          {
            kind: 'run',
            argv: ['install', '-d', '-m', '2750', '-o', 'affiant', '-g', 'affiant', '/var/lib/affiant'],
          } as const,
        ]),
    { kind: 'write', path: cronFile, text },
  ];
}
