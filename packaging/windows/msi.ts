/** The Windows Installer package, by wixl of msitools (wiki.gnome.org/msitools). */
import { copyFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { projectRoot, sha256 } from '../build/cache.ts';
import type { Executable } from '../build/executable.ts';
import { PackagingError } from '../build/failure.ts';
import { needTool, runTool } from '../build/run-tool.ts';
import { sbomOf } from '../build/sbom.ts';
import { type Component, noticesText } from '../build/third-party.ts';
import type { PackageOptions } from '../linux/deb.ts';
import { buildServiceHost, missingForServiceHost } from '../service-host/build.ts';
import { fixSummary } from './summary.ts';

export function msiName(version: string): string {
  return `affiant-${version}-x64.msi`;
}

export function buildMsi(
  executable: Executable,
  components: readonly Component[],
  { version, epochSeconds }: PackageOptions,
  out: string,
): void {
  const program = needTool(['wixl'], 'wixl');
  const work = mkdtempSync(join(tmpdir(), 'affiant-msi-'));
  try {
    const missing = missingForServiceHost();
    if (missing !== undefined)
      throw new PackagingError(
        `the program ${missing} is not installed`,
        'on Debian: apt-get install gcc-mingw-w64-x86-64',
      );
    buildServiceHost(work);
    copyFileSync(executable.file, join(work, 'affiant.exe'));
    writeFileSync(join(work, 'affiant.cdx.json'), sbomOf(executable, components));
    writeFileSync(join(work, 'notices.txt'), crlf(noticesText(components)));
    writeFileSync(join(work, 'install.md'), crlf(readFileSync(join(projectRoot, 'docs/install.md'), 'utf8')));
    const source = readFileSync(join(import.meta.dirname, 'affiant.wxs'), 'utf8')
      .replaceAll('@VERSION@', version)
      .replaceAll('@PRODUCT@', guid(`product ${version} ${executable.sha256}`));
    writeFileSync(join(work, 'affiant.wxs'), source);
    const env = { PATH: process.env['PATH'], SOURCE_DATE_EPOCH: String(epochSeconds) };
    // The cabinet keeps the times of the files.
    for (const name of readdirSync(work)) utimesSync(join(work, name), epochSeconds, epochSeconds);
    runTool(program, ['--arch', 'x64', '--output', join(work, 'out.msi'), 'affiant.wxs'], { cwd: work, env });
    const msi = readFileSync(join(work, 'out.msi'));
    fixSummary(msi, guid(`package ${version} ${executable.sha256}`), epochSeconds);
    writeFileSync(out, msi);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

function crlf(text: string): string {
  return text.replaceAll('\n', '\r\n');
}

/** A name for each build: to Windows Installer every build is a product of its own, and the upgrade code joins them. */
function guid(what: string): string {
  const hex = sha256(`affiant msi ${what}`);
  const parts = [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `8${hex.slice(13, 16)}`,
    `8${hex.slice(17, 20)}`,
    hex.slice(20, 32),
  ];
  return parts.join('-').toUpperCase();
}
