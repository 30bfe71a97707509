/**
 * Credential providers, the filters that hide them, and the products that ask for a second factor. Of Duo the
 * settings that decide, by name: a secret stands beside them (guide.duo.com/rdp).
 */
import type { Answer, Host } from '../../../agent/host/host.ts';
import type { CredentialProvider, Fact, LogonAgent } from '../../../schemas/generated/types.ts';
import type { InstalledProgram, WindowsService } from '../../edr/windows-view.ts';
import { fromAnswer, observed, type Parsed, parsed, unparsed, unseen } from '../../fact.ts';
import { readNamedValues } from '../../named-values.ts';
import { queryErrorReason } from '../../query-error.ts';
import { flagOf, integerOf, isRaw, partsOf, type Raw, textOf } from '../../raw-objects.ts';
import { toText } from '../../text.ts';

/** `providers` and `filters`, each with `id`, `name`, `disabled`, `library`, `signer`. */
export function parseProviders(value: unknown, member: 'providers' | 'filters'): Parsed<CredentialProvider[]> {
  if (!isRaw(value)) return unparsed('unexpected-object');
  const error = queryErrorReason(value['error']);
  if (error !== undefined) return unparsed(error);
  const rows = partsOf(value[member]);
  if (rows === undefined) return unparsed('unexpected-object');
  // Every Windows has the password provider's key.
  if (member === 'providers' && rows.length === 0) return unparsed('no-providers');
  const list: CredentialProvider[] = [];
  for (const row of rows) {
    const provider = providerOf(row);
    if (provider === undefined) return unparsed('provider-without-id');
    list.push(provider);
  }
  return parsed(list.toSorted((left, right) => (left.id < right.id ? -1 : 1)).slice(0, 1024));
}

function providerOf(row: Raw): CredentialProvider | undefined {
  const id = textOf(row['id'])?.toLowerCase().replaceAll(/[{}]/g, '');
  if (id === undefined || !/^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(id)) return undefined;
  const name = textOf(row['name']);
  const library = textOf(row['library']);
  const signer = textOf(row['signer']);
  const disabled = flagOf(row['disabled']) ?? (integerOf(row['disabled']) === 1 ? true : undefined);
  return {
    id,
    ...(name !== undefined && { name: toText(name) }),
    ...(library !== undefined && { library: toText(library) }),
    ...(signer !== undefined && { signer: toText(signer) }),
    ...(disabled !== undefined && { disabled }),
  };
}

export async function readProviders(
  host: Host,
): Promise<{ readonly providers: Fact<CredentialProvider[]>; readonly filters: Fact<CredentialProvider[]> }> {
  const answer: Answer<unknown> = await host.query('credential-providers');
  return {
    providers: fromAnswer(answer, (value) => parseProviders(value, 'providers')),
    filters: fromAnswer(answer, (value) => parseProviders(value, 'filters')),
  };
}

const duoKeys = [
  [String.raw`HKLM\SOFTWARE\Policies\Duo Security\DuoCredProv`, 'policy'],
  [String.raw`HKLM\SOFTWARE\Duo Security\DuoCredProv`, 'local'],
] as const;
const duoNames = [
  'FailOpen',
  'RdpOnly',
  'AutoPush',
  'OfflineAvailable',
  'ElevationProtectionMode',
  'ElevationOfflineEnable',
  'EnableSmartCards',
  'ProvidersWhitelist',
  'UsernameFormatForService',
] as const;

type Known = { readonly product: LogonAgent['product']; readonly programs: RegExp; readonly service?: string };

/** By the product's name among the installed programs, which is not translated, or its service. */
const known: readonly Known[] = [
  { product: 'okta', programs: /^Okta (?:Windows Credential Provider|Device Access|Credential Provider)/ },
  { product: 'rsa', programs: /^RSA (?:Authentication Agent|MFA Agent)/ },
  { product: 'thales', programs: /^(?:SafeNet|Thales|STA) .*(?:Windows Logon|Agent for (?:Windows|Win))/ },
  { product: 'eset-secure-authentication', programs: /^ESET Secure Authentication/ },
  { product: 'authlite', programs: /^AuthLite/, service: 'AuthLiteService' },
  { product: 'miniorange', programs: /miniOrange/i },
  { product: 'silverfort', programs: /^Silverfort/, service: 'SilverfortADAdapter' },
  {
    product: 'other',
    programs:
      /^(?:UserLock|Rohos Logon|WatchGuard AuthPoint|Yubico Login|Cisco Duo Desktop Authentication|Secret Double Octopus|HYPR|IS Decisions)/,
  },
];

type Found = {
  readonly programs: Fact<readonly InstalledProgram[]>;
  readonly services: Fact<ReadonlyMap<string, WindowsService>>;
};

/** Empty only where programs, services and both keys of Duo could be looked at. */
export async function readLogonAgents(host: Host, { programs, services }: Found): Promise<Fact<LogonAgent[]>> {
  if (programs.status !== 'observed') return programs;
  if (services.status !== 'observed') return services;
  const duo = await readNamedValues(
    host,
    duoKeys.map(([key]) => [key, duoNames] as const),
  );
  if (duo.status !== 'observed') return duo;
  const sources = [...programs.sources, ...services.sources, ...duo.sources];
  const list: LogonAgent[] = [];
  const program = programs.value.find(({ name }) => name.startsWith('Duo Authentication for Windows Logon'));
  const settings = duo.value.flatMap(({ name, key, value }) => {
    const from = duoKeys.find(([each]) => each === key)?.[1];
    return from === undefined ? [] : [{ name, value, from }];
  });
  if (program !== undefined || settings.length > 0)
    list.push({
      product: 'duo',
      version: versionFact(program, programs.sources),
      settings: observed(settings, ...duo.sources),
    });
  for (const { product, programs: pattern, service } of known) {
    const own = programs.value.find(({ name }) => pattern.test(name));
    if (own === undefined && (service === undefined || !services.value.has(service.toLowerCase()))) continue;
    list.push({
      product,
      version: versionFact(own, programs.sources),
      settings: unseen('unsupported', 'not-covered', programs.sources),
    });
  }
  return observed(list, ...sources);
}

function versionFact(program: InstalledProgram | undefined, sources: readonly string[]): LogonAgent['version'] {
  const version = program?.version;
  return version === undefined || version.length > 128
    ? unseen('unsupported', 'not-stated', sources)
    : observed(version, ...sources);
}
