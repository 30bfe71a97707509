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
  'file-owners': {
    file: 'collectors/host/queries/file-owners.ps1',
    privilege: 'user',
    reason: 'who may change a program before it is run',
    timeoutMs: 15_000,
    maxBytes: mib,
  },
  hotfixes: {
    file: 'collectors/updates/queries/hotfixes.ps1',
    privilege: 'user',
    reason: 'installed fixes as Win32_QuickFixEngineering lists them, to corroborate',
    timeoutMs: 60_000,
    maxBytes: 4 * mib,
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
