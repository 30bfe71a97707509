/**
 * Microsoft Defender for Endpoint on Linux: `mdatp health` as JSON, or its text where an old version
 * knows no JSON; the exclusions and the protection history.
 * https://learn.microsoft.com/defender-endpoint/health-status
 */
import type { Fact } from '../../../schemas/generated/types.ts';
import type { Digests } from '../../collector.ts';
import { observed, unseen } from '../../fact.ts';
import { wholeOutput } from '../../updates/whole-text.ts';
import { plainDigest } from '../plain-digest.ts';
import { type Product, reading } from '../product.ts';
import { parseExclusions } from './defender-exclusions.ts';
import { type Health, healthGives, healthValues, parseHealthJson, parseHealthText } from './defender-health.ts';
import { parseThreats } from './defender-threats.ts';

export const defender: Product = {
  id: 'defender-endpoint',
  vendor: 'Microsoft',
  product: 'Defender for Endpoint',
  traces: {
    packages: ['mdatp'],
    units: ['mdatp.service'],
    processes: ['wdavdaemon'],
    paths: ['/opt/microsoft/mdatp', '/usr/bin/mdatp'],
  },
  async read({ host, digests }) {
    const json = wholeOutput(await host.exec('mdatp-health-json'), parseHealthJson);
    const health = json.status === 'observed' ? json : wholeOutput(await host.exec('mdatp-health'), parseHealthText);
    // Where neither can be used the first says why.
    const source = health.status === 'observed' ? health : json;
    const exclusions = wholeOutput(await host.exec('mdatp-exclusions'), (text) => parseExclusions(text, digests));
    const threats = wholeOutput(await host.exec('mdatp-threats'), (text) => parseThreats(text, digests));
    return [
      reading(
        source.status === 'observed' ? observed(healthValues(source.value), ...source.sources) : source,
        healthGives,
      ),
      { exclusions, detections: threats, tenantDigest: tenantOf(source, digests) },
    ];
  },
};

/** An organisation's id is a random UUID, so its plain digest gives nothing away. */
function tenantOf(health: Fact<Health>, digests: Digests): Fact<string> {
  if (health.status !== 'observed') return health;
  const id = health.value.values.get('org_id');
  if (typeof id !== 'string' || !/^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(id))
    return unseen('unsupported', 'not-stated', health.sources);
  return observed(plainDigest(id.toLowerCase(), digests), ...health.sources);
}
