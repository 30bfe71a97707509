/**
 * Every PowerShell query that may ever be run on a Windows server. Each is a file of its own beside its
 * collector, so that the server's owner can read it; `affiant commands` prints the list. They only read.
 */
import { canonicalText } from '../../evidence/canonical-json.ts';
import { protectionQueries } from './queries-protection.ts';

/** What a query can be given: plain data, never text that becomes code. */
export type QueryParameters = Readonly<Record<string, string | number | boolean | readonly string[]>>;

export type QuerySpec = {
  /** The script, from the project's root. */
  readonly file: string;
  /** What it needs to give a full answer. */
  readonly privilege: 'user' | 'administrator';
  /** Why we run it, for the list. */
  readonly reason: string;
  /** How long it may take; then its process is ended, which costs this query only. */
  readonly timeoutMs: number;
  readonly maxBytes?: number;
  /** The answer can carry a secret: neither digest nor size is kept, a recording stores nothing of it. */
  readonly secret?: true;
  /** It may take long: it runs when nothing else waits. Its deadline begins when it does. */
  readonly last?: true;
  /** The answer differs at every run: neither digest nor size is kept. */
  readonly volatile?: true;
};

const mib = 1024 * 1024;

export const queries = {
  ...protectionQueries,
  session: {
    file: 'collectors/host/queries/session.ps1',
    privilege: 'user',
    reason: 'who asks, with what rights, and what PowerShell may do here',
    timeoutMs: 60_000,
    volatile: true,
  },
  'registry-keys': {
    file: 'collectors/host/queries/registry-keys.ps1',
    privilege: 'user',
    reason: 'the registry keys that the collectors ask for, many at once',
    timeoutMs: 30_000,
    maxBytes: 16 * mib,
  },
  'hang-probe': {
    file: 'collectors/host/queries/hang-probe.ps1',
    privilege: 'user',
    reason: 'to see that a query that hangs is ended; asked by doctor --deep alone',
    timeoutMs: 3000,
    volatile: true,
  },
  'file-owners': {
    file: 'collectors/host/queries/file-owners.ps1',
    privilege: 'user',
    reason: 'who may change a program before it is run',
    timeoutMs: 15_000,
    maxBytes: mib,
  },
  'file-about': {
    file: 'collectors/host/queries/file-about.ps1',
    privilege: 'user',
    reason: 'what a file or folder is; over SSH alone, where nothing else reaches it',
    timeoutMs: 15_000,
  },
  'file-content': {
    file: 'collectors/host/queries/file-content.ps1',
    privilege: 'user',
    reason: 'one file that a collector reads; over SSH alone',
    timeoutMs: 15_000,
    // It can be a file of secrets.
    secret: true,
  },
  'folder-names': {
    file: 'collectors/host/queries/folder-names.ps1',
    privilege: 'user',
    reason: 'names in one folder that a collector lists; over SSH alone',
    timeoutMs: 15_000,
  },
  'program-output': {
    file: 'collectors/host/queries/program-output.ps1',
    privilege: 'user',
    reason: 'runs one command of the list; over SSH alone',
    timeoutMs: 30_000,
    secret: true,
  },
  'system-facts': {
    file: 'collectors/host/queries/system-facts.ps1',
    privilege: 'user',
    reason: 'operating system, domain role, SMBIOS UUID, maker and firmware of the machine',
    timeoutMs: 60_000,
    maxBytes: mib,
  },
  'file-versions': {
    file: 'collectors/host/queries/file-versions.ps1',
    privilege: 'user',
    reason: 'versions of named program files',
    timeoutMs: 30_000,
    maxBytes: mib,
  },
  hotfixes: {
    file: 'collectors/updates/queries/hotfixes.ps1',
    privilege: 'user',
    reason: 'installed fixes as Win32_QuickFixEngineering lists them, to corroborate',
    timeoutMs: 60_000,
    maxBytes: 4 * mib,
  },
  'component-packages': {
    file: 'collectors/updates/queries/component-packages.ps1',
    privilege: 'user',
    reason: 'updates in the component store with their states and dates',
    timeoutMs: 60_000,
    maxBytes: 8 * mib,
  },
  'update-history': {
    file: 'collectors/updates/queries/update-history.ps1',
    privilege: 'user',
    reason: 'what the Windows Update Agent remembers of installations',
    timeoutMs: 60_000,
    maxBytes: 8 * mib,
  },
  'update-agent': {
    file: 'collectors/updates/queries/update-agent.ps1',
    privilege: 'user',
    reason: 'last check and installation, sources and wish for a restart of the Windows Update Agent',
    timeoutMs: 60_000,
    maxBytes: mib,
  },
  'update-search': {
    file: 'collectors/updates/queries/update-search.ps1',
    privilege: 'administrator',
    reason: 'updates that would be installed, from the cache of the Windows Update Agent (offline search)',
    timeoutMs: 120_000,
    maxBytes: 16 * mib,
    last: true,
  },
  'support-licences': {
    file: 'collectors/updates/queries/support-licences.ps1',
    privilege: 'user',
    reason: 'whether extended security updates are licensed',
    timeoutMs: 60_000,
    maxBytes: mib,
  },
  'installed-software': {
    file: 'collectors/updates/queries/installed-software.ps1',
    privilege: 'user',
    reason: 'software that is registered as installed for all users',
    timeoutMs: 60_000,
    maxBytes: 16 * mib,
  },
  'exchange-files': {
    file: 'collectors/updates/queries/exchange-files.ps1',
    privilege: 'user',
    reason: 'the version of ExSetup.exe and of what security updates of Exchange replace',
    timeoutMs: 60_000,
    maxBytes: mib,
  },
  'exchange-services': {
    file: 'collectors/updates/queries/exchange-services.ps1',
    privilege: 'user',
    reason: 'services that a failed update of Exchange leaves disabled',
    timeoutMs: 60_000,
    maxBytes: mib,
  },
  'exchange-server': {
    file: 'collectors/updates/queries/exchange-server.ps1',
    privilege: 'administrator',
    reason: 'edition, mitigations and overrides as the management of Exchange tells them, where Exchange is installed',
    timeoutMs: 120_000,
    maxBytes: mib,
    last: true,
  },
  'exchange-schema': {
    file: 'collectors/updates/queries/exchange-schema.ps1',
    privilege: 'user',
    reason: 'how far the directory is prepared for Exchange, where Exchange is installed',
    timeoutMs: 60_000,
    maxBytes: mib,
  },
} as const satisfies Record<string, QuerySpec>;

export type QueryName = keyof typeof queries;

/** What names an answer in locators and recordings: the query, and its parameters as canonical JSON. */
export function querySubject(name: string, parameters?: QueryParameters): string {
  return parameters === undefined ? name : `${name} ${canonicalText(parameters)}`;
}

/** Undefined where the list does not have it. */
export function querySpec(name: string): QuerySpec | undefined {
  return Object.hasOwn(queries, name) ? queries[name as QueryName] : undefined;
}
