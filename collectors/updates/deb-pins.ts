/** Pins of apt on this server, and what they keep from its list of updates. */
import type { Host } from '../../agent/host/host.ts';
import type { ArchiveMetadata, AvailableUpdate, Fact, HeldPackage } from '../../schemas/generated/types.ts';
import { missed, observed, unseen } from '../fact.ts';
import type { AptConfig } from './apt-config.ts';
import { hidingPin, isPreferencesFile, type Pin, parsePreferences, pinAgainstFixes } from './apt-preferences.ts';
import { preferredToFixes } from './apt-preferred.ts';
import type { DpkgPackage } from './dpkg-query.ts';
import { byCodePoint, fieldText } from './field-text.ts';
import { wholeFile } from './whole-text.ts';

const mainFile = '/etc/apt/preferences';
const folder = '/etc/apt/preferences.d';
/** A fact names 64 sources at most. */
const maxSources = 30;

/** All of them or none. A recording that has nothing of them says nothing of pins. */
export async function readPins(host: Host): Promise<Fact<readonly Pin[]>> {
  const listing = await host.list(folder);
  if (listing.status !== 'observed' && listing.status !== 'absent' && listing.reason !== 'not-recorded')
    return missed(listing);
  const names = listing.status === 'observed' ? listing.value.filter(isPreferencesFile).toSorted(byCodePoint) : [];
  const sources = [listing.source];
  const pins: Pin[] = [];
  for (const path of [mainFile, ...names.map((name) => `${folder}/${name}`)]) {
    const fact = wholeFile(await host.readFile(path), parsePreferences);
    sources.push(...fact.sources);
    if (fact.status === 'observed') pins.push(...fact.value);
    else if (fact.status !== 'absent' && fact.reason !== 'not-recorded' && fact.reason !== 'empty-output') return fact;
  }
  return observed(pins, ...sources.slice(0, maxSources));
}

/** Packages on hold, and those that a pin keeps at their version. */
export function withPinned(
  held: Fact<HeldPackage[]>,
  dpkg: Fact<readonly DpkgPackage[]>,
  pins: Fact<readonly Pin[]>,
): Fact<HeldPackage[]> {
  if (held.status !== 'observed' || dpkg.status !== 'observed') return held;
  if (pins.status !== 'observed') return pins;
  if (pins.value.length === 0) return held;
  const known = new Set(held.value.map(({ name, architecture }) => `${name}:${architecture}`));
  const pinned = dpkg.value.flatMap((entry): HeldPackage[] => {
    const { name, architecture, version, state } = entry;
    const pin =
      state === 'installed' && !known.has(`${name}:${architecture}`) ? hidingPin(pins.value, entry) : undefined;
    if (pin === undefined) return [];
    return [{ name, architecture, version, rule: fieldText(`${pin.pin} ${pin.priority}`, 512), by: 'pin' }];
  });
  if (pinned.length === 0) return held;
  const all = [...held.value, ...pinned].toSorted((a, b) => byCodePoint(a.name, b.name));
  return observed(all, ...held.sources.slice(0, maxSources), ...pins.sources);
}

/** An answer of apt that was told to take no fixes, or others before them, is none. */
export function unlessPinnedAway(
  available: Fact<AvailableUpdate[]>,
  pins: Fact<readonly Pin[]>,
  config: Fact<AptConfig>,
  archives: Fact<ArchiveMetadata[]>,
): Fact<AvailableUpdate[]> {
  if (available.status !== 'observed' || pins.status !== 'observed') return available;
  const against = pinAgainstFixes(pins.value);
  const why =
    against === undefined
      ? preferredToFixes(
          pins.value,
          config.status === 'observed' ? config.value.value('APT::Default-Release') : undefined,
          archives.status === 'observed' ? archives.value : [],
        )
      : `${against.pin} ${against.priority}`;
  if (why === undefined) return available;
  const sources = [...available.sources.slice(0, maxSources), ...pins.sources, ...config.sources.slice(0, 1)];
  return unseen('failed', 'fixes-pinned-away', sources, fieldText(why, 200));
}
