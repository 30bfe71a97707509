/**
 * LAPS, of Windows and of old: where the password of the local administrator goes. The first place that says
 * something wins (learn.microsoft.com, laps-management-policy-settings). The password is never asked for.
 */
import type { Host } from '../../../agent/host/host.ts';
import type { Fact, Laps, Moment } from '../../../schemas/generated/types.ts';
import { observed, unseen } from '../../fact.ts';
import { type RegistryValues, readValues } from '../../registry-values.ts';
import { toText } from '../../text.ts';
import type { DirectoryRoot } from './directory-rows.ts';

const places: readonly (readonly [string, NonNullable<Laps['setBy']>])[] = [
  [String.raw`HKLM\SOFTWARE\Microsoft\Policies\LAPS`, 'mobile-device-management'],
  [String.raw`HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\Policies\LAPS`, 'policy'],
  [String.raw`HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\LAPS\Config`, 'local'],
];
const legacyKey = String.raw`HKLM\SOFTWARE\Policies\Microsoft Services\AdmPwd`;
const backups = ['nowhere', 'entra', 'directory'] as const;

export async function readLaps(host: Host, root: Fact<DirectoryRoot>): Promise<Fact<Laps>> {
  const sources: string[] = [];
  for (const [key, setBy] of places) {
    const values = await readValues(host, key);
    sources.push(...values.sources);
    // An earlier place that could not be looked at would win over a later one.
    if (values.status !== 'observed' && values.status !== 'absent') return values;
    if (values.status !== 'observed' || !values.value.has('BackupDirectory')) continue;
    const laps = windowsLaps(values.value, setBy, expiryOf(root, 'lapsExpires'));
    return laps === undefined
      ? unseen('failed', 'unknown-backup-directory', sources)
      : observed(laps, ...sources, ...rootSources(root));
  }
  const legacy = await readValues(host, legacyKey);
  sources.push(...legacy.sources);
  if (legacy.status !== 'observed' && legacy.status !== 'absent') return legacy;
  const enabled = legacy.status === 'observed' ? legacy.value.number('AdmPwdEnabled') : undefined;
  if (legacy.status !== 'observed' || enabled === undefined) return unseen('absent', 'not-configured', sources);
  return observed(
    {
      kind: 'legacy',
      setBy: 'policy',
      backup: enabled === 1 ? 'directory' : 'nowhere',
      ...ageOf(legacy.value),
      ...accountOf(legacy.value, 'AdminAccountName'),
      ...expiryPart(expiryOf(root, 'legacyLapsExpires')),
    },
    ...sources,
    ...rootSources(root),
  );
}

function windowsLaps(
  values: RegistryValues,
  setBy: NonNullable<Laps['setBy']>,
  expires: Moment | undefined,
): Laps | undefined {
  const number = values.number('BackupDirectory');
  const backup = number === undefined ? undefined : backups[number];
  if (backup === undefined) return undefined;
  const encrypted = values.number('ADPasswordEncryptionEnabled');
  return {
    kind: 'windows',
    setBy,
    backup,
    ...ageOf(values),
    ...accountOf(values, 'AdministratorAccountName'),
    ...(encrypted !== undefined && { encrypted: encrypted === 1 }),
    ...(backup === 'directory' && expiryPart(expires)),
  };
}

function ageOf(values: RegistryValues): Pick<Laps, 'passwordLifetimeDays'> {
  const days = values.number('PasswordAgeDays');
  return days !== undefined && days <= 3650 ? { passwordLifetimeDays: days } : {};
}

function accountOf(values: RegistryValues, name: string): Pick<Laps, 'accountName'> {
  const account = values.text(name);
  return account === undefined || account === '' ? {} : { accountName: toText(account) };
}

function expiryOf(root: Fact<DirectoryRoot>, name: 'lapsExpires' | 'legacyLapsExpires'): Moment | undefined {
  return root.status === 'observed' ? root.value[name] : undefined;
}

function expiryPart(moment: Moment | undefined): Pick<Laps, 'passwordExpiresAt'> {
  return moment === undefined ? {} : { passwordExpiresAt: moment };
}

function rootSources(root: Fact<DirectoryRoot>): readonly string[] {
  return root.status === 'observed' ? root.sources : [];
}
