/** What a sweep is to do, with every secret read and every name resolved. */
import type { Login } from '../host/ssh/connection.ts';
import type { KnownHosts } from '../host/ssh/known-hosts.ts';
import type { Sudo } from '../host/ssh/linux-over-ssh.ts';

export type PlannedJump = { readonly name: string; readonly login: Login; readonly via?: PlannedJump };

export type PlannedHost = {
  readonly name: string;
  /** Undefined where the server itself is to say it. */
  readonly os: 'linux' | 'windows' | undefined;
  readonly login: Login;
  readonly sudo: Sudo;
  readonly via?: PlannedJump;
};

export type SweepPlan = {
  /** Ordered by name. */
  readonly hosts: readonly PlannedHost[];
  readonly parallel: number;
  readonly hostTimeoutMs: number;
  readonly known: KnownHosts;
  readonly acceptNew: boolean;
  /** SHA-256 of the file that this was read from. */
  readonly digest: string;
};
