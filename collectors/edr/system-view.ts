/** What the system itself shows of all products at once: packages, services, processes, kernel modules. */
import type { Answer, Host } from '../../agent/host/host.ts';
import type { Fact } from '../../schemas/generated/types.ts';
import { mapFact, observed, unseen } from '../fact.ts';
import { readApk } from '../updates/apk-installed.ts';
import { readDpkg } from '../updates/deb-installed.ts';
import { findPackageFamily } from '../updates/package-family.ts';
import { readPacman } from '../updates/pacman-installed.ts';
import { parseRpmQuery } from '../updates/rpm-query.ts';
import { wholeFile, wholeOutput } from '../updates/whole-text.ts';
import { type KernelModule, parseModules } from './kernel-modules.ts';
import { type ProcessEntry, processEntries } from './process-list.ts';
import { parseSystemctlShow, type UnitState } from './systemctl-show.ts';
import { watchedUnits } from './watched-units.ts';

export type SystemView = {
  /** Versions of installed packages by name. */
  readonly packages: Fact<ReadonlyMap<string, string>>;
  readonly units: Fact<ReadonlyMap<string, UnitState>>;
  readonly processes: Fact<readonly ProcessEntry[]>;
  readonly modules: Fact<readonly KernelModule[]>;
};

export async function readSystemView(host: Host): Promise<SystemView> {
  return {
    packages: await readPackages(host),
    units: wholeOutput(await host.exec('systemctl-show-protection'), (text) => parseSystemctlShow(text, watchedUnits)),
    processes: processEntries(await host.processes()),
    modules: modulesOf(await host.readFile('/proc/modules', { maxBytes: 1024 * 1024, volatile: true })),
  };
}

async function readPackages(host: Host): Promise<SystemView['packages']> {
  const family = await findPackageFamily(host);
  if (family.status === 'absent') return unseen('unsupported', family.reason, family.sources);
  if (family.status !== 'observed') return family;
  switch (family.value) {
    case 'deb':
      return mapFact(await readDpkg(host), (packages) => versions(packages.filter(({ state }) => state !== 'gone')));
    case 'rpm':
      return mapFact(wholeOutput(await host.exec('rpm-qa'), parseRpmQuery), versions);
    case 'apk':
      return mapFact((await readApk(host)).installed, versions);
    case 'pacman':
      return mapFact((await readPacman(host)).installed, versions);
  }
}

function versions(
  packages: readonly { readonly name: string; readonly version: string }[],
): ReadonlyMap<string, string> {
  return new Map(packages.map(({ name, version }) => [name, version]));
}

/** A kernel that takes no modules has no such file. */
function modulesOf(answer: Answer<{ text: string; truncated: boolean }>): SystemView['modules'] {
  return answer.status === 'absent' ? observed([], answer.source) : wholeFile(answer, parseModules);
}
