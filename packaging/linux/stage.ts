/** The files of the Linux packages, one list for deb and rpm. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { commandTable } from '../../agent/cli/command-table.ts';
import { completionScript } from '../../agent/cli/completion-script.ts';
import { manPage } from '../../agent/cli/man-page.ts';
import about from '../../package.json' with { type: 'json' };
import { projectRoot } from '../build/cache.ts';
import type { Executable } from '../build/executable.ts';
import { sbomOf } from '../build/sbom.ts';
import { type Component, noticesText } from '../build/third-party.ts';

export type StagedFile = {
  /** Where it is installed. */
  readonly path: string;
  readonly data: string | Buffer | { readonly file: string };
  readonly mode: number;
  /** Kept as the administrator changed it. */
  readonly configuration?: true;
};
export type Stage = {
  readonly files: readonly StagedFile[];
  readonly folders: readonly string[];
  /** Units that have an [Install] section, so that they can be enabled. */
  readonly units: readonly string[];
};

const unitsFolder = join(projectRoot, 'packaging/units');
const unit = /\.(?:service|timer|path|socket|slice)$/;

/** Where a file of packaging/units goes. */
function unitPath(name: string): string {
  if (unit.test(name)) return `/usr/lib/systemd/system/${name}`;
  const kind = /^affiant\.(sysusers|tmpfiles)\.conf$/.exec(name)?.[1];
  return kind === undefined ? `/usr/share/affiant/${name}` : `/usr/lib/${kind}.d/affiant.conf`;
}

export function stage(executable: Executable, components: readonly Component[], epochSeconds: number): Stage {
  const day = new Date(epochSeconds * 1000).toISOString().slice(0, 10);
  const text = (path: string, data: string | Buffer): StagedFile => ({ path, data, mode: 0o644 });
  const listed = readdirSync(unitsFolder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .toSorted();
  const units = [...listed, join(import.meta.dirname, 'affiant-enrol.service')].map((file) => ({
    name: file.startsWith(unitsFolder) ? file.slice(unitsFolder.length + 1) : 'affiant-enrol.service',
    data: readFileSync(file, 'utf8'),
  }));
  return {
    files: [
      { path: '/usr/bin/affiant', data: { file: executable.file }, mode: 0o755 },
      ...units.map(({ name, data }) => text(unitPath(name), data)),
      {
        ...text('/etc/affiant/affiant.yaml', readFileSync(join(import.meta.dirname, 'affiant.yaml'), 'utf8')),
        configuration: true,
      },
      text('/usr/share/man/man1/affiant.1.gz', gzipSync(manPage(commandTable, about.version, day), { level: 9 })),
      text('/usr/share/bash-completion/completions/affiant', completionScript(commandTable, 'bash')),
      text('/usr/share/zsh/site-functions/_affiant', completionScript(commandTable, 'zsh')),
      text('/usr/share/doc/affiant/install.md', readFileSync(join(projectRoot, 'docs/install.md'), 'utf8')),
      text('/usr/share/doc/affiant/affiant.cdx.json', sbomOf(executable, components)),
      text('/usr/share/doc/affiant/copyright', noticesText(components)),
    ],
    folders: ['/etc/affiant/conf.d'],
    units: units.filter(({ name, data }) => unit.test(name) && /^\[Install\]$/m.test(data)).map(({ name }) => name),
  };
}

/** A script of a package: the shared steps, then its own. */
export function scriptText(own: string, { units, files }: Stage): string {
  const read = (name: string): string => readFileSync(join(import.meta.dirname, name), 'utf8');
  const lists = `affiant_units="${units.join(' ')}"\naffiant_files="${files.map(({ path }) => path).join(' ')}"\n`;
  return `#!/bin/sh\nset -e\n${lists}${read('steps.sh')}\n${read(own)}`;
}
