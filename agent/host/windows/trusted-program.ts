/** Which programs may be run on Windows: those that only the masters of the machine can change or replace. */
import { access, readdir } from 'node:fs/promises';
import { dirname } from 'node:path/win32';
import { missOfErrno } from '../errno.ts';
import { printable } from '../locator.ts';
import type { Raw, RawMiss } from '../machine.ts';
import { readDescriptor, strangersIn } from './sddl.ts';
import type { SystemFolders } from './system-folders.ts';

/** Looks at files, of the machine that we run on or of one behind SSH. */
export type ProgramLooks = {
  /** Why it cannot be said to be there; undefined where it is. */
  readonly gone: (path: string) => Promise<RawMiss | undefined>;
  /** Names in a folder; rejects where they cannot be read. */
  readonly names: (folder: string) => Promise<readonly string[]>;
};

export const ownLooks: ProgramLooks = {
  gone: (path) => access(path).then(() => undefined, missOfErrno),
  names: (folder) => readdir(folder),
};

/** Gives what the query file-owners gives for these paths. */
export type AskOwners = (paths: readonly string[]) => Promise<Raw<unknown>>;

/** In a list of commands this stands for the system folder, which need not lie on C:. */
const system32 = '%System32%';

/**
 * The first candidate that is there and that only SYSTEM, Administrators and TrustedInstaller can
 * change, with every folder above it. `denied` with the reason `untrusted-program` where one is there
 * and cannot be trusted, or where its rules could not be read.
 */
export async function trustedWindowsProgram(
  candidates: readonly string[],
  folders: SystemFolders,
  looks: ProgramLooks,
  askOwners: AskOwners,
): Promise<Raw<string>> {
  let worst: RawMiss = { outcome: 'absent', reason: 'no-such-program' };
  for (const candidate of candidates) {
    const program = await newestOf(candidate.replace(system32, folders.system32), looks.names);
    const gone = await looks.gone(program);
    const miss = gone ?? (await distrust(program, folders, askOwners));
    if (miss === undefined) return { outcome: 'ok', value: program };
    if (miss.outcome !== 'absent' && worst.outcome === 'absent') worst = miss;
  }
  return worst;
}

/**
 * `C:\\X\\Agent *\\x.exe` with the star of one folder's name replaced by what is there, the highest version first:
 * some products have a folder for each version. As it stands where there is no star, or nothing fits.
 */
export async function newestOf(
  candidate: string,
  list: (folder: string) => Promise<readonly string[]>,
): Promise<string> {
  const [, above = '', before = '', after = '', rest = ''] =
    /^(.*)\\([^\\*]*)\*([^\\*]*)(\\[^*]+)$/.exec(candidate) ?? [];
  if (rest === '') return candidate;
  const names = await list(above).catch((): readonly string[] => []);
  const fitting = names.filter(
    (name) =>
      name.length >= before.length + after.length &&
      name.toLowerCase().startsWith(before.toLowerCase()) &&
      name.toLowerCase().endsWith(after.toLowerCase()),
  );
  const [newest] = fitting.toSorted((left, right) =>
    right.localeCompare(left, 'en', { numeric: true, sensitivity: 'base' }),
  );
  return newest === undefined ? candidate : `${above}\\${newest}${rest}`;
}

async function distrust(program: string, folders: SystemFolders, askOwners: AskOwners): Promise<RawMiss | undefined> {
  const paths = [program, ...foldersAbove(program)];
  const answer = await askOwners(paths);
  // Without PowerShell nothing tells the rules. Windows itself lets only TrustedInstaller write to the system folder.
  if (answer.outcome === 'unsupported' || (answer.outcome === 'denied' && answer.reason === 'powershell-blocked'))
    return dirname(program).toLowerCase() === folders.system32.toLowerCase() ? undefined : untrusted(program);
  if (answer.outcome !== 'ok') return untrusted(program);
  const told = new Map(entries(answer.value));
  const fault = paths.find((path, at) => {
    const sddl = told.get(path);
    const descriptor = sddl === undefined ? undefined : readDescriptor(sddl, at === 0 ? 'file' : 'folder-above');
    return descriptor === undefined || strangersIn(descriptor).length > 0;
  });
  return fault === undefined ? undefined : untrusted(fault);
}

function foldersAbove(path: string): string[] {
  const above: string[] = [];
  for (let folder = dirname(path); ; folder = dirname(folder)) {
    above.push(folder);
    if (dirname(folder) === folder) return above;
  }
}

function entries(value: unknown): (readonly [string, string])[] {
  const list: readonly unknown[] = Array.isArray(value) ? value : [value];
  return list.flatMap((each) =>
    typeof each === 'object' && each !== null && 'path' in each && 'sddl' in each
      ? [[String(each.path), String(each.sddl)] as const]
      : [],
  );
}

function untrusted(path: string): RawMiss {
  const detail = `${printable(path)} can be changed by others than administrators, or its rules could not be read`;
  return { outcome: 'denied', reason: 'untrusted-program', detail: detail.slice(0, 400) };
}
