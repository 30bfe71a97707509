/**
 * A machine in memory, for tests of collectors. It answers from plain maps; whatever it was not given is
 * a miss `unsupported` with reason `not-recorded`, so that a forgotten answer never reads as "absent".
 */
import { type CommandId, commandLocator } from '../../agent/host/commands.ts';
import type {
  Answer,
  CommandOutput,
  FileContent,
  FileStat,
  Host,
  Identity,
  Miss,
  MissStatus,
  ProcessList,
  RegistryKey,
  SystemName,
} from '../../agent/host/host.ts';
import { printable } from '../../agent/host/locator.ts';
import { querySubject } from '../../agent/host/queries.ts';

/** An answer that is none: `miss('denied')`. */
export type FakeMiss = { readonly miss: MissStatus; readonly reason: string; readonly detail?: string };

export type FakeMachine = {
  readonly os?: 'linux' | 'windows';
  readonly identity?: Partial<Identity> | FakeMiss;
  /** A text, or text with a flag that it was cut off, or a miss. */
  readonly files?: Readonly<Record<string, string | FileContent | FakeMiss>>;
  readonly lists?: Readonly<Record<string, readonly string[] | FakeMiss>>;
  readonly stats?: Readonly<Record<string, Partial<FileStat> | FakeMiss>>;
  readonly links?: Readonly<Record<string, string | FakeMiss>>;
  /** By command id, then a blank and the arguments where there are any: `sshd-effective user=root`. */
  readonly commands?: Readonly<Record<string, string | Partial<CommandOutput> | FakeMiss>>;
  readonly processes?: ProcessList | FakeMiss;
  readonly registry?: Readonly<Record<string, RegistryKey | FakeMiss>>;
  readonly queries?: Readonly<Record<string, { readonly value: unknown } | FakeMiss>>;
  readonly system?: Readonly<Record<string, Readonly<Record<string, unknown>> | FakeMiss>>;
  /** Where true, files, lists, stats and links that were not given are absent instead of not recorded. */
  readonly restIsAbsent?: boolean;
};

export type FakeHost = Host & {
  /** Locators of every access, in order. */
  readonly asked: readonly string[];
};

/** A fake's answer that there is none; the usual reasons stand for each status. */
export function miss(status: MissStatus, reason?: string): FakeMiss {
  const usual: Record<MissStatus, string> = {
    absent: 'not-found',
    denied: 'permission-denied',
    unsupported: 'not-recorded',
    'timed-out': 'deadline',
    failed: 'unreadable',
  };
  return { miss: status, reason: reason ?? usual[status] };
}

const baseIdentity: Identity = {
  hostname: 'web1',
  kernelRelease: '6.1.0-40-amd64',
  kernelVersion: '#1 SMP PREEMPT_DYNAMIC Debian 6.1.153-1 (2026-09-20)',
  architecture: 'x64',
  user: 'root',
  uid: 0,
  elevated: true,
  capabilities: ['all'],
};

const baseStat: FileStat = { type: 'file', mode: 0o644, uid: 0, gid: 0, size: 0, mtime: '2026-11-20T06:00:00Z' };

/** Makes the host. Locators are those of real source records: `file:`, `list:`, `stat:`, `link:`, `command:` … */
export function fakeHost(machine: FakeMachine): FakeHost {
  const asked: string[] = [];

  function answer<Given, T>(
    asLocated: string,
    given: Given | FakeMiss | undefined,
    value: (given: Given) => T,
    absentElse = false,
  ): Promise<Answer<T>> {
    const locator = printable(asLocated);
    asked.push(locator);
    const found = given ?? (absentElse && machine.restIsAbsent === true ? miss('absent') : miss('unsupported'));
    if (!isMiss(found)) return Promise.resolve({ status: 'observed', value: value(found), source: locator });
    const none: Miss = { status: found.miss, reason: found.reason, source: locator };
    return Promise.resolve(found.detail === undefined ? none : { ...none, detail: found.detail });
  }

  return {
    asked,
    os: machine.os ?? 'linux',
    identity: () =>
      answer('system:identity', machine.identity ?? {}, (given: Partial<Identity>) => ({ ...baseIdentity, ...given })),
    readFile: (path, options) =>
      answer(
        `file:${path}`,
        machine.files?.[path],
        (given: string | FileContent) =>
          cut(typeof given === 'string' ? { text: given, truncated: false } : given, options?.maxBytes),
        true,
      ),
    list: (path) =>
      answer(`list:${path}`, machine.lists?.[path], (given: readonly string[]) => given.toSorted(byCodePoint), true),
    stat: (path) =>
      answer(`stat:${path}`, machine.stats?.[path], (given: Partial<FileStat>) => ({ ...baseStat, ...given }), true),
    readLink: (path) => answer(`link:${path}`, machine.links?.[path], (given: string) => given, true),
    processes: () => answer('walk:/proc', machine.processes, (given: ProcessList) => given),
    exec: (id: CommandId, ...args) =>
      answer(
        commandLocator(id, args),
        machine.commands?.[[id, ...args].join(' ')],
        (given: string | Partial<CommandOutput>): CommandOutput => ({
          stdout: '',
          stderr: '',
          exitCode: 0,
          truncated: false,
          ...(typeof given === 'string' ? { stdout: given } : given),
        }),
      ),
    registry: (key) => answer(`registry:${key}`, machine.registry?.[key], (given: RegistryKey) => given),
    query: (name, parameters) => {
      const subject = querySubject(name, parameters);
      return answer(
        `query:${subject}`,
        machine.queries?.[subject],
        (given: { readonly value: unknown }) => given.value,
      );
    },
    system: (name: SystemName) =>
      answer(`system:${name}`, machine.system?.[name], (given: Readonly<Record<string, unknown>>) => given),
  };
}

/** A file longer than asked for is cut, as a real host does. */
function cut(content: FileContent, maxBytes: number | undefined): FileContent {
  if (maxBytes === undefined || content.text.length <= maxBytes) return content;
  return { text: content.text.slice(0, maxBytes), truncated: true };
}

function isMiss(given: unknown): given is FakeMiss {
  return typeof given === 'object' && given !== null && 'miss' in given;
}

function byCodePoint(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
