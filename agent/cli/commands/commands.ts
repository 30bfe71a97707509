import { type ListedCommand, listCommands } from '../../host/commands.ts';
import { type ProofProgram, proofPrograms } from '../../prove/programs.ts';
import { sealingQuery } from '../../spool/windows-sealing.ts';
import { readArguments, readFormat } from '../arguments.ts';
import { exitCodes } from '../exit-codes.ts';
import type { Io } from '../io.ts';
import { forJson } from '../render/escape.ts';
import { styleFor, tableLines, widthOf } from '../render/table.ts';

/** What `affiant prove` starts when it is asked for. */
function listProofs(): ListedCommand[] {
  return Object.entries<ProofProgram>(proofPrograms).map(([id, { programs, line, privilege, reason }]) => ({
    id,
    line: `${programs.join(' or ')} ${line}`,
    privilege,
    reason,
    secret: false,
  }));
}

/** What the state folder asks of Windows for itself. */
function listSealing(): ListedCommand[] {
  const { file, privilege, reason } = sealingQuery;
  return [
    {
      id: 'machine-seal',
      line: `%SystemRoot%\\System32\\WindowsPowerShell\\v1.0\\powershell.exe -NoLogo -NoProfile -NonInteractive -OutputFormat Text -Command - < ${file}`,
      privilege,
      reason,
      secret: true,
    },
  ];
}

export async function run(args: readonly string[], io: Io): Promise<number> {
  const read = readArguments(args, { format: 'text' }, { min: 0, max: 0 }, 'commands [--format table|json]');
  const format = read.ok ? readFormat(read.value.options.format) : read;
  if (!format.ok) {
    io.refused(format.refusal);
    return exitCodes.usage;
  }
  const list = [...listCommands(), ...listProofs(), ...listSealing()];
  if (format.value === 'json') {
    io.out(`${forJson(list)}\n`);
    return exitCodes.done;
  }
  const { bold } = styleFor(io.stdout, io.environment);
  const rows = list.map(({ line, privilege, reason }) => [
    { text: line, style: bold },
    { text: privilege },
    { text: reason },
  ]);
  const width = widthOf(io.stdout);
  io.out(`${tableLines(rows, width, [Math.max(30, Math.floor(width / 2)), 5], 0).join('\n')}\n`);
  return exitCodes.done;
}
