/** Hotpatching, licences of extended support, and other products of the maker. */
import type { Answer, Host, RegistryKey } from '../../../agent/host/host.ts';
import type { Fact, HotpatchInputs, ServerProduct, SupportLicence } from '../../../schemas/generated/types.ts';
import { missed, observed, type Parsed, parsed, unparsed } from '../../fact.ts';
import { isRawObject, rawInteger, rawList, rawText } from '../../raw-json.ts';
import { isUnseen, keyOrNothing, registryNumber, registryText } from '../../registry-key.ts';
import { toText } from '../../text.ts';
import { currentVersionKey } from './build.ts';
import { type FileVersions, versionOf } from './file-versions.ts';

/** Its Name is `Hotpatch Enrollment Package` where the server is enrolled (learn.microsoft.com, enable-hotpatch-azure-edition). */
const enrolmentKey = String.raw`${currentVersionKey}\Update\TargetingInfo\DynamicInstalled\Hotpatch.amd64`;

/** Editions that are Datacenter: Azure Edition, with and without desktop (GetProductInfo). */
const azureEditions = /^ServerTurbine/i;

export async function readHotpatch(host: Host): Promise<Fact<HotpatchInputs>> {
  const answers = await Promise.all([
    host.registry(String.raw`HKLM\SYSTEM\CurrentControlSet\Control\Session Manager\Memory Management`),
    host.registry(String.raw`HKLM\SYSTEM\CurrentControlSet\Control\DeviceGuard`),
    host.registry(String.raw`HKLM\SOFTWARE\Policies\Microsoft\Windows\WindowsUpdate`),
    host.registry(currentVersionKey),
    host.registry(enrolmentKey),
  ]);
  const read: RegistryKey[] = [];
  for (const answer of answers) {
    const key = keyOrNothing(answer);
    if (isUnseen(key)) return key;
    read.push(key);
  }
  const [memory = {}, guard = {}, policy = {}, version = {}, enrolment = {}] = read;
  const tableSize = registryNumber(memory, 'HotPatchTableSize');
  const allowPolicy = registryNumber(policy, 'AllowRebootlessUpdates');
  const edition = registryText(version, 'EditionID');
  const configured = registryNumber(guard, 'EnableVirtualizationBasedSecurity');
  return observed(
    {
      ...(tableSize === undefined ? {} : { tableSize }),
      ...(edition === undefined ? {} : { azureEdition: azureEditions.test(edition) }),
      virtualizationBasedSecurity: configured === undefined || configured === 0 ? 'off' : 'configured',
      ...(allowPolicy === undefined ? {} : { allowPolicy }),
      enrolled: registryText(enrolment, 'Name') === 'Hotpatch Enrollment Package',
    },
    ...answers.map(({ source }) => source),
  );
}

/** SoftwareLicensingProduct.LicenseStatus. */
const statuses: readonly SupportLicence['status'][] = [
  'unlicensed',
  'licensed',
  'grace',
  'grace',
  'grace',
  'notification',
  'grace',
];

export function parseSupportLicences(value: unknown): Parsed<SupportLicence[]> {
  const licences: SupportLicence[] = [];
  for (const each of rawList(value)) {
    const name = isRawObject(each) ? rawText(each['name']) : undefined;
    if (!isRawObject(each) || name === undefined) return unparsed('answer-not-understood');
    const skuId = rawText(each['id']);
    // The name of a licence is that of its file, the same in every language: `…-ESU-Year1 add-on for …`.
    const about = `${name} ${rawText(each['description']) ?? ''}`;
    licences.push({
      name: toText(name.slice(0, 1024)),
      ...(skuId === undefined ? {} : { skuId: skuId.slice(0, 64) }),
      status: statuses[rawInteger(each['status']) ?? -1] ?? 'unknown',
      extendedSecurity: /\bESU\b|ESU-Year|_ESU/i.test(about),
    });
  }
  return licences.length > 64 ? unparsed('too-many-entries') : parsed(licences);
}

export const sshdFile = String.raw`C:\Windows\System32\OpenSSH\sshd.exe`;

export async function readServerProducts(host: Host, files: FileVersions): Promise<Fact<ServerProduct[]>> {
  const [framework, iis, sharepoint] = await Promise.all([
    host.registry(String.raw`HKLM\SOFTWARE\Microsoft\NET Framework Setup\NDP\v4\Full`),
    host.registry(String.raw`HKLM\SOFTWARE\Microsoft\InetStp`),
    host.registry(String.raw`HKLM\SOFTWARE\Microsoft\Shared Tools\Web Server Extensions\16.0`),
  ]);
  const answers: readonly Answer<RegistryKey>[] = [framework, iis, sharepoint];
  const lost = answers.find(({ status }) => status !== 'observed' && status !== 'absent');
  if (lost !== undefined && lost.status !== 'observed') return missed(lost);
  const products: ServerProduct[] = [];
  const release = framework.status === 'observed' ? registryNumber(framework.value, 'Release') : undefined;
  if (release !== undefined) products.push({ product: 'dotnet-framework', release });
  if (iis.status === 'observed') {
    const [major, minor] = [registryNumber(iis.value, 'MajorVersion'), registryNumber(iis.value, 'MinorVersion')];
    products.push({ product: 'iis', ...(major === undefined ? {} : { version: `${major}.${minor ?? 0}` }) });
  }
  if (sharepoint.status === 'observed') {
    const version = registryText(sharepoint.value, 'Version');
    if (version !== undefined) products.push({ product: 'sharepoint', version: version.slice(0, 64) });
  }
  const sshd = versionOf(files, sshdFile);
  if (sshd !== undefined) products.push({ product: 'openssh', version: sshd });
  return observed(products, ...answers.map(({ source }) => source), files.source);
}
