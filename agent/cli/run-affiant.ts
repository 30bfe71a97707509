/** The command line. Each command is loaded when it is asked for: `--version` stays quick. */
import { scrubEnvironment } from '../host/environment.ts';
import { leaveIfStuck } from '../host/leave.ts';
import { type Command, commandTable } from './command-table.ts';
import { exitCodes } from './exit-codes.ts';
import { commandHelpJson, commandHelpText, helpJson, helpText } from './help.ts';
import { type Io, processIo } from './io.ts';
import { answerInJson, isJsonAsked } from './json-answer.ts';
import { nearestOf } from './nearest.ts';
import { forTerminal } from './render/escape.ts';

/** The exit code of a command line. Faults of the program are thrown, after a problem was told where JSON is asked for. */
export async function dispatch(argv: readonly string[], plain: Io): Promise<number> {
  if (!isJsonAsked(argv)) return await answer(argv, plain, false);
  const { io, end } = answerInJson(plain);
  try {
    const code = await answer(argv, io, true);
    end(code);
    return code;
  } catch (error) {
    end(exitCodes.fault, { code: 'fault', message: 'a fault of the program; standard error says where' });
    throw error;
  }
}

async function answer([name = 'help', ...args]: readonly string[], io: Io, isJson: boolean): Promise<number> {
  if (name === '--version' || name === '-V' || name === 'version') {
    const { default: about } = await import('../../package.json', { with: { type: 'json' } });
    io.out(isJson ? `${JSON.stringify({ version: about.version })}\n` : `${about.version}\n`);
    return exitCodes.done;
  }
  if (name === '--help' || name === '-h' || name === 'help' || name === '--json') return help(args, io, isJson);
  const command = Object.hasOwn(commandTable, name) ? commandTable[name] : undefined;
  if (command === undefined) return unknown(name, io);
  if (args.includes('--help') || args.includes('-h')) return help([name], io, isJson);
  const { run } = await command.load();
  return await run(withJson(command, args), io);
}

/** Of one command where it is named. */
function help(args: readonly string[], io: Io, isJson: boolean): number {
  const name = args.find((each) => !each.startsWith('-'));
  const command = name !== undefined && Object.hasOwn(commandTable, name) ? commandTable[name] : undefined;
  if (name !== undefined && command === undefined) return unknown(name, io);
  if (name === undefined || command === undefined) io.out(isJson ? helpJson(commandTable) : helpText(commandTable));
  else io.out(isJson ? commandHelpJson(name, command) : commandHelpText(name, command));
  return exitCodes.done;
}

function unknown(name: string, io: Io): number {
  const shown = Object.keys(commandTable).filter((each) => commandTable[each]?.hidden !== true);
  const meant = nearestOf(name, [...shown, 'help', 'version']);
  io.refused({
    code: 'usage',
    message: `there is no command ${name}`,
    remedy: `${meant === undefined ? '' : `did you mean \`affiant ${meant}\`? `}\`affiant help\` lists the commands`,
  });
  return exitCodes.usage;
}

/** `--json` stands for `--format json` wherever a command has that. What follows `--` is left alone. */
function withJson({ options }: Command, given: readonly string[]): readonly string[] {
  if (!Object.hasOwn(options, '--format FORM')) return given;
  const end = given.includes('--') ? given.indexOf('--') : given.length;
  return given.flatMap((each, at) => (each === '--json' && at < end ? ['--format', 'json'] : [each]));
}

/** Runs the command that the process was started with to its end, and sets the exit code. Scrubs the environment first. */
export async function runAffiant(argv: readonly string[]): Promise<void> {
  scrubEnvironment();
  const io = processIo();
  try {
    process.exitCode = await dispatch(argv, io);
  } catch (error) {
    const trace = error instanceof Error ? (error.stack ?? error.message) : String(error);
    io.err(`affiant: a fault of the program: ${trace.split('\n').map(forTerminal).join('\n')}\n`);
    io.err('  remedy: report it with the lines above; nothing that was signed is lost\n');
    process.exitCode = exitCodes.fault;
  }
  // A file access that never came back (a dead network share) would keep the process alive for ever.
  leaveIfStuck(process.exitCode);
}
