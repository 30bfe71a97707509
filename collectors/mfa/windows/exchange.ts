/**
 * Exchange: its virtual directories as the directory holds them, and what only its own cmdlets tell. The
 * methods of a directory are bits: Basic 1, NTLM 2, forms 4, Digest 8, Windows integrated 16, Live 32 and 64,
 * WS-Security 128, certificate 256, NegoEx 512, OAuth 1024, AD FS 2048, Kerberos 4096, Negotiate 8192.
 */

import type { Host } from '../../../agent/host/host.ts';
import type {
  ExchangeAuthenticationPolicy,
  ExchangeMailProtocol,
  ExchangeModernAuthentication,
  ExchangeVirtualDirectory,
  Fact,
  Unseen,
} from '../../../schemas/generated/types.ts';
import { exchangeSetupKey } from '../../admins/windows/sid.ts';
import { fromAnswer, missed, type Parsed, parsed, unparsed, unseen } from '../../fact.ts';
import { queryErrorReason } from '../../query-error.ts';
import { flagOf, integerOf, isRaw, partsOf, type Raw, rowsOf, textOf, textsOf } from '../../raw-objects.ts';
import { toText } from '../../text.ts';

export type ExchangeFacts = {
  readonly exchangeVirtualDirectories: Fact<ExchangeVirtualDirectory[]>;
  readonly exchangeAuthenticationPolicies: Fact<ExchangeAuthenticationPolicy[]>;
  readonly exchangeModernAuthentication: Fact<ExchangeModernAuthentication>;
  readonly exchangeMailProtocols: Fact<ExchangeMailProtocol[]>;
};

export async function readExchange(host: Host): Promise<ExchangeFacts> {
  const setup = await host.registry(exchangeSetupKey);
  if (setup.status !== 'observed') {
    const why: Unseen = setup.status === 'absent' ? unseen('absent', 'no-exchange', [setup.source]) : missed(setup);
    return {
      exchangeVirtualDirectories: why,
      exchangeAuthenticationPolicies: why,
      exchangeModernAuthentication: why,
      exchangeMailProtocols: why,
    };
  }
  const directories = await host.query('exchange-virtual-directories');
  const settings = await host.query('exchange-settings');
  return {
    exchangeVirtualDirectories: fromAnswer(directories, parseDirectories),
    exchangeAuthenticationPolicies: fromAnswer(settings, parsePolicies),
    exchangeModernAuthentication: fromAnswer(settings, parseModern),
    exchangeMailProtocols: fromAnswer(settings, parseMail),
  };
}

const kinds: Readonly<Record<string, ExchangeVirtualDirectory['kind']>> = {
  msexchowavirtualdirectory: 'owa',
  msexchecpvirtualdirectory: 'ecp',
  msexchmobilevirtualdirectory: 'active-sync',
  msexchwebservicesvirtualdirectory: 'web-services',
  msexchmapivirtualdirectory: 'mapi',
  msexchrpchttpvirtualdirectory: 'outlook-anywhere',
  msexchoabvirtualdirectory: 'offline-address-book',
  msexchautodiscovervirtualdirectory: 'autodiscover',
  msexchpowershellvirtualdirectory: 'powershell',
};

type Method = ExchangeVirtualDirectory['authentication'][number];
const methods: readonly (readonly [number, Method])[] = [
  [1, 'basic'],
  [2, 'ntlm'],
  [4, 'forms'],
  [8, 'digest'],
  [16, 'windows-integrated'],
  [32, 'live-id'],
  [64, 'live-id'],
  [128, 'federated'],
  [256, 'client-certificate'],
  [512, 'negotiate'],
  [1024, 'oauth'],
  [2048, 'adfs'],
  [4096, 'kerberos'],
  [8192, 'negotiate'],
  [16_384, 'live-id'],
];
const knownBits = methods.reduce((sum, [bit]) => sum | bit, 0);

/** `other` stands for bits that nobody here knows: they are not nothing. */
export function methodsOf(flags: number): Method[] {
  if (flags === 0) return ['none'];
  const list = methods.filter(([bit]) => (flags & bit) !== 0).map(([, method]) => method);
  return [...new Set<Method>([...list, ...((flags & ~knownBits) === 0 ? [] : ['other' as const])])];
}

export function parseDirectories(value: unknown): Parsed<ExchangeVirtualDirectory[]> {
  const rows = rowsOf(value);
  if (!rows.ok) return rows;
  const list: ExchangeVirtualDirectory[] = [];
  for (const row of rows.value) {
    const kind = (textsOf(row['objectClass']) ?? [])
      .map((each) => kinds[each.toLowerCase()])
      .find((each) => each !== undefined);
    // Directories of other services of Exchange take no logon of a client.
    if (kind === undefined) continue;
    // The back end takes what the front end passes on; no client reaches it. The site's name is not translated.
    if (/\(Exchange Back End\)$/i.test(textOf(row['name']) ?? '')) continue;
    const inside = integerOf(row['internalMethods']);
    if (inside === undefined) return unparsed('directory-without-methods');
    list.push(directoryOf(kind, inside, row));
  }
  return list.length === 0 ? unparsed('no-directories') : parsed(list.slice(0, 256));
}

function directoryOf(kind: ExchangeVirtualDirectory['kind'], inside: number, row: Raw): ExchangeVirtualDirectory {
  const outside = integerOf(row['externalMethods']);
  const name = textOf(row['name']);
  const internalUrl = textOf(row['internalUrl']);
  const externalUrl = textOf(row['externalUrl']);
  const certificates = integerOf(row['clientCertificates']);
  const words = ['ignore', 'accept', 'require'] as const;
  const word = certificates === undefined ? undefined : words[certificates];
  return {
    kind,
    authentication: methodsOf(inside),
    ...(name !== undefined && { name: toText(name) }),
    ...(outside !== undefined && { externalAuthentication: methodsOf(outside) }),
    ...(internalUrl !== undefined && { internalUrl: toText(internalUrl) }),
    ...(externalUrl !== undefined && { externalUrl: toText(externalUrl) }),
    ...(word !== undefined && { clientCertificates: word }),
    readFrom: 'directory',
  };
}

/** One part of the answer: its value, or why there is none. */
function partOf(value: unknown, name: string): Parsed<unknown> {
  if (!isRaw(value)) return unparsed('unexpected-object');
  const part = value[name];
  if (!isRaw(part)) return unparsed('part-missing');
  const error = queryErrorReason(part['error']);
  if (error !== undefined) return unparsed(error);
  return 'value' in part ? parsed(part['value']) : unparsed('part-missing');
}

const blocks: Readonly<Record<string, keyof ExchangeAuthenticationPolicy['legacyBlocked']>> = {
  BlockLegacyAuthActiveSync: 'active-sync',
  BlockLegacyAuthAutodiscover: 'autodiscover',
  BlockLegacyAuthImap: 'imap',
  BlockLegacyAuthMapi: 'mapi',
  BlockLegacyAuthOfflineAddressBook: 'offline-address-book',
  BlockLegacyAuthPop: 'pop',
  BlockLegacyAuthRpc: 'rpc',
  BlockLegacyAuthWebServices: 'web-services',
};

/** Get-AuthenticationPolicy, and the organisation's default. Assignments to single accounts are not asked for. */
export function parsePolicies(value: unknown): Parsed<ExchangeAuthenticationPolicy[]> {
  const policies = partOf(value, 'policies');
  if (!policies.ok) return policies;
  const organisation = partOf(value, 'organisation');
  if (!organisation.ok) return organisation;
  const rows = rowsOf(policies.value);
  if (!rows.ok) return rows;
  const standard = isRaw(organisation.value) ? textOf(organisation.value['DefaultAuthenticationPolicy']) : undefined;
  const list: ExchangeAuthenticationPolicy[] = [];
  for (const row of rows.value) {
    const name = textOf(row['Name']);
    if (name === undefined) return unparsed('policy-without-name');
    const legacyBlocked: ExchangeAuthenticationPolicy['legacyBlocked'] = {};
    for (const [member, protocol] of Object.entries(blocks)) {
      const blocked = flagOf(row[member]);
      if (blocked !== undefined) legacyBlocked[protocol] = blocked;
    }
    list.push({ name: toText(name), isDefault: standard !== undefined && sameName(standard, name), legacyBlocked });
  }
  return parsed(list.slice(0, 1000));
}

/** `CN=Block,CN=…` and `Block` are the same policy. */
function sameName(written: string, name: string): boolean {
  const plain = /^CN=((?:\\.|[^,\\])+)/i.exec(written)?.[1] ?? written;
  return plain.toLowerCase() === name.toLowerCase();
}

export function parseModern(value: unknown): Parsed<ExchangeModernAuthentication> {
  const organisation = partOf(value, 'organisation');
  if (!organisation.ok) return organisation;
  const servers = partOf(value, 'authServers');
  if (!servers.ok) return servers;
  const enabled = isRaw(organisation.value) ? flagOf(organisation.value['OAuth2ClientProfileEnabled']) : undefined;
  const rows = partsOf(servers.value);
  if (enabled === undefined || rows === undefined) return unparsed('unexpected-object');
  const standard = rows.find((row) => flagOf(row['IsDefaultAuthorizationEndpoint']) === true);
  const name = textOf(standard?.['Name']);
  const serverEnabled = flagOf(standard?.['Enabled']);
  return parsed({
    clientProfileEnabled: enabled,
    ...(name !== undefined && { defaultAuthorizationServer: toText(name) }),
    ...(serverEnabled !== undefined && { serverEnabled }),
  });
}

/** Get-ImapSettings, Get-PopSettings and Get-ReceiveConnector. */
export function parseMail(value: unknown): Parsed<ExchangeMailProtocol[]> {
  const list: ExchangeMailProtocol[] = [];
  for (const protocol of ['imap', 'pop'] as const) {
    const part = partOf(value, protocol);
    if (!part.ok) return part;
    const rows = rowsOf(part.value);
    if (!rows.ok) return rows;
    for (const row of rows.value) {
      const login = textOf(row['LoginType']);
      const running = flagOf(row['running']);
      list.push({
        protocol,
        name: toText(textOf(row['Name']) ?? protocol),
        ...(running !== undefined && { running }),
        ...(login !== undefined && { authentication: [login.slice(0, 128)] }),
      });
    }
  }
  const connectors = partOf(value, 'connectors');
  if (!connectors.ok) return connectors;
  const rows = rowsOf(connectors.value);
  if (!rows.ok) return rows;
  for (const row of rows.value) {
    const connector = connectorOf(row);
    if (connector === undefined) return unparsed('connector-without-name');
    list.push(connector);
  }
  return parsed(list.slice(0, 1000));
}

function connectorOf(row: Raw): ExchangeMailProtocol | undefined {
  const name = textOf(row['Name']);
  const mechanisms = wordsOf(row['AuthMechanism']);
  const groups = wordsOf(row['PermissionGroups']);
  if (name === undefined || mechanisms === undefined || groups === undefined) return undefined;
  const enabled = flagOf(row['Enabled']);
  const ports = (textsOf(row['Bindings']) ?? []).flatMap((binding) => {
    const port = Number(/:([0-9]{1,5})$/.exec(binding)?.[1]);
    return port > 0 && port < 65_536 ? [port] : [];
  });
  return {
    protocol: 'smtp',
    name: toText(name),
    ...(enabled !== undefined && { running: enabled }),
    authentication: mechanisms,
    permissionGroups: groups,
    ...(ports.length > 0 && { ports: [...new Set(ports)].slice(0, 64) }),
  };
}

/** `Tls, Integrated, BasicAuth`. */
function wordsOf(value: unknown): string[] | undefined {
  const list = textsOf(value);
  return list
    ?.flatMap((text) => text.split(','))
    .map((word) => word.trim())
    .filter((word) => word !== '' && word.length <= 128)
    .slice(0, 64);
}
