/** Every parser of text that a collector has, by collector. `parsers-listed.test.ts` sees to it that none is missing. */
import { parsers as admins } from './admins/parsers.ts';
import { parsers as edr } from './edr/parsers.ts';
import { parsers as host } from './host/parsers.ts';
import { parsers as mfa } from './mfa/parsers.ts';
import type { NamedParser } from './mutations.ts';
import { samples as updates } from './updates/parsers.ts';
import { parsers as windows } from './windows/text-parsers.ts';

export const parserLists: Readonly<Record<string, readonly NamedParser[]>> = {
  host,
  updates: updates.map(({ name, text, parse }) => ({ name, sample: text, parse })),
  edr,
  admins,
  mfa,
  windows,
};

/** The files that name them, below this folder. */
export const listFiles = [
  'host/parsers.ts',
  'updates/parsers.ts',
  'edr/parsers.ts',
  'admins/parsers.ts',
  'mfa/parsers.ts',
  'windows/text-parsers.ts',
] as const;
