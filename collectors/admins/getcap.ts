/** Output of getcap(8) with -r: `PATH cap_…=ep` a line; older ones write `PATH = cap_…+ep`. */
import type { CommandOutput } from '../../agent/host/host.ts';
import type { FileCapability } from '../../schemas/generated/types.ts';
import { type Parsed, parsed, unparsed } from '../fact.ts';
import { toText } from '../text.ts';

const maxFiles = 5_000;

/** A folder that is not there is said on standard error, which is fine; anything else there makes the answer half of one. */
export function parseGetcap({ stdout, stderr }: CommandOutput): Parsed<FileCapability[]> {
  const complaint = stderr.split('\n').find((line) => line !== '' && !line.endsWith('(No such file or directory)'));
  if (complaint !== undefined)
    return unparsed(/denied|not permitted/i.test(complaint) ? 'parts-denied' : 'parts-failed');
  const files: FileCapability[] = [];
  for (const [at, line] of stdout.split('\n').entries()) {
    if (line === '') continue;
    const [, path, capabilities] =
      /^(\/.*?) (?:= )?((?:cap_[a-z0-9_]+(?:,cap_[a-z0-9_]+)*|all)?[=+-]\S*(?: \S+)*|=\S*)$/s.exec(line) ?? [];
    if (path === undefined || capabilities === undefined) return unparsed('malformed-line', `line ${at + 1}`);
    files.push({ path: toText(path), capabilities: toText(capabilities) });
  }
  return files.length > maxFiles ? unparsed('too-many-entries') : parsed(files.toSorted(byPath));
}

function byPath(left: FileCapability, right: FileCapability): number {
  const [a, b] = [JSON.stringify(left.path), JSON.stringify(right.path)];
  return a < b ? -1 : a > b ? 1 : 0;
}
