/** Does the steps of a plan, one after the other, and stops at the first that fails. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { ok, type Result, refuse } from '../../evidence/result.ts';
import { childEnvironment } from '../host/environment.ts';
import { makeClosedWindowsFolder } from '../spool/windows-folder.ts';
import { type Step, stepText } from './plan.ts';

export type Done = 'done' | 'as it was';

export function applyStep(step: Step): Result<Done> {
  try {
    switch (step.kind) {
      case 'write':
        return ok(write(step.path, bytesOf(step)) ? 'done' : 'as it was');
      case 'begin':
        return ok(begin(step.path, step.text) ? 'done' : 'as it was');
      case 'remove':
        if (!existsSync(step.path)) return ok('as it was');
        rmSync(step.path);
        removeEmpty(dirname(step.path));
        return ok('done');
      case 'run':
        return run(step);
    }
  } catch (error) {
    return refuse('service-step-failed', `${stepText(step)}: ${error instanceof Error ? error.message : 'failed'}`, {
      remedy: process.platform === 'win32' ? 'run as an administrator' : 'run as root',
    });
  }
}

function bytesOf({ text, encoding }: Step & { kind: 'write' }): Buffer {
  return encoding === 'utf16le' ? Buffer.from(`\ufeff${text}`, 'utf16le') : Buffer.from(text, 'utf8');
}

/** Whether anything had to be written. */
function write(path: string, bytes: Buffer): boolean {
  if (existsSync(path) && readFileSync(path).equals(bytes)) return false;
  mkdirSync(dirname(path), { recursive: true, mode: 0o755 });
  writeFileSync(path, bytes, { mode: 0o644 });
  return true;
}

/**
 * Whether it was begun. A folder that is there already may be somebody else's: nothing is put into it; what is read
 * from it later is looked at then (config/load.ts).
 */
function begin(path: string, text: string): boolean {
  const folder = dirname(path);
  if (existsSync(folder)) return false;
  if (process.platform === 'win32') makeClosedWindowsFolder(folder);
  else mkdirSync(folder, { mode: 0o755 });
  writeFileSync(path, text, { mode: 0o644, flag: 'wx' });
  return true;
}

/** A folder of drop-ins that held nothing else. */
function removeEmpty(folder: string): void {
  if (!folder.endsWith('.d') || folder.endsWith('/cron.d')) return;
  try {
    rmdirSync(folder);
  } catch {
    // Somebody else's drop-in lies in it.
  }
}

function run({ argv, codes = [0] }: Step & { kind: 'run' }): Result<Done> {
  const [program = '', ...args] = argv;
  const environment = process.platform === 'win32' ? process.env : { ...childEnvironment() };
  const ran = spawnSync(program, args, { encoding: 'utf8', env: environment, timeout: 120_000, windowsHide: true });
  if (ran.status !== null && codes.includes(ran.status)) return ok('done');
  const said = `${ran.stderr ?? ''}${ran.stdout ?? ''}`.trim().split('\n')[0] ?? '';
  return refuse(
    'service-step-failed',
    `${argv.join(' ')} ended with ${ran.status ?? ran.signal ?? ran.error?.message}: ${said}`,
    { remedy: process.platform === 'win32' ? 'run as an administrator' : 'run as root; what was done before stays' },
  );
}
