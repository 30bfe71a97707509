/** The NPS extension for Entra multifactor authentication (learn.microsoft.com, howto-mfa-nps-extension). */
import type { Host } from '../../../agent/host/host.ts';
import type { Fact, NpsExtension } from '../../../schemas/generated/types.ts';
import type { InstalledProgram, WindowsService } from '../../edr/windows-view.ts';
import { observed, unseen } from '../../fact.ts';
import { readNamedValues } from '../../named-values.ts';

const key = String.raw`HKLM\SOFTWARE\Microsoft\AzureMfa`;
/** Other values of the key name tenant and client, and stay. */
const names = [
  'REQUIRE_USER_MATCH',
  'IP_WHITELIST',
  'OVERRIDE_NUMBER_MATCHING_WITH_OTP',
  'LDAP_ALTERNATE_LOGINID_ATTRIBUTE',
  'VERBOSE_LOG',
];

export async function readNpsExtension(
  host: Host,
  services: Fact<ReadonlyMap<string, WindowsService>>,
  programs: Fact<readonly InstalledProgram[]>,
): Promise<Fact<NpsExtension>> {
  if (services.status !== 'observed') return services;
  const there = await host.registry(key);
  if (there.status === 'absent') return unseen('absent', 'no-extension', [there.source]);
  if (there.status !== 'observed') return unseen(there.status, there.reason, [there.source], there.detail);
  const values = await readNamedValues(host, [[key, names]]);
  if (values.status !== 'observed') return values;
  const settings = Object.fromEntries(
    values.value.filter(({ name }) => name !== 'REQUIRE_USER_MATCH').map(({ name, value }) => [name, value]),
  );
  const match = values.value.find(({ name }) => name === 'REQUIRE_USER_MATCH')?.value.toUpperCase();
  const version =
    programs.status === 'observed'
      ? programs.value.find(({ name }) => /^NPS Extension For (?:Azure|Microsoft Entra)/i.test(name))?.version
      : undefined;
  return observed(
    {
      serviceRunning: services.value.get('ias')?.running === true,
      ...(version !== undefined && { version }),
      ...((match === 'TRUE' || match === 'FALSE') && { requireUserMatch: match === 'TRUE' }),
      ...(Object.keys(settings).length > 0 && { settings }),
    },
    ...services.sources,
    there.source,
    ...values.sources,
  );
}
