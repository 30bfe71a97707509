/**
 * A server of the lab that is a Windows to whoever logs in. Real: sshd, its channels, PowerShell itself (7.6 on Linux, not
 * 5.1), and of the three login shells PowerShell and bash. Recorded: everything that PowerShell is asked about Windows.
 * Imitated: cmd.exe (a script that knows variables in percent signs and no quote) and taskkill.exe.
 */
import { chmodSync, copyFileSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fakesFor } from '../../powershell/engine.ts';
import type { WindowsMachine } from '../../powershell/engine-machine.ts';
import { type Lab, must, plainAccount, rootAccount, type Sshd } from './lab.ts';

/** `sh` is none of Windows. */
export type LoginShell = 'cmd' | 'powershell' | 'bash' | 'sh';

export type WindowsLab = {
  /** Gives the account this shell from now on. */
  readonly login: (shell: LoginShell) => void;
  /** Puts this machine behind it; `setup` is PowerShell that runs after the recorded functions. */
  readonly record: (machine: WindowsMachine, setup?: string) => void;
  /** Replaces what stands for powershell.exe; without a text it is as it was. */
  readonly powershell: (script?: string) => void;
  /** What it prints to standard output and error before anything else. */
  readonly noise: (out: string, errors: string) => void;
  /** Command lines of engines that run. */
  readonly running: () => readonly string[];
  /** Numbers of the processes that were started and ended by force. */
  readonly killed: () => readonly string[];
  readonly started: () => number;
  /** sshd whose name for itself is that of Microsoft's port: a copy of the program with other letters in that place. */
  readonly sshd: (lines?: readonly string[]) => Promise<Sshd>;
};

const relay = join(import.meta.dirname, 'windows-relay.ts');
/** The account that logs in, by the lab's key or the plain account's password; it is root, since the engine may lie in root's home. */
export const windowsAccount = rootAccount;
/** On another drive than C:. */
export const windowsFolder = String.raw`X:\Windows`;

export function openWindowsLab(lab: Lab, engine: string): WindowsLab {
  const home = join(lab.folder, 'windows');
  const system = join(home, 'drive/Windows/System32');
  const program = join(system, 'WindowsPowerShell/v1.0/powershell.exe');
  const recorded = join(home, 'recorded.ps1');
  const log = join(home, 'log');
  mkdirSync(join(system, 'WindowsPowerShell/v1.0'), { recursive: true });
  mkdirSync(log);
  chmodSync(log, 0o777);
  symlinkSync('drive', join(home, 'X:'));
  const script = (path: string, text: string): void => {
    writeFileSync(path, `#!/bin/sh\n${text}\n`);
    chmodSync(path, 0o755);
  };
  const environment = [
    'PATH=/usr/bin:/bin',
    // PowerShell keeps a start-up profile at home of its own accord, as it does on Windows.
    `HOME=${log}`,
    'TERM=dumb',
    'NO_COLOR=1',
    'POWERSHELL_TELEMETRY_OPTOUT=1',
    'PSModuleAnalysisCachePath=/dev/null',
    'DOTNET_EnableDiagnostics=0',
    'DOTNET_EnableWriteXorExecute=0',
    'COMPUTERNAME=SRV1',
    'USERNAME=admin',
    'PROCESSOR_ARCHITECTURE=AMD64',
    String.raw`'SystemRoot=X:\Windows'`,
  ].join(' ');
  const real = `echo started >>${log}/started\nexec env -i ${environment} ${process.execPath} ${relay} ${engine} ${recorded} "$@"`;
  script(
    join(system, 'taskkill.exe'),
    `[ "$1 $2 $3" = '-T -F -PID' ] || exit 1
end() { for child in $(cat /proc/"$1"/task/*/children); do end "$child"; done; kill -KILL "$1"; }
end "$4" && echo "$4" >>${log}/killed`,
  );
  const shells: Readonly<Record<LoginShell, string>> = {
    cmd: `line=$(printf %s "$2" | sed 's/%SystemRoot%/X:\\\\Windows/g')
case $line in
  *[\\"\\']*) echo 'a quote' >&2; exit 1 ;;
  'echo '*) printf '%s\\r\\n' "\${line#echo }"; exit 0 ;;
  */Windows*) echo 'a slash is a switch' >&2; exit 1 ;;
esac
set -f; set -- $line; set +f
path=${home}/$(printf %s "$1" | tr '\\\\' /); shift
[ -x "$path" ] || { echo 'The system cannot find the path specified.' >&2; exit 1; }
exec "$path" "$@"`,
    powershell: `exec env -i ${environment} ${engine} -NoProfile -c "New-PSDrive -Name X -PSProvider FileSystem -Root ${home}/drive | Out-Null; 'Welcome'; $2"`,
    sh: 'exec /bin/sh -c "$2"',
    bash: String.raw`cd ${home} && SYSTEMROOT='X:\Windows' exec /bin/bash -c "$2"`,
  };
  const [, hash = ''] = new RegExp(`^${plainAccount}:([^:]*)`, 'm').exec(readFileSync('/etc/shadow', 'utf8')) ?? [];
  must('usermod', ['-p', hash, windowsAccount]);
  for (const [name, text] of Object.entries(shells)) script(join(home, name), text);
  script(program, real);
  const lines = (name: string): string[] => {
    try {
      return readFileSync(join(log, name), 'utf8').trim().split('\n');
    } catch {
      return [];
    }
  };
  return {
    login: (shell) => void must('usermod', ['-s', join(home, shell), windowsAccount]),
    record: (machine, setup = '') => writeFileSync(recorded, `${fakesFor(machine)}${setup}`),
    powershell: (text) => script(program, text ?? real),
    noise: (out, errors) => script(program, `printf %s '${out}'; printf %s '${errors}' >&2\n${real}`),
    running: () =>
      readdirSync('/proc')
        .filter((name) => /^\d+$/.test(name))
        .map(commandLine)
        .filter((line) => line.includes(recorded)),
    killed: () => lines('killed'),
    started: () => lines('started').length,
    async sshd(more = []) {
      const copy = join(lab.folder, 'sshd-of-windows');
      copyFileSync('/usr/sbin/sshd', copy);
      const bytes = readFileSync(copy);
      const name = /OpenSSH_\S+ Debian[ -~]+/.exec(bytes.toString('latin1'));
      if (name === null) throw new Error('this sshd does not name itself as it should');
      bytes.write('OpenSSH_for_Windows_9.5'.padEnd(name[0].length, '\0'), name.index, 'latin1');
      writeFileSync(copy, bytes);
      chmodSync(copy, 0o755);
      return await lab.start(more, { program: copy });
    },
  };
}

function commandLine(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'latin1').replaceAll('\0', ' ');
  } catch {
    // It ended meanwhile.
    return '';
  }
}
