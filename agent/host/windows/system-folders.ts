/** Where Windows lies. Its own variables (SystemRoot, windir) can be set by whoever starts us, so they are not asked. */
import { join } from 'node:path/win32';

export type SystemFolders = {
  /** `C:\Windows`. */
  readonly windows: string;
  /** The System32 that holds programs of this machine's own width: `Sysnative` for a 32-bit process. */
  readonly system32: string;
};

/** Node's report, as far as it is read here. */
export type LoadedModules = { readonly sharedObjects?: readonly string[] };

/**
 * The loader knows: ntdll.dll is mapped into every process, from nowhere but the system folder. A
 * 32-bit process on 64-bit Windows sees SysWOW64 under that name, and the real folder as Sysnative
 * (Microsoft Learn, "File System Redirector").
 */
export function systemFolders(
  { sharedObjects = [] }: LoadedModules,
  pointerBits: 32 | 64,
  is64BitWindows: boolean,
): SystemFolders {
  const found = sharedObjects.map((path) => /^([A-Za-z]:\\.*)\\[^\\]+\\ntdll\.dll$/i.exec(path)?.[1]).find(Boolean);
  const windows = found ?? String.raw`C:\Windows`;
  return { windows, system32: join(windows, pointerBits === 32 && is64BitWindows ? 'Sysnative' : 'System32') };
}

/** Those of the machine that we run on. */
export function ownSystemFolders(): SystemFolders {
  // Without the network part, which would look up names.
  Object.assign(process.report, { excludeNetwork: true });
  const report = process.report.getReport() as LoadedModules;
  const bits = process.arch === 'ia32' ? 32 : 64;
  return systemFolders(report, bits, bits === 64 || process.env['PROCESSOR_ARCHITEW6432'] !== undefined);
}
