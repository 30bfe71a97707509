/**
 * What wixl writes by chance into the summary of an MSI: a random revision number and the time. Both get values of
 * ours, so that the same files give the same bytes. The summary is a property set ([MS-OLEPS] 2.21); the revision is
 * property 9, the times of creation and of saving are 12 and 13 (Windows Installer, "Summary Property Descriptions").
 */

/** FMTID_SummaryInformation as it lies in a file. */
const summaryFormat = Buffer.from('e0859ff2f94f6810ab9108002b27b3d9', 'hex');
const [textType, timeType] = [0x1e, 0x40];
/** Seconds from 1601, where Windows begins to count, to 1970. */
const windowsEpoch = 11_644_473_600n;

/** Changes `msi` in place. `revision` is a GUID without braces. */
export function fixSummary(msi: Buffer, revision: string, epochSeconds: number): void {
  const format = msi.indexOf(summaryFormat);
  if (format < 28) throw new RangeError('no summary in the MSI');
  // The format id follows a header of 28 bytes; behind it stands where its section begins, counted from the header.
  const section = format - 28 + msi.readUInt32LE(format + 16);
  const count = msi.readUInt32LE(section + 4);
  let fixed = 0;
  for (let index = 0; index < count; index += 1) {
    const entry = section + 8 + index * 8;
    const [id, at] = [msi.readUInt32LE(entry), section + msi.readUInt32LE(entry + 4)];
    const type = msi.readUInt32LE(at);
    if (id === 9 && type === textType && msi.toString('latin1', at + 8, at + 46).startsWith('{')) {
      msi.write(`{${revision}}`, at + 8, 'latin1');
      fixed += 1;
    }
    if ((id === 12 || id === 13) && type === timeType)
      msi.writeBigUInt64LE((BigInt(epochSeconds) + windowsEpoch) * 10_000_000n, at + 4);
  }
  if (fixed !== 1) throw new RangeError('the summary of the MSI has no revision number');
}
