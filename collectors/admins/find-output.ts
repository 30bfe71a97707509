/** Output of find(1) with our format: mode, owner, group, type, path, each entry ended by NUL. */
import type { CommandOutput } from '../../agent/host/host.ts';
import { type Parsed, parsed, unparsed } from '../fact.ts';

export type FoundFile = {
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** `f` file, `d` folder, as find's %y. */
  readonly type: string;
  readonly path: string;
};

const maxFiles = 5_000;

/** As getcap: a missing folder is fine, anything else that find complains of makes the answer half of one. */
export function parseFound({ stdout, stderr }: CommandOutput): Parsed<FoundFile[]> {
  const complaint = stderr
    .split('\n')
    .find((line) => line !== '' && !/^\S*find: .*: No such file or directory$/.test(line));
  if (complaint !== undefined)
    return unparsed(/denied|not permitted/i.test(complaint) ? 'parts-denied' : 'parts-failed');
  const entries = stdout.split('\0');
  if (entries.pop() !== '') return unparsed('truncated');
  const files: FoundFile[] = [];
  for (const entry of entries) {
    const [, mode = '', uid, gid, type = '', path] = /^([0-7]{1,4})\t(\d+)\t(\d+)\t(\w)\t(\/.*)$/s.exec(entry) ?? [];
    if (path === undefined) return unparsed('malformed-line');
    files.push({ mode: Number.parseInt(mode, 8), uid: Number(uid), gid: Number(gid), type, path });
  }
  if (files.length > maxFiles) return unparsed('too-many-entries');
  return parsed(files.toSorted((left, right) => (left.path < right.path ? -1 : left.path > right.path ? 1 : 0)));
}
