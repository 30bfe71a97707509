/** Who may read: a file of digests of tokens, with roles. The tokens themselves are nowhere here. */
import { createHash } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { parse } from 'yaml';
import { ok, type Result, refuse } from '../../evidence/result.ts';
import { validated } from '../../evidence/validate.ts';
import type { ReadersFile } from '../../schemas/generated/types.ts';
import { readers as isReaders } from '../../schemas/generated/validators.js';

export type ReaderEntry = ReadersFile['readers'][number];
export type ReaderRole = ReaderEntry['role'];

/** What a route asks for. */
export type Permission = 'states' | 'evidence' | 'trail' | 'operate' | 'upload';

const permissions: Readonly<Record<ReaderRole, readonly Permission[]>> = {
  reader: ['states', 'evidence'],
  auditor: ['states', 'evidence', 'trail'],
  operator: ['states', 'trail', 'operate'],
  uploader: ['upload'],
};

export type Reader = {
  readonly name: string;
  readonly role: ReaderRole;
  may(permission: Permission): boolean;
  /** The servers that it may see; undefined for all. */
  readonly targets: ReadonlySet<string> | undefined;
};

/** Tokens are 256 random bits, so that a plain digest of one says nothing about it. */
export function tokenDigest(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}

/** The reader whose token it is, unless it has expired. */
export type Readers = { find(token: string, now: Date): Reader | undefined };

export const noReaders: Readers = { find: () => undefined };

export function readersOf({ readers }: ReadersFile): Readers {
  const byDigest = new Map(readers.map((entry) => [entry.tokenSha256, entry]));
  return {
    find(token, now) {
      const entry = byDigest.get(tokenDigest(token));
      if (entry === undefined || now >= new Date(entry.expires)) return undefined;
      return {
        name: entry.name,
        role: entry.role,
        may: (permission) => permissions[entry.role].includes(permission),
        targets: entry.targets === undefined ? undefined : new Set(entry.targets),
      };
    },
  };
}

const maxBytes = 4 * 1024 * 1024;

/** Refuses with `config-readers`, naming the file: unreadable, writable by others, not of the schema, a token or a name twice. */
export function readReadersFile(file: string): Result<ReadersFile> {
  try {
    const stat = statSync(file);
    if (process.platform !== 'win32' && (stat.mode & 0o022) !== 0)
      return refused(file, 'can be written by others, who could add a token of theirs', `chmod go-w ${file}`);
    if (process.platform !== 'win32' && stat.uid !== 0 && stat.uid !== process.getuid?.())
      return refused(file, `belongs to user ${stat.uid}`, `chown root ${file}`);
    if (stat.size > maxBytes) return refused(file, `is larger than ${maxBytes} bytes`);
    const value: unknown = parse(readFileSync(file, 'utf8'), { maxAliasCount: 0 }) ?? { readers: [] };
    const valid = validated(isReaders, value, 'readers file');
    if (!valid.ok)
      return refused(file, `is not as expected at ${valid.refusal.pointer ?? ''} (${valid.refusal.message})`);
    for (const member of ['name', 'tokenSha256'] as const) {
      const values = valid.value.readers.map((entry) => entry[member]);
      const twice = values.find((one, index) => values.indexOf(one) !== index);
      if (twice !== undefined) return refused(file, `has the ${member} ${twice} twice`);
    }
    return valid;
  } catch (error) {
    // The text of a YAML error quotes the line, which holds no token but may hold one by mistake.
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
    return refused(file, `cannot be read (${code})`);
  }
}

function refused(file: string, what: string, remedy = 'affiant reader create writes it'): Result<never> {
  return refuse('config-readers', `${file} ${what}`, { remedy });
}

export type ReadersWatch = Readers & {
  /** Reads the file now. */
  reload(): void;
  stop(): void;
};

/** Follows the file; one that cannot be used leaves the readers of before, and is told once. */
export function watchReaders(
  file: string,
  first: ReadersFile,
  options: {
    readonly everyMs: number;
    readonly onReplaced: (count: number) => void;
    readonly onKept: (why: string) => void;
  },
): ReadersWatch {
  let inUse = JSON.stringify(first);
  let readers = readersOf(first);
  let kept = '';

  function reload(): void {
    const read = readReadersFile(file);
    if (!read.ok) {
      if (read.refusal.message !== kept) options.onKept(read.refusal.message);
      kept = read.refusal.message;
      return;
    }
    kept = '';
    const found = JSON.stringify(read.value);
    if (found === inUse) return;
    inUse = found;
    readers = readersOf(read.value);
    options.onReplaced(read.value.readers.length);
  }

  const timer = setInterval(reload, options.everyMs).unref();
  return { find: (token, now) => readers.find(token, now), reload, stop: () => clearInterval(timer) };
}

export function loadReaders(file: string | undefined): Result<ReadersFile> {
  return file === undefined ? ok({ readers: [] }) : readReadersFile(file);
}
