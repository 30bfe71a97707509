/** The installers of an executable, each built once for the same parts. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import about from '../../package.json' with { type: 'json' };
import { buildDeb, debName, type PackageOptions } from '../linux/deb.ts';
import { buildRpm, rpmName } from '../linux/rpm.ts';
import { type Stage, scriptText, stage } from '../linux/stage.ts';
import { buildMsi, msiName } from '../windows/msi.ts';
import type { Bundle } from './bundle.ts';
import { cached, fileSha256, keyOf, projectRoot, sha256 } from './cache.ts';
import type { Executable } from './executable.ts';
import { findTool, runTool } from './run-tool.ts';
import { thirdParties } from './third-party.ts';

export type Installer = 'deb' | 'rpm' | 'msi';

export function installersFor({ target }: Executable): Installer[] {
  return target.platform === 'win32' ? ['msi'] : ['deb', 'rpm'];
}

/** Version and time of the packages: that of the commit, so that a checkout always gives the same bytes. */
export function packageOptions(): PackageOptions {
  const asked = process.env['SOURCE_DATE_EPOCH'];
  return { version: about.version, epochSeconds: Number(asked ?? commitTime() ?? '1767225600') };
}

function commitTime(): string | undefined {
  const git = findTool(['git']);
  try {
    return git === undefined ? undefined : runTool(git, ['log', '-1', '--format=%ct'], { cwd: projectRoot }).trim();
  } catch {
    // No checkout: an archive of the sources.
    return undefined;
  }
}

/** The file of an installer. */
export function buildInstaller(
  kind: Installer,
  executable: Executable,
  bundle: Bundle,
  options: PackageOptions,
): string {
  const components = thirdParties(executable.target, bundle.packages);
  const files = stage(executable, components, options.epochSeconds);
  const name = {
    deb: debName(executable, options.version),
    rpm: rpmName(executable, options.version),
    msi: msiName(options.version),
  }[kind];
  const key = keyOf(kind, executable.sha256, JSON.stringify(options), contentOf(files), recipe(kind));
  const folder = cached('installer', key, (made) => {
    const out = join(made, name);
    if (kind === 'deb') buildDeb(executable, files, options, out);
    else if (kind === 'rpm') buildRpm(executable, files, options, out);
    else buildMsi(executable, components, options, out);
  });
  return join(folder, name);
}

function contentOf(files: Stage): string {
  const deb = ['deb-postinst.sh', 'deb-prerm.sh', 'deb-postrm.sh'];
  const scripts = [...deb, 'rpm-pre.sh', 'rpm-post.sh', 'rpm-preun.sh', 'rpm-postun.sh'];
  return sha256(JSON.stringify([files, ...scripts.map((script) => scriptText(script, files))]));
}

function recipe(kind: Installer): string {
  const host = ['affiant-service.c', 'messages.mc', 'build.ts'].map((name) => `../service-host/${name}`);
  const parts =
    kind === 'msi' ? ['msi.ts', 'summary.ts', 'affiant.wxs', ...host] : [`${kind}.ts`, 'write-stage.ts', 'stage.ts'];
  const folder = join(projectRoot, 'packaging', kind === 'msi' ? 'windows' : 'linux');
  const docs = sha256(readFileSync(join(projectRoot, 'docs/install.md')));
  return [...parts.map((part) => fileSha256(join(folder, part))), docs].join(' ');
}
