/** The command line. Each command is loaded when it is asked for: `--version` stays quick. */
import { scrubEnvironment } from '../host/environment.ts';
import { leaveIfStuck } from '../host/leave.ts';
import { type Command, commandTable } from './command-table.ts';
import { exitCodes } from './exit-codes.ts';
import { type Io, processIo } from './io.ts';
import { forTerminal } from './render/escape.ts';

async function dispatch([name = 'help', ...args]: readonly string[], io: Io): Promise<number> {
  if (name === '--version' || name === '-V' || name === 'version') {
    const { default: about } = await import('../../package.json', { with: { type: 'json' } });
    io.out(`${about.version}\n`);
    return exitCodes.done;
  }
  if (name === '--help' || name === '-h' || name === 'help') {
    io.out(helpText());
    return exitCodes.done;
  }
  const command = Object.hasOwn(commandTable, name) ? commandTable[name] : undefined;
  if (command === undefined) {
    io.err(`affiant: there is no command ${forTerminal(name)}\n  remedy: \`affiant help\` lists the commands\n`);
    return exitCodes.usage;
  }
  if (args.includes('--help') || args.includes('-h')) {
    io.out(`affiant ${name} ${command.usage}\n\n${command.summary}\n${optionLines(command)}`);
    return exitCodes.done;
  }
  const { run } = await command.load();
  return await run(withJson(command, args), io);
}

/** `--json` stands for `--format json` wherever a command has that. What follows `--` is left alone. */
function withJson({ options }: Command, given: readonly string[]): readonly string[] {
  if (!Object.hasOwn(options, '--format FORM')) return given;
  const end = given.includes('--') ? given.indexOf('--') : given.length;
  return given.flatMap((each, at) => (each === '--json' && at < end ? ['--format', 'json'] : [each]));
}

function helpText(): string {
  const shown = Object.entries(commandTable).filter(([, command]) => command.hidden !== true);
  const width = Math.max(...shown.map(([key]) => key.length));
  const lines = shown.map(([key, command]) => `  ${key.padEnd(width)}  ${command.summary}`);
  return `affiant: signed security-posture evidence from servers

${lines.join('\n')}

\`affiant COMMAND --help\` shows the options of one. Exit codes: docs/cli.md.
`;
}

function optionLines(command: Command): string {
  const width = Math.max(0, ...Object.keys(command.options).map((key) => key.length));
  const json = Object.hasOwn(command.options, '--format FORM') ? { '--json': 'the same as --format json' } : {};
  return Object.entries({ ...command.options, ...json })
    .map(([key, meaning]) => `\n  ${key.padEnd(width)}  ${meaning}`)
    .join('')
    .concat('\n');
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
