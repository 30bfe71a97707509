/** SMBIOS values as the kernel shows them under /sys/class/dmi/id, and as systeminformation gives them. */
import type { Hardware } from '../../schemas/generated/types.ts';
import { type Parsed, parsed, unparsed } from '../fact.ts';
import { toText } from '../text.ts';

/** Boards that were never given one share these; the third is AMI's default. */
const placeholders = /^(?:0{8}(?:-0{4}){3}-0{12}|f{8}(?:-f{4}){3}-f{12}|03000200-0400-0500-0006-000700080009)$/;
const maxLength = 1024;

/** The system UUID in lower case; `placeholder-uuid` where it identifies no machine. */
export function parseSmbiosUuid(text: string): Parsed<string> {
  const uuid = text.trim().toLowerCase();
  if (!/^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(uuid)) return unparsed('malformed-uuid');
  return placeholders.test(uuid) ? unparsed('placeholder-uuid') : parsed(uuid);
}

/** `04/01/2014` (SMBIOS) or `2014-04-01` (systeminformation) as a day; undefined for anything else. */
export function firmwareDay(text: string): string | undefined {
  const american = /^(\d\d)\/(\d\d)\/(\d{4})$/.exec(text.trim());
  const [year, month, day] =
    american === null
      ? (/^(\d{4})-(\d\d)-(\d\d)(?:T.*)?$/.exec(text.trim()) ?? []).slice(1)
      : [american[3], american[1], american[2]];
  if (year === undefined || month === undefined || day === undefined) return undefined;
  const written = `${year}-${month}-${day}`;
  const date = new Date(`${written}T00:00:00Z`);
  return Number.isNaN(date.getTime()) || date.toISOString().slice(0, 10) !== written ? undefined : written;
}

/** Makers and models that only hypervisors and clouds write. */
const hypervisors =
  /qemu|kvm|vmware|virtualbox|innotek|xen|bochs|parallels|bhyve|openstack|amazon ec2|google compute engine|digitalocean|virtual machine|alibaba cloud|hetzner vserver/i;

export type SmbiosStrings = {
  readonly manufacturer?: string | undefined;
  readonly model?: string | undefined;
  readonly firmwareVendor?: string | undefined;
  readonly firmwareVersion?: string | undefined;
  readonly firmwareDate?: string | undefined;
};

/** Strings as a document holds them; empty ones and those that are no text of a sane length are left out. */
export function hardwareOf(strings: SmbiosStrings): Hardware {
  const clean = (text: string | undefined): string | undefined => {
    const bare = text?.trim();
    return bare === undefined || bare === '' || bare.length > maxLength ? undefined : bare;
  };
  const fields = {
    manufacturer: clean(strings.manufacturer),
    model: clean(strings.model),
    firmwareVendor: clean(strings.firmwareVendor),
    firmwareVersion: clean(strings.firmwareVersion),
  };
  const hardware: Hardware = {};
  for (const [name, text] of Object.entries(fields) as [keyof typeof fields, string | undefined][])
    if (text !== undefined) hardware[name] = toText(text);
  const day = firmwareDay(strings.firmwareDate ?? '');
  if (day !== undefined) hardware.firmwareReleasedOn = day;
  if (hypervisors.test(`${fields.manufacturer} ${fields.model}`)) hardware.virtual = true;
  return hardware;
}
