/**
 * What PowerShell logs, by edition and registry view. A policy key that is not there is a policy that is not
 * set, which is off. https://learn.microsoft.com/powershell/module/microsoft.powershell.core/about/about_group_policy_settings
 */
import type { Host } from '../../../agent/host/host.ts';
import type { Fact, PowershellLogging } from '../../../schemas/generated/types.ts';
import { fromAnswer, missed, observed, parsed } from '../../fact.ts';
import { integerOf, rowsOf } from '../../raw-objects.ts';
import { type RegistryValues, readValues } from '../../registry-values.ts';

const windowsKey = String.raw`HKLM\SOFTWARE\Policies\Microsoft\Windows\PowerShell`;
const narrowKey = String.raw`HKLM\SOFTWARE\WOW6432Node\Policies\Microsoft\Windows\PowerShell`;
const coreKey = String.raw`HKLM\SOFTWARE\Policies\Microsoft\PowerShellCore`;
const coreInstalled = String.raw`HKLM\SOFTWARE\Microsoft\PowerShellCore\InstalledVersions`;

export async function readPowershellLogging(host: Host): Promise<Fact<PowershellLogging[]>> {
  const wide = await readPolicy(host, windowsKey);
  if (wide.status !== 'observed') return wide;
  const list: PowershellLogging[] = [{ edition: 'windows-powershell', registryView: '64-bit', ...wide.value }];
  const sources = [...wide.sources];
  // Policies are shared between the views; where somebody made the narrow key all the same, it is told apart.
  const narrow = await host.registry(narrowKey);
  if (narrow.status !== 'observed' && narrow.status !== 'absent') return missed(narrow);
  if (narrow.status === 'observed') {
    const policy = await readPolicy(host, narrowKey);
    if (policy.status !== 'observed') return policy;
    list.push({ edition: 'windows-powershell', registryView: '32-bit', ...policy.value });
    sources.push(...policy.sources);
  }
  const core = await host.registry(coreInstalled);
  if (core.status !== 'observed' && core.status !== 'absent') return missed(core);
  sources.push(core.source);
  if (core.status === 'observed') {
    const own = await readCorePolicy(host, wide.value);
    if (own.status !== 'observed') return own;
    list.push({ edition: 'powershell', registryView: '64-bit', ...own.value });
    sources.push(...own.sources);
  }
  return observed(list, ...sources);
}

type Policy = Omit<PowershellLogging, 'edition' | 'registryView'>;

async function readPolicy(host: Host, key: string): Promise<Fact<Policy>> {
  const scripts = await orEmpty(host, `${key}\\ScriptBlockLogging`);
  if (scripts.status !== 'observed') return scripts;
  const modules = await orEmpty(host, `${key}\\ModuleLogging`);
  if (modules.status !== 'observed') return modules;
  const transcripts = await orEmpty(host, `${key}\\Transcription`);
  if (transcripts.status !== 'observed') return transcripts;
  const sources = [...scripts.sources, ...modules.sources, ...transcripts.sources];
  const on = modules.value?.number('EnableModuleLogging') === 1;
  const policy: Policy = {
    scriptBlocks: scripts.value?.number('EnableScriptBlockLogging') === 1,
    modules: on,
    transcripts: transcripts.value?.number('EnableTranscripting') === 1,
  };
  if (!on) return observed(policy, ...sources);
  const names = await orEmpty(host, `${key}\\ModuleLogging\\ModuleNames`);
  if (names.status !== 'observed') return names;
  const { value } = names;
  const moduleNames = (value?.names ?? [])
    .map((name) => value?.text(name) ?? name)
    .filter((name) => name.length <= 256)
    .slice(0, 1024);
  // Without a single name nothing is logged.
  return observed({ ...policy, modules: moduleNames.length > 0, moduleNames }, ...sources, ...names.sources);
}

/** UseWindowsPowerShellPolicySetting takes over what Windows PowerShell is told. */
async function readCorePolicy(host: Host, windows: Policy): Promise<Fact<Policy>> {
  const own = await readPolicy(host, coreKey);
  if (own.status !== 'observed') return own;
  const scripts = await orEmpty(host, `${coreKey}\\ScriptBlockLogging`);
  const borrowed = scripts.status === 'observed' && scripts.value?.number('UseWindowsPowerShellPolicySetting') === 1;
  return borrowed ? observed({ ...own.value, scriptBlocks: windows.scriptBlocks }, ...own.sources) : own;
}

/** Observed and undefined where the key is not there. */
async function orEmpty(host: Host, key: string): Promise<Fact<RegistryValues | undefined>> {
  const values = await readValues(host, key);
  return values.status === 'absent' ? observed(undefined, ...values.sources) : values;
}

/**
 * Win32_OptionalFeature of version 2's engine: InstallState 1 is on; an empty answer is a Windows that no
 * longer has it.
 */
export async function readPowershellVersion2(host: Host): Promise<Fact<boolean>> {
  return fromAnswer(await host.query('powershell-v2'), (value) => {
    const rows = rowsOf(value);
    if (!rows.ok) return rows;
    const states = rows.value.map((row) => integerOf(row['InstallState']));
    if (states.some((state) => state === undefined || state < 1 || state > 3))
      return { ok: false, reason: 'unknown-install-state' };
    return parsed(states.includes(1));
  });
}
