/** The accounts of the recorded servers. */
export const machine = 'S-1-5-21-1111111111-2222222222-3333333333';
export const domain = 'S-1-5-21-1004336348-1177238915-682003330';

/** The bytes of a SID in base64, as objectSid has them. */
export function sidBytes(sid: string): string {
  const [, , authority = '5', ...rest] = sid.split('-');
  const bytes = Buffer.alloc(8 + 4 * rest.length);
  bytes[0] = 1;
  bytes[1] = rest.length;
  bytes.writeUIntBE(Number(authority), 2, 6);
  for (const [at, part] of rest.entries()) bytes.writeUInt32LE(Number(part), 8 + 4 * at);
  return bytes.toString('base64');
}

/** FILETIME of an instant. */
export function filetime(instant: string): string {
  return String((BigInt(Date.parse(instant)) + 11_644_473_600_000n) * 10_000n);
}

export const people = {
  alice: `${domain}-1104`,
  bob: `${domain}-1105`,
  sqlService: `${domain}-1301`,
  domainAdmins: `${domain}-512`,
  serverTeam: `${domain}-1200`,
  gone: `${domain}-9999`,
};
