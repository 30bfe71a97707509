/** The text that goes to PowerShell: readable script, ASCII, no line that could end its block early. */
import { ownText } from '../own-program.ts';
import type { QueryParameters, QuerySpec } from '../queries.ts';

/** The lines of a script without comments and blank lines: at a blank line `-Command -` would run what it has. */
export function scriptLines(text: string): readonly string[] {
  const lines = text.split(/\r?\n/).filter((line) => line.trim() !== '' && !line.trimStart().startsWith('#'));
  // The code page by which Windows PowerShell reads its input is not ours to know.
  if (lines.some((line) => /[^\x20-\x7e\t]/.test(line))) throw new RangeError('a script must be ASCII');
  return lines;
}

const cache = new Map<string, readonly string[]>();

/** The lines of a script of the project, by its path from the root. */
export function readScript(file: string): readonly string[] {
  const known = cache.get(file);
  if (known !== undefined) return known;
  const lines = scriptLines(ownText(file));
  cache.set(file, lines);
  return lines;
}

/** What every process is told first. */
export function preludeText(): string {
  return block(readScript('agent/host/powershell/prelude.ps1'));
}

/** What a process behind SSH is told beside it. */
export function remoteText(): string {
  return block(readScript('agent/host/powershell/remote.ps1'));
}

/** Functions end their own blocks at column one; a blank line after each closes it for `-Command -`. */
function block(lines: readonly string[]): string {
  return `${lines.map((line) => (line === '}' ? '}\n' : line)).join('\n')}\n\n`;
}

/**
 * Parameters as one base64 literal. The JSON is ASCII, and base64 has no quote, so that no name on a
 * server can end the literal or become code.
 */
export function encodeParameters(parameters: QueryParameters | undefined): string {
  if (parameters === undefined) return '';
  const json = JSON.stringify(parameters).replace(
    /[^\x20-\x7e]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
  return Buffer.from(json, 'ascii').toString('base64');
}

/** One query as it is written to the process. `mark` is random: nothing that a script prints can pass for it. */
export function queryText(spec: QuerySpec, parameters: QueryParameters | undefined, mark: string): string {
  const lines = readScript(spec.file);
  return [
    `Invoke-AffiantQuery '${mark}' '${encodeParameters(parameters)}' {`,
    ...lines,
    '}',
    '',
    // Also where the block could not be read as PowerShell at all.
    `'[${mark} end]'`,
    '',
    '',
  ].join('\n');
}
