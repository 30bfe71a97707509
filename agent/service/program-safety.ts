/** Whether the program that a service starts, and every folder above it, can be changed by nobody but root (on Windows: SYSTEM and administrators). */
import { lstatSync, realpathSync } from 'node:fs';
import { dirname } from 'node:path';
import { isSea } from 'node:sea';
import { ok, type Result, refuse } from '../../evidence/result.ts';
import { attempt } from '../spool/fault.ts';
import { checkWindowsFolder, readWindowsDescriptors } from '../spool/windows-folder.ts';

/**
 * The same at each start that nobody watches. Run from its sources the program is somebody's copy of them, which
 * `affiant service install` looks at; an executable looks at itself.
 */
export function checkOwnProgram(): Result<undefined> {
  return isSea() ? checkProgram([process.execPath]) : ok(undefined);
}

/** Refuses with `program-unsafe`, naming what others can change. */
export function checkProgram(command: readonly string[]): Result<undefined> {
  for (const path of command.filter((each) => /^(?:\/|[A-Za-z]:[\\/])/.test(each))) {
    const checked = process.platform === 'win32' ? checkOnWindows(path) : checkOnLinux(path);
    if (!checked.ok) return checked;
  }
  return ok(undefined);
}

function checkOnLinux(program: string): Result<undefined> {
  const real = realpathSync(program);
  for (let path = real; ; path = dirname(path)) {
    const { uid, mode } = lstatSync(path);
    if (uid !== 0 || (mode & 0o022) !== 0)
      return refuse('program-unsafe', `${path} can be changed by others than root, and so what a service starts`, {
        remedy: `install ${real} where only root can write, such as /usr/bin, or chown root and chmod go-w`,
      });
    if (path === '/') return ok(undefined);
  }
}

function checkOnWindows(program: string): Result<undefined> {
  const folder = dirname(realpathSync.native(program));
  const checked = attempt(folder, () => checkWindowsFolder(folder, readWindowsDescriptors));
  if (checked.ok) return ok(undefined);
  return refuse('program-unsafe', checked.refusal.message, { remedy: 'install it below C:\\Program Files' });
}
