/** The RPM package (rpm-spec(5), rpmbuild(8)): the same bytes from the same files. */
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import about from '../../package.json' with { type: 'json' };
import type { Executable } from '../build/executable.ts';
import { needTool, runTool } from '../build/run-tool.ts';
import type { PackageOptions } from './deb.ts';
import { type Stage, scriptText } from './stage.ts';
import { writeStage } from './write-stage.ts';

const architectures = { x64: 'x86_64', arm64: 'aarch64' } as const;

export function rpmName(executable: Executable, version: string): string {
  return `affiant-${version}-1.${architectures[executable.target.arch]}.rpm`;
}

export function buildRpm(executable: Executable, stage: Stage, options: PackageOptions, out: string): void {
  const program = needTool(['rpmbuild'], 'rpm');
  const work = mkdtempSync(join(tmpdir(), 'affiant-rpm-'));
  try {
    const root = join(work, 'root');
    mkdirSync(root, { mode: 0o755 });
    writeStage(stage, root, options.epochSeconds);
    writeFileSync(join(work, 'affiant.spec'), specText(stage, options));
    const macros = {
      _topdir: work,
      _rpmdir: join(work, 'out'),
      _tmppath: work,
      // The executable holds its program behind what a linker made: whatever "improves" it breaks it.
      __os_install_post: '%{nil}',
      __strip: '/bin/true',
      debug_package: '%{nil}',
      _build_id_links: 'none',
      _buildhost: 'affiant',
      use_source_date_epoch_as_buildtime: '1',
      clamp_mtime_to_source_date_epoch: '1',
      _binary_payload: options.quick === true ? 'w1.gzdio' : 'w6.xzdio',
    };
    const defines = Object.entries(macros).flatMap(([name, value]) => ['--define', `${name} ${value}`]);
    const target = ['--target', `${architectures[executable.target.arch]}-linux`, '--buildroot', root];
    // rpmbuild looks for a user's own macros under HOME; the build knows none.
    const env = { PATH: process.env['PATH'], HOME: work, SOURCE_DATE_EPOCH: String(options.epochSeconds) };
    runTool(program, ['-bb', '--noclean', ...defines, ...target, join(work, 'affiant.spec')], { env });
    const made = readdirSync(join(work, 'out'), { recursive: true, encoding: 'utf8' }).find((name) =>
      name.endsWith('.rpm'),
    );
    copyFileSync(join(work, 'out', made ?? ''), out);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

function specText(stage: Stage, { version }: PackageOptions): string {
  // In a spec the percent sign begins a macro, also in scripts.
  const script = (name: string): string => scriptText(name, stage).replaceAll('%', '%%');
  const files = stage.files.map(({ path, mode, configuration }) => {
    const attributes = `%attr(0${mode.toString(8)}, root, root) `;
    return `${configuration === true ? '%config(noreplace) ' : ''}${attributes}${path}\n`;
  });
  // Folders that are ours alone go with us.
  const shared = stage.files
    .map(({ path }) => dirname(path))
    .filter((folder) => folder.startsWith('/usr/share/affiant'));
  const folders = [
    ...new Set([...stage.folders, ...shared, '/usr/share/affiant', '/usr/share/doc/affiant']),
  ].toSorted();
  return `Name: affiant
Version: ${version}
Release: 1
Summary: signed evidence of a server's security posture
License: Proprietary
Vendor: Affiant
AutoReqProv: no
Requires: libc.so.6(GLIBC_2.28)(64bit)
Requires: libstdc++.so.6()(64bit)
Requires: libgcc_s.so.1()(64bit)
Requires: /usr/sbin/useradd
Requires: /usr/bin/setpriv

%description
${about.description}.
It changes nothing on the server.

%pre
${script('rpm-pre.sh')}
%post
${script('rpm-post.sh')}
%preun
${script('rpm-preun.sh')}
%postun
${script('rpm-postun.sh')}
%files
%dir %attr(0755, root, root) /etc/affiant
${folders.map((folder) => `%dir %attr(0755, root, root) ${folder}\n`).join('')}${files.join('')}`;
}
