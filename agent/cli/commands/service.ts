import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path/win32';
import { ok, type Result, refuse } from '../../../evidence/result.ts';
import { ownSystemFolders } from '../../host/windows/system-folders.ts';
import { hostSeed } from '../../run/host-seed.ts';
import { turnOffsetMs } from '../../run/schedule.ts';
import { applyStep } from '../../service/apply-plan.ts';
import { installOnLinux, type LinuxSystem, uninstallOnLinux } from '../../service/linux-plan.ts';
import { ownCommand } from '../../service/own-command.ts';
import { type Step, stepText } from '../../service/plan.ts';
import { checkProgram } from '../../service/program-safety.ts';
import { linuxParts, type Part, windowsParts } from '../../service/service-state.ts';
import { installOnWindows, serviceName, uninstallOnWindows, type WindowsSystem } from '../../service/windows-plan.ts';
import { readArguments, readFormat } from '../arguments.ts';
import { exitCodes } from '../exit-codes.ts';
import type { Io } from '../io.ts';
import { forJson, forTerminal } from '../render/escape.ts';
import { openSession, stateOptions, stop } from '../session.ts';

const kinds = { 'dry-run': 'flag', 'as-root': 'flag', task: 'flag', format: 'text', ...stateOptions } as const;
const usage = 'service install|uninstall|status [--dry-run]';
/** Intervals that a calendar of systemd, cron and the task scheduler can all say. */
const intervals = [1, 2, 3, 4, 6, 8, 12, 24, 168];

/** Installs what runs by itself, takes it away, or says how it is. Each may be done twice. */
export async function run(args: readonly string[], io: Io): Promise<number> {
  const read = readArguments(args, kinds, { min: 1, max: 1 }, usage);
  if (!read.ok) return stop(io, read.refusal);
  const { options, positionals } = read.value;
  const [verb = ''] = positionals;
  const format = readFormat(options.format);
  if (!format.ok) return stop(io, format.refusal);
  if (verb === 'status') return status(format.value, io);
  if (verb !== 'install' && verb !== 'uninstall')
    return stop(io, { code: 'usage', message: `service ${verb} is not known`, remedy: `affiant ${usage}` });
  const session = await openSession(options, io);
  if (!session.ok) return stop(io, session.refusal);
  const steps = stepsOf(verb, session.value.loaded.settings.collect.everyHours, {
    asRoot: options['as-root'] === true,
    task: options.task === true,
  });
  if (!steps.ok) return stop(io, steps.refusal);
  if (options['dry-run'] === true) {
    io.out(
      format.value === 'json'
        ? `${forJson(steps.value)}\n`
        : steps.value
            .flatMap(dryLines)
            .map((line) => `${forTerminal(line)}\n`)
            .join(''),
    );
    return exitCodes.done;
  }
  const done: object[] = [];
  for (const step of steps.value) {
    const applied = applyStep(step);
    if (!applied.ok) return stop(io, applied.refusal);
    done.push({ step: stepText(step), outcome: applied.value });
    io.err(`${applied.value}: ${forTerminal(stepText(step))}\n`);
  }
  if (format.value === 'json') io.out(`${forJson({ steps: done })}\n`);
  return exitCodes.done;
}

function stepsOf(
  verb: 'install' | 'uninstall',
  everyHours: number,
  how: { readonly asRoot: boolean; readonly task: boolean },
): Result<Step[]> {
  if (!intervals.includes(everyHours))
    return refuse('config-interval', `collect.everyHours ${everyHours} is no schedule`, {
      remedy: `use one of ${intervals.join(', ')}; affiant run takes any`,
    });
  const command = ownCommand();
  const safe = verb === 'install' ? checkProgram(command) : ok(undefined);
  if (!safe.ok) return safe;
  const turn = { command, everyHours, offsetMs: turnOffsetMs(hostSeed(), everyHours * 3_600_000) };
  if (process.platform === 'win32') {
    const system = windowsSystem();
    return ok(verb === 'install' ? installOnWindows(system, { ...turn, ...how }) : uninstallOnWindows(system));
  }
  const system = linuxSystem();
  if (!system.ok) return system;
  return ok(verb === 'install' ? installOnLinux(system.value, { ...turn, ...how }) : uninstallOnLinux(system.value));
}

/** Every line of a file, as somebody may want to write it by hand. */
function dryLines(step: Step): string[] {
  const content = step.kind === 'write' || step.kind === 'begin' ? step.text.trimEnd().split('\n') : [];
  return [stepText(step), ...content.map((line) => `  | ${line}`)];
}

function linuxSystem(): Result<LinuxSystem> {
  const users = new Set(
    existsSync('/etc/passwd')
      ? readFileSync('/etc/passwd', 'utf8')
          .split('\n')
          .map((line) => line.split(':')[0] ?? '')
      : [],
  );
  // sd_booted(3).
  const init = existsSync('/run/systemd/system') ? 'systemd' : existsSync('/etc/cron.d') ? 'cron' : undefined;
  if (init === undefined)
    return refuse('service-unsupported', 'there is neither systemd nor /etc/cron.d here', {
      remedy: 'start `affiant run` by whatever supervises this system, such as a container',
    });
  const packaged = ['/usr/lib', '/lib'].some((folder) =>
    existsSync(`${folder}/systemd/system/affiant-collect.service`),
  );
  return ok({ init, packaged, users });
}

function windowsSystem(): WindowsSystem {
  const { system32 } = ownSystemFolders();
  const asked = spawnSync(join(system32, 'sc.exe'), ['query', serviceName], { stdio: 'ignore', windowsHide: true });
  return { system32, programData: process.env['ProgramData'] ?? 'C:\\ProgramData', hasService: asked.status === 0 };
}

function status(format: 'table' | 'json', io: Io): number {
  const parts = process.platform === 'win32' ? windowsParts(ownSystemFolders().system32) : linuxParts();
  if (format === 'json') io.out(`${forJson({ parts })}\n`);
  else
    io.out(
      parts.map((part) => `${forTerminal(partText(part))}\n`).join('') ||
        'nothing of Affiant is installed to run by itself\n',
    );
  return parts.some(({ well }) => well) ? exitCodes.done : exitCodes.failed;
}

function partText({ name, state, next }: Part): string {
  return `${name}: ${state}${next === undefined ? '' : `, next ${next}`}`;
}
