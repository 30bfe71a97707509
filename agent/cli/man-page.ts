/** The page of the manual, affiant(1), from the command table (man(7)). */
import type { Command } from './command-table.ts';

/** `day`: such as 2026-11-30, as the page's date. */
export function manPage(table: Readonly<Record<string, Command>>, version: string, day: string): string {
  const shown = Object.entries(table).filter(([, command]) => command.hidden !== true);
  return `.\\" Made from the command table of affiant ${version}.
.TH AFFIANT 1 ${day} "affiant ${version}" "User Commands"
.SH NAME
affiant \\- signed security\\-posture evidence from servers
.SH SYNOPSIS
.B affiant
.I COMMAND
.RI [ OPTION ...]
.SH DESCRIPTION
Affiant gathers evidence of a server's security posture, signs it, and hands it to a central endpoint that keeps it.
It only reads.
.PP
.B \\-\\-json
stands for
.B \\-\\-format json
where a command has that option. Standard output is then one JSON document, which tells the problem where there is no answer.
.SH COMMANDS
${shown.map(([name, command]) => commandText(name, command)).join('')}.SH EXIT STATUS
.TS_PLACEHOLDER
.SH FILES
.TP
.I /etc/affiant/affiant.yaml
The configuration, with the files of
.I conf.d
beside it.
.TP
.I /var/lib/affiant
The state of the service: key, chain, spool.
.SH ENVIRONMENT
.TP
.B AFFIANT_STATE
The state folder, instead of the usual one.
.TP
.B NO_COLOR
No colours.
`.replace('.TS_PLACEHOLDER\n', exitText());
}

function commandText(name: string, { summary, usage, options }: Command): string {
  const lines = Object.entries(options).map(([key, meaning]) => `.RS\n.TP\n.B ${text(key)}\n${text(meaning)}\n.RE\n`);
  return `.SS ${name}\n${text(summary)}\n.PP\n.B affiant ${name}\n${text(usage)}\n${lines.join('')}`;
}

function exitText(): string {
  const codes: readonly (readonly [number, string])[] = [
    [0, 'Done.'],
    [1, 'A verification or a finding failed.'],
    [2, 'The command line or the configuration cannot be used.'],
    [3, 'With \\-\\-strict: collected, but parts were not seen.'],
    [4, 'The endpoint was not reached, or did not take the evidence; it waits in the spool.'],
    [5, 'The state folder, the key or the recording cannot be used.'],
    [70, 'A fault of the program.'],
  ];
  return codes.map(([code, meaning]) => `.TP\n.B ${code}\n${meaning}\n`).join('');
}

/** Backslashes and hyphens as they are; a line must not begin with a dot or a quote (groff_char(7)). */
function text(given: string): string {
  const escaped = given.replaceAll('\\', '\\e').replaceAll('-', '\\-').replaceAll('…', '...').replaceAll('`', '\\(ga');
  return escaped.replace(/^(['.])/, '\\&$1');
}
