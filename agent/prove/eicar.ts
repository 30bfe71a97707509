/**
 * The anti-malware test file of EICAR (https://www.eicar.org/download-anti-malware-testfile/): 68 bytes that
 * harm nothing and that scanners report by agreement. It is put together when it is needed, so that no
 * scanner finds it in this program.
 */
const halves = ['X5O!P%@AP[4\\PZX54(P^)7CC)7}$EIC', 'AR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*'] as const;

/** The 68 bytes. */
export function eicarBytes(): Uint8Array {
  return Buffer.from(halves.join(''), 'latin1');
}

/** As long, and harmless: what goes through where the test file must not. */
export function controlBytes(): Uint8Array {
  return Buffer.from('affiant: a harmless file to compare with, may be deleted at any time'.padEnd(68), 'latin1');
}
