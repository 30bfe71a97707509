/**
 * What differs between a live server, one behind SSH and a recorded one: raw accesses, nothing else.
 * openHost (door.ts) puts the allow-list, the caps and the source records around it.
 */
import type { FileStat, Identity, MissStatus, RegistryKey, SystemName } from './host.ts';
import type { QueryParameters } from './queries.ts';

export type RawMiss = { readonly outcome: MissStatus; readonly reason: string; readonly detail?: string };
export type Raw<T> = { readonly outcome: 'ok'; readonly value: T } | RawMiss;

export type RawRun = {
  readonly stdout: Uint8Array;
  readonly stderr: Uint8Array;
  readonly exitCode: number | undefined;
  readonly signal: string | undefined;
  readonly truncated: boolean;
  /** Which of the candidates ran, where the machine knows. */
  readonly program?: string;
  /** With what it ran, where that is not what the machine holds otherwise. */
  readonly privilege?: PrivilegeHeld;
};

export type Limits = {
  readonly maxBytes: number;
  readonly deadlineMs: number;
  /** The answer can carry a secret: a recorder must not keep it as it is. */
  readonly secret?: true;
};

/** A command with its candidates for argv[0] (absolute paths, in order of preference) and its arguments. */
export type Invocation = {
  readonly programs: readonly string[];
  readonly args: readonly string[];
  /** What it needs to give a full answer: a machine that can hold back root's rights does. */
  readonly privilege?: 'user' | 'root';
};

/** With what an access was made, as a source record names it. */
export type PrivilegeHeld = string;

/** Who makes the access: this process, or a program that it starts, which may hold less. */
export type Accessor = 'own' | 'child';

export interface Machine {
  readonly os: 'linux' | 'windows';
  /** How many accesses a walk keeps under way at once, where each takes a journey; a few otherwise. */
  readonly accessesAtOnce?: number;
  /** `root`, `user`, `administrator`, `system`, or `cap:cap_…` where a capability opened what the user could not. */
  privilege(access: Accessor): PrivilegeHeld;
  identity(): Promise<Raw<Identity>>;
  readFile(path: string, limits: Limits): Promise<Raw<{ bytes: Uint8Array; truncated: boolean }>>;
  /** Names as bytes, since they may not be UTF-8. */
  list(path: string, limits: Limits): Promise<Raw<readonly Uint8Array[]>>;
  stat(path: string, limits: Limits): Promise<Raw<FileStat>>;
  readLink(path: string, limits: Limits): Promise<Raw<Uint8Array>>;
  run(invocation: Invocation, limits: Limits): Promise<Raw<RawRun>>;
  registry(key: string, limits: Limits): Promise<Raw<RegistryKey>>;
  query(name: string, limits: Limits, parameters?: QueryParameters): Promise<Raw<unknown>>;
  system(name: SystemName, limits: Limits): Promise<Raw<Readonly<Record<string, unknown>>>>;
  /** Ends what the machine keeps running for its next answer; it may be asked again afterwards. */
  close?(): void;
}
