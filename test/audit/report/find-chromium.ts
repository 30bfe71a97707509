import { existsSync } from 'node:fs';

/** Debian's chromium, or the one that AFFIANT_CHROMIUM names. */
export function findChromium(): string | undefined {
  const named = process.env['AFFIANT_CHROMIUM'];
  return [...(named === undefined ? [] : [named]), '/usr/bin/chromium'].find((file) => existsSync(file));
}
