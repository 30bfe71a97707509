/**
 * Updates in the component store: HKLM\…\Component Based Servicing\Packages.
 *
 *     Package_for_RollupFix~31bf3856ad364e35~amd64~~20348.2700.1.7   CurrentState 112
 */
import type { ComponentPackage } from '../../../schemas/generated/types.ts';
import { type Parsed, parsed, unparsed } from '../../fact.ts';
import { fileTime, isRawObject, rawInteger, rawList, rawText } from '../../raw-json.ts';

/** CurrentState, as servicing writes it into its own log (CBS.log names the states). */
const states: Readonly<Record<number, ComponentPackage['stateName']>> = {
  0: 'absent',
  5: 'uninstall-pending',
  32: 'resolved',
  64: 'staged',
  80: 'superseded',
  96: 'install-pending',
  101: 'partially-installed',
  112: 'installed',
  128: 'installed',
};
const maxPackages = 5000;

export function parseComponentPackages(value: unknown): Parsed<ComponentPackage[]> {
  if (!isRawObject(value)) return unparsed('answer-not-understood');
  const packages: ComponentPackage[] = [];
  for (const each of rawList(value['packages'])) {
    if (!isRawObject(each)) return unparsed('answer-not-understood');
    const name = rawText(each['name']);
    const state = rawInteger(each['state']);
    // One package that could not be read may be the one that matters.
    if (name === undefined || state === undefined) return unparsed('package-not-understood');
    packages.push(packageOf(name.slice(0, 512), state, fileTime(rawInteger(each['high']), rawInteger(each['low']))));
  }
  if (packages.length > maxPackages) return unparsed('too-many-entries');
  // The store always holds the servicing stack that keeps it.
  if (packages.length === 0) return unparsed('no-packages');
  return parsed(packages.toSorted(newestFirst));
}

function packageOf(name: string, state: number, installedAt: string | undefined): ComponentPackage {
  const [identity = '', , , , version] = name.split('~');
  const kb = /^Package_for_(KB\d+)$/i.exec(identity)?.[1]?.toUpperCase();
  const stateName = states[state];
  return {
    name,
    kind: kindOf(identity, kb),
    ...(version === undefined || version === '' ? {} : { version: version.slice(0, 64) }),
    ...(kb === undefined ? {} : { kb }),
    state,
    ...(stateName === undefined ? {} : { stateName }),
    ...(installedAt === undefined ? {} : { installedAt }),
  };
}

function kindOf(identity: string, kb: string | undefined): NonNullable<ComponentPackage['kind']> {
  if (/^Package_for_RollupFix$/i.test(identity)) return 'cumulative';
  if (/^Package_for_ServicingStack/i.test(identity)) return 'servicing-stack';
  if (/^Package_for_DotNetRollup/i.test(identity)) return 'dotnet';
  return kb === undefined ? 'other' : 'fix';
}

function newestFirst(left: ComponentPackage, right: ComponentPackage): number {
  const [a, b] = [left.installedAt ?? '', right.installedAt ?? ''];
  if (a !== b) return a < b ? 1 : -1;
  return left.name < right.name ? -1 : 1;
}
