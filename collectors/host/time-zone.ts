/** The zone of local times: the link /etc/localtime (localtime(5)), else the name in /etc/timezone. */
import type { Host } from '../../agent/host/host.ts';
import type { Fact } from '../../schemas/generated/types.ts';
import { fromAnswer, missed, observed, type Parsed, parsed, unparsed, unseen } from '../fact.ts';

/** What a link's target says; undefined where it leads nowhere into a zone database. */
export function zoneOfTarget(target: string): string | undefined {
  const [, zone] = /(?:^|\/)zoneinfo\/(?:uclibc\/)?(.+)$/.exec(target) ?? [];
  return zone === undefined || !isZone(zone) ? undefined : zone;
}

export function parseTimezoneFile(text: string): Parsed<string> {
  const [zone = ''] = text.trim().split('\n');
  return isZone(zone) ? parsed(zone) : unparsed('malformed-zone');
}

function isZone(text: string): boolean {
  return /^[A-Za-z0-9_+-]+(?:\/[A-Za-z0-9_+-]+)*$/.test(text) && text.length <= 128;
}

/** Absent where neither is there; tzset(3) then takes UTC. */
export async function readTimeZone(host: Host): Promise<Fact<string>> {
  const link = await host.readLink('/etc/localtime');
  const linked = link.status === 'observed' ? zoneOfTarget(link.value) : undefined;
  if (linked !== undefined) return observed(linked, link.source);
  const file = await host.readFile('/etc/timezone');
  if (file.status === 'observed') {
    const fact = fromAnswer(file, ({ text, truncated }) =>
      truncated ? unparsed('truncated') : parseTimezoneFile(text),
    );
    return { ...fact, sources: [...fact.sources, link.source] };
  }
  if (link.status === 'observed') return unseen('failed', 'zone-not-named', [link.source, file.source]);
  return link.status === 'absent' ? missed(file, link.source) : missed(link, file.source);
}
