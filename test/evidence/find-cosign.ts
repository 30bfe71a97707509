import { accessSync, constants } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';

/** cosign as AFFIANT_COSIGN names it (whether it is there or not), else as PATH has it, else where test/judges/cosign.sh puts it. */
export function findCosign(): string | undefined {
  const { AFFIANT_COSIGN, AFFIANT_JUDGES, XDG_CACHE_HOME, PATH = '' } = process.env;
  if (AFFIANT_COSIGN !== undefined) return AFFIANT_COSIGN;
  const judges = AFFIANT_JUDGES ?? join(XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'affiant-judges');
  const onPath = PATH.split(delimiter).map((folder) => join(folder, 'cosign'));
  return [...onPath, join(judges, 'cosign/usr/bin/cosign')].find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
