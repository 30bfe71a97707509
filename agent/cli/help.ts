/** What `help` and `--help` say, in words or as JSON. */
import type { Command } from './command-table.ts';
import { forJson } from './render/escape.ts';

type Table = Readonly<Record<string, Command>>;

function shownOf(table: Table): [string, Command][] {
  return Object.entries(table).filter(([, command]) => command.hidden !== true);
}

export function helpText(table: Table): string {
  const shown = shownOf(table);
  const width = Math.max(...shown.map(([key]) => key.length));
  const lines = shown.map(([key, command]) => `  ${key.padEnd(width)}  ${command.summary}`);
  return `affiant: signed security-posture evidence from servers

${lines.join('\n')}

\`affiant COMMAND --help\` shows the options of one. Exit codes: docs/cli.md.
`;
}

export function helpJson(table: Table): string {
  return `${forJson({ commands: shownOf(table).map(([name, command]) => describe(name, command)) })}\n`;
}

export function commandHelpText(name: string, command: Command): string {
  return `affiant ${name} ${command.usage}\n\n${command.summary}\n${optionLines(command)}`;
}

export function commandHelpJson(name: string, command: Command): string {
  return `${forJson(describe(name, command))}\n`;
}

function describe(name: string, { summary, usage, options }: Command): object {
  return { name, summary, usage, options };
}

function optionLines(command: Command): string {
  const width = Math.max(0, ...Object.keys(command.options).map((key) => key.length));
  const json = Object.hasOwn(command.options, '--format FORM') ? { '--json': 'the same as --format json' } : {};
  return Object.entries({ ...command.options, ...json })
    .map(([key, meaning]) => `\n  ${key.padEnd(width)}  ${meaning}`)
    .join('')
    .concat('\n');
}
