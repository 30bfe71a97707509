/** The build of Windows: what the registry says, and the kernel's file beside it. */
import type { Host } from '../../../agent/host/host.ts';
import type { Fact, WindowsBuild } from '../../../schemas/generated/types.ts';
import { missed, observed, unseen } from '../../fact.ts';
import { rawInstant } from '../../raw-json.ts';
import { registryNumber, registryText } from '../../registry-key.ts';
import { toText } from '../../text.ts';
import { type FileVersions, versionOf } from './file-versions.ts';

export const currentVersionKey = String.raw`HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion`;
export const kernelFile = String.raw`C:\Windows\System32\ntoskrnl.exe`;

export async function readBuild(host: Host, files: FileVersions): Promise<Fact<WindowsBuild>> {
  const answer = await host.registry(currentVersionKey);
  if (answer.status !== 'observed') return missed(answer);
  const { value: key, source } = answer;
  const build = registryNumber(key, 'CurrentBuildNumber');
  const major = registryNumber(key, 'CurrentMajorVersionNumber') ?? 10;
  const minor = registryNumber(key, 'CurrentMinorVersionNumber') ?? 0;
  if (build === undefined) return unseen('failed', 'no-build', [source]);
  const ubr = registryNumber(key, 'UBR');
  const installed = registryNumber(key, 'InstallDate');
  const kernel = versionOf(files, kernelFile);
  const edition = registryText(key, 'EditionID');
  const type = registryText(key, 'InstallationType');
  const display = registryText(key, 'DisplayVersion') ?? registryText(key, 'ReleaseId');
  const product = registryText(key, 'ProductName');
  const installedAt =
    installed === undefined || installed === 0 ? undefined : rawInstant(`/Date(${installed * 1000})/`);
  const value: WindowsBuild = {
    build,
    version: `${major}.${minor}.${build}.${ubr ?? 0}`,
    ...(ubr === undefined ? {} : { ubr }),
    ...(edition === undefined ? {} : { edition: edition.slice(0, 256) }),
    ...(type === undefined ? {} : { installationType: type.slice(0, 256) }),
    ...(display === undefined ? {} : { displayVersion: display.slice(0, 64) }),
    ...(product === undefined ? {} : { productName: toText(product) }),
    ...(kernel === undefined ? {} : { kernelFileVersion: kernel }),
    ...(installedAt === undefined ? {} : { installedAt }),
  };
  return observed(value, source, ...(kernel === undefined ? [] : [files.source]));
}
