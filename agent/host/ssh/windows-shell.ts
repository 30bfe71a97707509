/**
 * What a Windows server does with the line of an exec request: its sshd hands it to the shell that the registry names
 * (DefaultShell): cmd.exe /c, else SHELL -c (w32-doexec.c of Microsoft's port). So no line here has a quote, a blank
 * in a word, or a sign that one of these shells reads otherwise than another. Pure.
 */
import { join } from 'node:path/win32';
import { powershellArguments } from '../windows/start-powershell.ts';

export type WindowsShell = {
  readonly kind: 'cmd' | 'powershell' | 'posix';
  /** `C:\Windows`, as the login's environment has it. */
  readonly windows: string;
};

/** Each shell fills in what it knows as a variable and leaves the rest as it stands. */
export function probeLine(mark: string): string {
  return `echo ${mark} %SystemRoot% $env:SystemRoot $SYSTEMROOT`;
}

/**
 * Undefined for what is none of the three, or knows no system folder:
 *
 *     MARK C:\Windows $env:SystemRoot $SYSTEMROOT      cmd
 *     MARK / %SystemRoot% / C:\Windows, a line each    PowerShell, of Windows or later
 *     MARK %SystemRoot% :SystemRoot C:\Windows         a POSIX shell whose environment is that of Windows
 */
export function readProbe(output: string, mark: string): WindowsShell | undefined {
  const at = output.lastIndexOf(mark);
  if (at < 0) return undefined;
  const [first = '', second = '', third = ''] = output
    .slice(at + mark.length)
    .split(/\s+/)
    .filter((word) => word !== '');
  if (second === '$env:SystemRoot') return shellAt('cmd', first);
  if (first !== '%SystemRoot%') return undefined;
  return second === ':SystemRoot' ? shellAt('posix', third) : shellAt('powershell', second);
}

function shellAt(kind: WindowsShell['kind'], windows: string): WindowsShell | undefined {
  return /^[A-Za-z]:\\[A-Za-z0-9_.\\-]{1,200}$/.test(windows) ? { kind, windows } : undefined;
}

/** Windows PowerShell 5.1 of the system folder, reading from standard input. */
export function powershellLine(shell: WindowsShell): string {
  return line(shell, ['WindowsPowerShell', 'v1.0', 'powershell.exe'], powershellArguments);
}

/** A hyphen does as well as a slash there, and a POSIX shell on Windows takes a word with a slash for a path. */
export function taskkillLine(shell: WindowsShell, pid: number): string {
  return line(shell, ['taskkill.exe'], ['-T', '-F', '-PID', String(pid)]);
}

function line({ kind, windows }: WindowsShell, place: readonly string[], args: readonly string[]): string {
  const program = join(windows, 'System32', ...place);
  // A backslash takes a letter's meaning there; cmd.exe would take a slash for a switch.
  return [kind === 'posix' ? program.replaceAll('\\', '/') : program, ...args].join(' ');
}
