/** What our own process and the programs that it starts may inherit from whoever started us: nothing that steers them. */

/** Folders that only root (Windows: the system) may write to, and no other. */
const searchPath =
  process.platform === 'win32'
    ? String.raw`C:\Windows\System32;C:\Windows;C:\Windows\System32\Wbem`
    : '/usr/sbin:/usr/bin:/sbin:/bin';

/** Variables that load code into a program, move its libraries or certificates, or change how text is read. */
const steering =
  /^(?:NODE_.*|SSL.*|OPENSSL.*|LD_.*|DYLD_.*|GCONV_PATH|GLIBC_TUNABLES|MALLOC_.*|BASH_ENV|BASH_FUNC_.*|BASHOPTS|SHELLOPTS|ENV|IFS|CDPATH|PERL.*|PYTHON.*|RUBY.*|UV_.*)$/i;

/**
 * Deletes what could steer us or our children, and sets the search path. Call it first of all.
 * Returns the names (never the values) of what it took away.
 */
export function scrubEnvironment(environment: NodeJS.ProcessEnv = process.env): string[] {
  const removed = Object.keys(environment).filter((name) => steering.test(name));
  for (const name of removed) delete environment[name];
  environment['PATH'] = searchPath;
  return removed;
}

/** The whole environment of every program that we start: English, UTF-8, UTC, no home. */
export function childEnvironment(): Record<string, string> {
  return { PATH: searchPath, LC_ALL: 'C.UTF-8', LANG: 'C.UTF-8', TZ: 'UTC', HOME: '/nonexistent' };
}
