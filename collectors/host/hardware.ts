/**
 * SMBIOS UUID and hardware. /sys speaks first. systeminformation is asked where that left something open: it is a
 * process of its own with a dozen shells, and where the kernel told all, it only repeats it. Where the two differ,
 * both are kept.
 */
import type { Answer, FileContent, Host } from '../../agent/host/host.ts';
import type { Fact, Hardware } from '../../schemas/generated/types.ts';
import { fromAnswer, missed, observed, unseen } from '../fact.ts';
import { hardwareOf, parseSmbiosUuid, type SmbiosStrings } from './smbios.ts';

const folder = '/sys/class/dmi/id';

export type Firmware = { readonly smbiosUuid: Fact<string>; readonly hardware: Fact<Hardware> };

export async function readFirmware(host: Host): Promise<Firmware> {
  const listing = await host.list(folder);
  if (listing.status === 'absent') {
    // A kernel without SMBIOS has the last word: anything more would be a guess at the architecture.
    const none = unseen('absent', 'no-smbios', [listing.source]);
    return { smbiosUuid: none, hardware: none };
  }
  const uuid = fromAnswer(await host.readFile(`${folder}/product_uuid`), ({ text }) => parseSmbiosUuid(text));
  const kernel = await readKernel(host);
  return { smbiosUuid: uuid, hardware: toldAll(kernel) ? kernel : withSecond(kernel, await readSecond(host)) };
}

const files = {
  manufacturer: 'sys_vendor',
  model: 'product_name',
  firmwareVendor: 'bios_vendor',
  firmwareVersion: 'bios_version',
  firmwareDate: 'bios_date',
} as const satisfies Record<keyof SmbiosStrings, string>;

async function readKernel(host: Host): Promise<Fact<Hardware>> {
  const answers: Answer<FileContent>[] = [];
  const strings: { -readonly [Name in keyof SmbiosStrings]: SmbiosStrings[Name] } = {};
  for (const [name, file] of Object.entries(files) as [keyof SmbiosStrings, string][]) {
    const answer = await host.readFile(`${folder}/${file}`);
    answers.push(answer);
    if (answer.status === 'observed') strings[name] = answer.value.text;
  }
  const sources = answers.map(({ source }) => source);
  const hardware = hardwareOf(strings);
  if (Object.keys(hardware).length > 0) return observed(hardware, ...sources);
  const [first] = answers.filter((answer) => answer.status !== 'observed' && answer.status !== 'absent');
  if (first !== undefined && first.status !== 'observed') return missed(first, ...sources);
  return unseen('absent', 'no-smbios-strings', sources);
}

function toldAll(kernel: Fact<Hardware>): boolean {
  if (kernel.status !== 'observed') return false;
  const { manufacturer, model, firmwareVendor, firmwareVersion, firmwareReleasedOn } = kernel.value;
  return [manufacturer, model, firmwareVendor, firmwareVersion, firmwareReleasedOn].every((each) => each !== undefined);
}

async function readSecond(host: Host): Promise<Fact<Hardware>> {
  const system = await host.system('system');
  const bios = await host.system('bios');
  if (system.status !== 'observed' && bios.status !== 'observed') return missed(system, bios.source);
  const said = (answer: typeof system, name: string): string | undefined => {
    const value = answer.status === 'observed' ? answer.value[name] : undefined;
    return typeof value === 'string' ? value : undefined;
  };
  const hardware = hardwareOf({
    manufacturer: said(system, 'manufacturer'),
    model: said(system, 'model'),
    firmwareVendor: said(bios, 'vendor'),
    firmwareVersion: said(bios, 'version'),
    firmwareDate: said(bios, 'releaseDate'),
  });
  // Its `false` is no more than that its own list of names did not match.
  if (system.status === 'observed' && system.value['virtual'] === true) hardware.virtual = true;
  if (Object.keys(hardware).length === 0) return unseen('unsupported', 'nothing-said', [system.source, bios.source]);
  return observed(hardware, system.source, bios.source);
}

/** The first answer with what the second adds; where both speak of a field and differ, each answer stands. */
function withSecond(first: Fact<Hardware>, second: Fact<Hardware>): Fact<Hardware> {
  if (second.status !== 'observed') return { ...first, sources: [...new Set([...first.sources, ...second.sources])] };
  const sources = [...new Set([...first.sources, ...second.sources])];
  // Folders of SMBIOS without a single string say that there is none.
  if (first.status !== 'observed') return first.status === 'absent' ? { ...first, sources } : { ...second, sources };
  const value = { ...second.value, ...first.value };
  const differs = (Object.keys(second.value) as (keyof Hardware)[]).some(
    (field) =>
      first.value[field] !== undefined && JSON.stringify(first.value[field]) !== JSON.stringify(second.value[field]),
  );
  if (!differs) return { status: 'observed', value, sources };
  const [own = '', other = ''] = [first.sources[0], second.sources[0]];
  return {
    status: 'observed',
    value,
    sources,
    answers: [
      { source: own, answer: first.value },
      { source: other, answer: second.value },
    ],
  };
}
