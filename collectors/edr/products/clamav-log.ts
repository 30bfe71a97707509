/** clamd's log: `Mon Nov 23 08:00:00 2026 -> /path/file: Eicar-Signature(68b3…:68) FOUND`. */
import type { DetectedThreat, Detections } from '../../../schemas/generated/types.ts';
import type { Digests } from '../../collector.ts';
import { type Parsed, parsed } from '../../fact.ts';
import { toText } from '../../text.ts';
import { countDetections } from '../detections.ts';
import { dayOfAsctime } from '../moments.ts';
import { pathClassOf } from '../path-class.ts';

/**
 * Every line that ends in FOUND. clamd removes nothing, so what became of a file is not known, unless
 * clamonacc was told to stop the access (`blocking`). A log that rotates remembers only so much.
 */
export function parseClamdLog(text: string, digests: Digests, blocking: boolean): Parsed<Detections> {
  const items: DetectedThreat[] = [];
  for (const line of text.split('\n')) {
    if (!line.endsWith(' FOUND')) continue;
    const body = line.slice(0, -' FOUND'.length);
    const arrow = body.indexOf(' -> ');
    const rest = arrow < 0 ? body : body.slice(arrow + 4);
    const colon = rest.lastIndexOf(': ');
    if (colon < 0) continue;
    const path = rest.slice(0, colon);
    const name = rest.slice(colon + 2).replace(/\([0-9a-f]{32,64}:[0-9]+\)$/, '');
    const firstSeen = arrow < 0 ? undefined : dayOfAsctime(body.slice(0, arrow).trim());
    const extension = /\.([A-Za-z0-9]{1,16})$/.exec(path)?.[1]?.toLowerCase();
    items.push({
      name: toText(name.slice(0, 256)),
      state: blocking ? 'blocked' : 'unknown',
      pathClass: pathClassOf(path),
      keyedDigest: digests.keyed(`edr detection\n${path}`),
      ...(firstSeen !== undefined && { firstSeen }),
      ...(extension !== undefined && { extension }),
    });
  }
  return parsed(countDetections(items));
}
