/** PowerShell asked a few questions at once, and waited for: before the state folder is open nothing else may go on. */
import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path/win32';
import type { Raw } from '../host/machine.ts';
import { readAnswer } from '../host/powershell/answer.ts';
import { preludeText, queryText } from '../host/powershell/script.ts';
import type { QueryParameters, QuerySpec } from '../host/queries.ts';
import { windowsEnvironment } from '../host/windows/child-environment.ts';
import { powershellArguments } from '../host/windows/start-powershell.ts';
import { ownSystemFolders } from '../host/windows/system-folders.ts';

export type Question = { readonly spec: QuerySpec; readonly parameters?: QueryParameters };
/** The answers, in the order of the questions. */
export type AskOnce = (questions: readonly Question[]) => readonly Raw<unknown>[];

/** The PowerShell of this Windows; undefined where there is none. */
export function windowsAsker(): AskOnce | undefined {
  const folders = ownSystemFolders();
  const program = join(folders.system32, 'WindowsPowerShell', 'v1.0', 'powershell.exe');
  return existsSync(program) ? askerOf(program, windowsEnvironment(folders, process.env)) : undefined;
}

/** Any PowerShell; `setup` is what tests put in the place of Windows. */
export function askerOf(program: string, env: Readonly<Record<string, string>>, setup = ''): AskOnce {
  return (questions) => {
    const marked = questions.map((question) => ({ ...question, mark: randomBytes(16).toString('hex') }));
    const texts = marked.map(({ spec, parameters, mark }) => queryText(spec, parameters, mark));
    const { stdout } = spawnSync(program, powershellArguments, {
      input: `${preludeText()}${setup}\n${texts.join('')}`,
      env,
      timeout: 60_000,
      maxBuffer: 1024 * 1024,
      windowsHide: true,
    });
    return marked.map(({ mark }) => readAnswer(stdout ?? Buffer.alloc(0), mark));
  };
}
