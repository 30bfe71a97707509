/** The Debian package (deb-control(5), dpkg-deb(1)): the same bytes from the same files. */
import { createHash } from 'node:crypto';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Executable } from '../build/executable.ts';
import { needTool, runTool } from '../build/run-tool.ts';
import { type Stage, scriptText } from './stage.ts';
import { writeStage } from './write-stage.ts';

export type PackageOptions = {
  readonly version: string;
  /** The time that all files get, so that the bytes do not depend on when they were made. */
  readonly epochSeconds: number;
  /** For tests: small work instead of a small file. */
  readonly quick?: boolean;
};

const architectures = { x64: 'amd64', arm64: 'arm64' } as const;

export function debName(executable: Executable, version: string): string {
  return `affiant_${version}_${architectures[executable.target.arch]}.deb`;
}

export function buildDeb(executable: Executable, stage: Stage, options: PackageOptions, out: string): void {
  const program = needTool(['dpkg-deb'], 'dpkg');
  const root = mkdtempSync(join(tmpdir(), 'affiant-deb-'));
  try {
    chmodSync(root, 0o755);
    writeStage(stage, root, options.epochSeconds);
    mkdirSync(join(root, 'DEBIAN'));
    for (const [name, text] of controlFiles(executable, stage, options, root)) {
      writeFileSync(join(root, 'DEBIAN', name), text);
      chmodSync(join(root, 'DEBIAN', name), /^(?:post|pre)/.test(name) ? 0o755 : 0o644);
    }
    // One thread: how the work is divided would show in the bytes.
    const compression = options.quick === true ? ['-Zgzip', '-z1'] : ['-Zxz', '-z6'];
    const env = { PATH: process.env['PATH'], SOURCE_DATE_EPOCH: String(options.epochSeconds) };
    runTool(program, ['--root-owner-group', '--threads-max=1', ...compression, '--build', root, out], { env });
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

function controlFiles(
  { target }: Executable,
  stage: Stage,
  { version }: PackageOptions,
  root: string,
): Map<string, string> {
  const bytes = stage.files.reduce((sum, { path }) => sum + statSync(join(root, path)).size, 0);
  const control = `Package: affiant
Version: ${version}
Architecture: ${architectures[target.arch]}
Maintainer: Affiant <security@affiant.invalid>
Installed-Size: ${Math.ceil(bytes / 1024)}
Depends: libc6 (>= 2.28), libstdc++6 (>= 8), libgcc-s1 | libgcc1, passwd, util-linux
Section: admin
Priority: optional
Description: signed evidence of a server's security posture
 Gathers update levels, the state of threat detection, administrators and second
 factors, signs what it saw, and hands it to a central endpoint that keeps it so
 that nobody can change it unseen. It changes nothing on the server.
`;
  const conffiles = stage.files.filter(({ configuration }) => configuration).map(({ path }) => `${path}\n`);
  const md5sums = stage.files
    .filter(({ configuration }) => configuration !== true)
    .map(({ path }) => {
      const digest = createHash('md5')
        .update(readFileSync(join(root, path)))
        .digest('hex');
      return `${digest}  ${path.slice(1)}\n`;
    });
  return new Map([
    ['control', control],
    ['conffiles', conffiles.join('')],
    ['md5sums', md5sums.join('')],
    ['postinst', scriptText('deb-postinst.sh', stage)],
    ['prerm', scriptText('deb-prerm.sh', stage)],
    ['postrm', scriptText('deb-postrm.sh', stage)],
  ]);
}
