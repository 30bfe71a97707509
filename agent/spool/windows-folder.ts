/**
 * Whether a folder of Windows is safe to keep keys and evidence in: by owners and access rules, which Node
 * does not know. %ProgramData% lets every user make folders, so one that is there already may be somebody else's.
 */
import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path/win32';
import { queries } from '../host/queries.ts';
import { windowsEnvironment } from '../host/windows/child-environment.ts';
import { readDescriptor, strangersIn } from '../host/windows/sddl.ts';
import { ownSystemFolders } from '../host/windows/system-folders.ts';
import { fail } from './fault.ts';
import { type AskOnce, windowsAsker } from './windows-ask.ts';

/** Security descriptors by path, and the SID of whoever asks; undefined where nothing could tell them. */
export type Descriptors = { readonly caller: string; readonly sddl: ReadonlyMap<string, string> };
export type ReadDescriptors = (paths: readonly string[]) => Descriptors | undefined;

/**
 * Faults: `folder-unsafe` where others than SYSTEM, administrators and the caller own the folder, one above it or one of
 * `files` in it, or may change it; `folder-unchecked` where nobody could tell.
 */
export function checkWindowsFolder(folder: string, read: ReadDescriptors, files: readonly string[] = []): void {
  const above: string[] = [];
  for (let path = dirname(folder); ; path = dirname(path)) {
    above.push(path);
    if (dirname(path) === path) break;
  }
  const remedy = `icacls "${folder}" /inheritance:r /grant:r *S-1-5-18:(OI)(CI)F *S-1-5-32-544:(OI)(CI)F, or choose another: --state DIR`;
  const own = [folder, ...files];
  const told = read([...own, ...above]);
  if (told === undefined)
    fail('folder-unchecked', `who may change ${folder} could not be asked: PowerShell did not answer`, remedy);
  for (const path of [...own, ...above]) {
    const sddl = told.sddl.get(path.toLowerCase());
    const descriptor =
      sddl === undefined ? undefined : readDescriptor(sddl, own.includes(path) ? 'file' : 'folder-above');
    if (descriptor === undefined) fail('folder-unchecked', `who may change ${path} could not be read`, remedy);
    const [stranger] = strangersIn(descriptor, [told.caller]);
    if (stranger !== undefined)
      fail('folder-unsafe', `${path} belongs to ${stranger}, or lets it change what is in it`, remedy);
  }
}

/** Asks Windows PowerShell once, and waits: nothing may be written before it is known. */
export function readWindowsDescriptors(paths: readonly string[]): Descriptors | undefined {
  const ask = windowsAsker();
  return ask === undefined ? undefined : askDescriptors(ask, paths);
}

/** The same of any PowerShell. */
export function askDescriptors(ask: AskOnce, paths: readonly string[]): Descriptors | undefined {
  const [session, owners] = ask([{ spec: queries.session }, { spec: queries['file-owners'], parameters: { paths } }]);
  if (session?.outcome !== 'ok' || owners?.outcome !== 'ok') return undefined;
  const caller = sidOf(session.value);
  const list: readonly unknown[] = Array.isArray(owners.value) ? owners.value : [owners.value];
  const sddl = list.flatMap((each) =>
    typeof each === 'object' && each !== null && 'path' in each && 'sddl' in each
      ? [[String(each.path).toLowerCase(), String(each.sddl)] as const]
      : [],
  );
  return caller === undefined ? undefined : { caller, sddl: new Map(sddl) };
}

function sidOf(session: unknown): string | undefined {
  if (typeof session !== 'object' || session === null || !('caller' in session)) return undefined;
  const part: unknown = session.caller;
  const value: unknown = typeof part === 'object' && part !== null && 'value' in part ? part.value : undefined;
  const sid = typeof value === 'object' && value !== null && 'sid' in value ? value.sid : undefined;
  return typeof sid === 'string' && /^S-1-[0-9-]+$/.test(sid) ? sid : undefined;
}

/** Set anew while somebody who looks into each new folder (a scanner of files) holds it open: a second, then it is a fault. */
const renameTries = 20;

/**
 * Makes a folder that lets SYSTEM, administrators and the caller alone in: under another name, which takes its own once it
 * is closed. So it is never there unclosed, not after a power cut either, and nobody was quicker to put something into
 * it: %ProgramData% hands down to a new folder that every user may. A folder that is there by now is left as it is.
 */
export function makeClosedWindowsFolder(folder: string, close: (made: string) => void = closeWindowsFolder): void {
  const made = `${folder}.${randomBytes(8).toString('hex')}.new`;
  mkdirSync(made, { mode: 0o700 });
  try {
    close(made);
    if (readdirSync(made).length > 0)
      fail('folder-unsafe', `somebody put a file into ${made} while it was made`, 'look who it was, then try again');
    for (let tries = 1; !existsSync(folder); tries += 1)
      try {
        renameSync(made, folder);
        return;
      } catch (error) {
        if (tries === renameTries) throw error;
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 50);
      }
  } finally {
    rmSync(made, { recursive: true, force: true });
  }
}

/** Lets SYSTEM, administrators and the caller alone into a folder that was just made; what is made in it inherits that. */
function closeWindowsFolder(folder: string): void {
  const folders = ownSystemFolders();
  const grants = ['*S-1-5-18:(OI)(CI)F', '*S-1-5-32-544:(OI)(CI)F', '*S-1-3-4:(OI)(CI)F'];
  const ran = spawnSync(join(folders.system32, 'icacls.exe'), [folder, '/inheritance:r', '/grant:r', ...grants], {
    env: windowsEnvironment(folders, process.env),
    stdio: 'ignore',
    timeout: 30_000,
    windowsHide: true,
  });
  if (ran.status !== 0)
    fail(
      'folder-unsafe',
      `the access rules of ${folder} could not be set`,
      'run as an administrator, or choose another: --state DIR',
    );
}
