/** The libpam of this machine behind a small driver: a private folder of services, nothing of /etc/pam.d is touched. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { PamFacts } from '../../../judge/mfa/pam/outcome.ts';
import { pamSource } from '../../judge/mfa/pam/pam-source.ts';

export type Login = {
  readonly service: string;
  readonly user?: string;
  /** Of the controlled module: one character an ask, in the order of the calls. */
  readonly answers?: string;
  readonly password?: string;
  readonly code?: string;
};
export type LoginResult = { readonly result: number; readonly used: string };

export type RealLibpam = {
  readonly folder: string;
  /** Path of the controlled module. */
  readonly module: string;
  /** Whether this libpam takes Debian's @include. */
  readonly atIncludes: boolean;
  write(service: string, text: string): void;
  /** `environment` is all that the driver has. */
  login(logins: readonly Login[], environment?: Readonly<Record<string, string>>): LoginResult[];
  [Symbol.dispose](): void;
};

/** Builds driver and module with gcc; undefined, with the reason, where that is not possible here. */
export function realLibpam(): RealLibpam | string {
  const here = import.meta.dirname;
  const base = mkdtempSync(join(tmpdir(), 'affiant-pam-'));
  const folder = join(base, 'pam.d');
  mkdirSync(folder);
  const [module, driver] = [join(base, 'pam_affiant_test.so'), join(base, 'pam_driver')];
  for (const args of [
    ['-shared', '-fPIC', '-O1', '-Wall', '-Werror', '-o', module, join(here, 'pam-affiant-test.c')],
    ['-O1', '-Wall', '-Werror', '-o', driver, join(here, 'pam-driver.c'), '-lpam', '-ldl'],
  ]) {
    const built = spawnSync('gcc', args, { encoding: 'utf8' });
    if (built.status !== 0) {
      rmSync(base, { recursive: true, force: true });
      return `gcc with libpam0g-dev is needed: ${(built.error?.message ?? built.stderr).slice(0, 300)}`;
    }
  }
  const write = (service: string, text: string): void => writeFileSync(join(folder, service), text, 'latin1');
  const login = (logins: readonly Login[], environment: Readonly<Record<string, string>> = {}): LoginResult[] => {
    const input = logins.map(
      ({ service, user = 'root', answers = '', password = '', code = '' }) =>
        `${[service, user, answers, password, code].join('\t')}\n`,
    );
    const ran = spawnSync(driver, [folder, module], {
      input: input.join(''),
      encoding: 'utf8',
      maxBuffer: 1 << 28,
      env: environment,
    });
    const results = ran.stdout.split('\n').slice(0, -1);
    if (ran.status !== 0 || results.length !== logins.length)
      throw new Error(`the driver ended with ${ran.status ?? ran.signal}: ${ran.stderr}`);
    return results.map((line) => {
      const [result = '', used = ''] = line.split('\t');
      return { result: Number(result), used };
    });
  };
  write('probe-inner', `auth required ${module} ret=0\n`);
  write('probe', `@include ${join(folder, 'probe-inner')}\n`);
  write('other', `auth required ${module} ret=7\n`);
  const atIncludes = login([{ service: 'probe' }])[0]?.result === 0;
  return {
    folder,
    module,
    atIncludes,
    write,
    login,
    [Symbol.dispose]: () => rmSync(base, { recursive: true, force: true }),
  };
}

/** The facts that a collector would bring of these files: each by its service, and by its path for includes. */
export function factsOf(folder: string, files: ReadonlyMap<string, string>, atIncludes: boolean): PamFacts {
  const named = new Map<string, string>();
  for (const [name, text] of files) {
    named.set(name, text);
    named.set(join(folder, name), text);
  }
  return pamSource(named, { atIncludes, folder });
}
