/** What each product is for, by its id in the document, and what it must show to count. */

/**
 * protection: it is there to stop malware. detection: it watches and reports, and satisfies no demand for
 * protection. scanner: it looks now and then.
 */
export type ProductKind = 'protection' | 'detection' | 'scanner';

const kinds: Readonly<Record<string, ProductKind>> = {
  'defender-endpoint': 'protection',
  'defender-antivirus': 'protection',
  // On Windows it watches and reports; what stops malware there is the antivirus.
  'defender-endpoint-sensor': 'detection',
  'crowdstrike-falcon': 'protection',
  sentinelone: 'protection',
  'sophos-protection': 'protection',
  'sophos-antivirus': 'protection',
  'trend-deep-security': 'protection',
  eset: 'protection',
  bitdefender: 'protection',
  'trellix-ens': 'protection',
  symantec: 'protection',
  'carbon-black-cloud': 'protection',
  'cortex-xdr': 'protection',
  kaspersky: 'protection',
  'elastic-defend': 'protection',
  'cisco-secure-endpoint': 'protection',
  clamav: 'protection',
  cylance: 'protection',
  withsecure: 'protection',
  'trend-apex-one': 'protection',
  huntress: 'detection',
  qualys: 'detection',
  'wazuh-agent': 'detection',
  falco: 'detection',
  tetragon: 'detection',
  osquery: 'detection',
  rapid7: 'detection',
  velociraptor: 'detection',
  'secureworks-taegis': 'detection',
  'trend-vision-one': 'detection',
  'sysmon-linux': 'detection',
  rkhunter: 'scanner',
  chkrootkit: 'scanner',
  maldet: 'scanner',
  aide: 'scanner',
};

/** A product that we do not know yet protects, for all that we know: it cannot be left out of a conflict. */
export function productKind(id: string): ProductKind {
  return Object.hasOwn(kinds, id) ? (kinds[id] ?? 'protection') : 'protection';
}
