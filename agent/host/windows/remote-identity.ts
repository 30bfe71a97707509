/** What a Windows says of itself by the registry, in the words of a look from inside (libuv's uv_os_uname, gethostname). Pure. */
import { registryNumber, registryText } from '../../../collectors/registry-key.ts';
import type { Identity, RegistryKey } from '../host.ts';
import { keyOf, readRegistryAnswer } from './registry-values.ts';

const machine = 'HKEY_LOCAL_MACHINE';
const keys = {
  version: `${machine}\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion`,
  network: `${machine}\\SYSTEM\\CurrentControlSet\\Services\\Tcpip\\Parameters`,
  product: `${machine}\\SYSTEM\\CurrentControlSet\\Control\\ProductOptions`,
};
export const identityKeys: readonly string[] = Object.values(keys);

/** The first build of Windows 11, whose ProductName still says 10. */
const windows11 = 22_000;
const architectures: Readonly<Record<string, string>> = { AMD64: 'x64', ARM64: 'arm64', x86: 'ia32' };

export type RemoteIdentity = { readonly identity: Identity; readonly systemRoot: string | undefined };

/** `answer` is that of the query registry-keys; what could not be read is left out. */
export function readRemoteIdentity(answer: unknown, architecture: string): RemoteIdentity {
  const told = readRegistryAnswer(answer);
  const valuesOf = (key: string): RegistryKey => {
    const found = told.get(keyOf(key));
    return found?.outcome === 'ok' ? found.value : {};
  };
  const version = valuesOf(keys.version);
  const build = registryText(version, 'CurrentBuildNumber');
  // Before Windows 10 the two numbers stand in one text.
  const major = registryNumber(version, 'CurrentMajorVersionNumber');
  const minor = registryNumber(version, 'CurrentMinorVersionNumber');
  const earlier = registryText(version, 'CurrentVersion');
  const numbers = major === undefined || minor === undefined ? earlier : `${major}.${minor}`;
  const product = registryText(version, 'ProductName');
  const servicePack = registryText(version, 'CSDVersion');
  const isWorkstation = registryText(valuesOf(keys.product), 'ProductType') === 'WinNT';
  const name = isWorkstation && Number(build) >= windows11 ? product?.replace(/^Windows 10/, 'Windows 11') : product;
  const hostname = registryText(valuesOf(keys.network), 'Hostname');
  return {
    systemRoot: registryText(version, 'SystemRoot'),
    identity: {
      ...(hostname !== undefined && { hostname }),
      ...(numbers !== undefined && build !== undefined && { kernelRelease: `${numbers}.${build}` }),
      ...(name !== undefined && {
        kernelVersion: servicePack === undefined || servicePack === '' ? name : `${name} ${servicePack}`,
      }),
      ...(architecture !== '' && { architecture: architectures[architecture] ?? architecture.toLowerCase() }),
    },
  };
}
