/** Which programs may be run on Windows: those that only the masters of the machine can change or replace. */
import { access } from 'node:fs/promises';
import { dirname } from 'node:path/win32';
import { missOfErrno } from '../errno.ts';
import { printable } from '../locator.ts';
import type { Raw, RawMiss } from '../machine.ts';
import { readDescriptor, strangersIn } from './sddl.ts';
import type { SystemFolders } from './system-folders.ts';

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
  askOwners: AskOwners,
): Promise<Raw<string>> {
  let worst: RawMiss = { outcome: 'absent', reason: 'no-such-program' };
  for (const candidate of candidates) {
    const program = candidate.replace(system32, folders.system32);
    const gone = await access(program).then(() => undefined, missOfErrno);
    const miss = gone ?? (await distrust(program, folders, askOwners));
    if (miss === undefined) return { outcome: 'ok', value: program };
    if (miss.outcome !== 'absent' && worst.outcome === 'absent') worst = miss;
  }
  return worst;
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
