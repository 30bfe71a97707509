/**
 * How a program is started that may be a batch file. Node starts none (CVE-2024-27980): Windows hands it to cmd.exe,
 * which reads signs in arguments as its own. So cmd.exe is started by name, and only with words that hold no such sign. Pure.
 */
import { join } from 'node:path/win32';
import type { SystemFolders } from './system-folders.ts';

export type WindowsStart = {
  readonly file: string;
  readonly args: readonly string[];
  /** The last argument is written as it stands, quotes included. */
  readonly verbatim: boolean;
};

/** Undefined where cmd.exe could take a sign of the path or of an argument for its own. */
export function startOf(
  program: string,
  args: readonly string[],
  { system32 }: Pick<SystemFolders, 'system32'>,
): WindowsStart | undefined {
  if (!/\.(?:cmd|bat)$/i.test(program)) return { file: program, args, verbatim: false };
  const isPlain = /^[^"%!^&|<>\r\n]+$/.test(program) && args.every((word) => /^[A-Za-z0-9_.:=/-]+$/.test(word));
  if (!isPlain) return undefined;
  // `cmd /?`: with /s the first and the last quote are taken off, and the rest is the line.
  const line = `"${[`"${program}"`, ...args].join(' ')}"`;
  return { file: join(system32, 'cmd.exe'), args: ['/d', '/s', '/c', line], verbatim: true };
}
