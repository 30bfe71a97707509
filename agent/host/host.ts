/**
 * The one door to a machine: read-only, allow-listed, bounded, recorded. Collectors see nothing else
 * of the world, and cannot tell a live server from a recorded one.
 */
import type { CommandId } from './commands.ts';
import type { QueryName, QueryParameters } from './queries.ts';

/** Why there is no answer. The five kinds are kept apart from end to end; EACCES is never ENOENT. */
export type MissStatus = 'absent' | 'denied' | 'unsupported' | 'timed-out' | 'failed';

/** No answer. `reason` is a stable code in kebab-case, `detail` a few words for a person. */
export type Miss = {
  readonly status: MissStatus;
  readonly reason: string;
  readonly detail?: string;
  readonly source: string;
};

/** An answer; `source` is the locator of the source record that the host wrote for it. */
export type Seen<T> = { readonly status: 'observed'; readonly value: T; readonly source: string };

export type Answer<T> = Seen<T> | Miss;

/**
 * A file's content. `text` is UTF-8; bytes that are not UTF-8 stand in it as lone surrogates
 * U+DC80–U+DCFF (see collectors/text.ts), so that nothing is lost and every parser takes a string.
 */
export type FileContent = { readonly text: string; readonly truncated: boolean };

export type FileStat = {
  readonly type: 'file' | 'directory' | 'link' | 'socket' | 'other';
  /** Permission bits with set-id and sticky, such as 0o4755. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Bytes. */
  readonly size: number;
  /** RFC 3339, UTC. */
  readonly mtime: string;
};

export type CommandOutput = {
  readonly stdout: string;
  readonly stderr: string;
  readonly exitCode: number;
  readonly truncated: boolean;
};

/** A live machine gives both members; a recording may have one, and says nothing of the other. */
export type RegistryKey = {
  readonly values?: Readonly<Record<string, { readonly type: string; readonly value: unknown }>>;
  readonly keys?: readonly string[];
};

export type ReadOptions = {
  /** Bytes kept at most; the host's own cap is 1 MiB where nothing is said. */
  readonly maxBytes?: number;
  /** The content can carry a secret: the record gets neither digest nor size, a recording nothing. */
  readonly secret?: true;
  /** The content differs at every reading: the record gets neither digest nor size. */
  readonly volatile?: true;
};

/**
 * Who the machine says it is and who asks. A live machine knows every member (`uid` on Linux only); a
 * recording may know some: a member that is missing was not recorded, which is a miss of its own
 * (`unsupported`, `not-recorded`), never an empty value.
 */
export type Identity = {
  readonly hostname?: string;
  readonly kernelRelease?: string;
  readonly kernelVersion?: string;
  /** As Node names it: x64, arm64. */
  readonly architecture?: string;
  readonly user?: string;
  readonly uid?: number;
  /** Whether it may read everything: root with a capability that opens every file, or an elevated administrator. */
  readonly elevated?: boolean;
  /** `all`, or effective Linux capabilities such as cap_dac_read_search. */
  readonly capabilities?: readonly string[];
};

/** What the system door answers: `identity` from the operating system itself, the rest from systeminformation. */
export type SystemName = 'system' | 'bios';

/** A process as one look at /proc sees it (proc_pid(5)). */
export type RunningProcess = {
  readonly pid: number;
  /** The kernel's short name of it, 15 bytes at most. */
  readonly name: string;
  /** Its control group, read only where it runs code that is gone. */
  readonly cgroup?: string;
  /** Files that it runs code of and that are gone from disk; left out where that could not be looked at. */
  readonly goneFiles?: readonly string[];
};

/**
 * `complete` is false where a process could not be looked at: then what is not in the list is not absent.
 * `namesComplete` says whether at least every name is there, which needs no privilege.
 */
export type ProcessList = {
  readonly processes: readonly RunningProcess[];
  readonly complete: boolean;
  readonly namesComplete?: boolean;
};

export interface Host {
  readonly os: 'linux' | 'windows';
  identity(): Promise<Answer<Identity>>;
  readFile(path: string, options?: ReadOptions): Promise<Answer<FileContent>>;
  /** Names in a folder, ordered by code point. */
  list(path: string): Promise<Answer<readonly string[]>>;
  /** Follows links, like stat(2). */
  stat(path: string): Promise<Answer<FileStat>>;
  readLink(path: string): Promise<Answer<string>>;
  /** All running processes, as the one source `walk:/proc`. */
  processes(): Promise<Answer<ProcessList>>;
  /** Runs a command of the allow-list. Observed only where it ended by itself with an exit code that the list expects. */
  exec(command: CommandId, ...args: readonly string[]): Promise<Answer<CommandOutput>>;
  /** `HKLM\\SOFTWARE\\…`, in the 64-bit view. Keys that are asked for at once are read at once. */
  registry(key: string): Promise<Answer<RegistryKey>>;
  /** A PowerShell query of the allow-list (queries.ts): raw objects as JSON, to be read with collectors/raw-json.ts. */
  query(name: QueryName, parameters?: QueryParameters): Promise<Answer<unknown>>;
  system(name: SystemName): Promise<Answer<Readonly<Record<string, unknown>>>>;
}
