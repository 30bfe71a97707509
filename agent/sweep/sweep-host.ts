/** One server of a sweep, from the login to the signed pack. */
import type { Result } from '../../evidence/result.ts';
import type { PosturePredicate } from '../../schemas/generated/types.ts';
import type { Settings } from '../config/defaults.ts';
import type { Machine } from '../host/machine.ts';
import type { Connection } from '../host/ssh/connection.ts';
import { failed, failureOf, type HostFailure, type Reached } from '../host/ssh/failure.ts';
import type { HostKeySeen } from '../host/ssh/host-key.ts';
import { isWindowsServer } from '../host/ssh/identification.ts';
import { bundleSwept } from '../run/bundle-swept.ts';
import type { Bundled } from '../run/make-bundle.ts';
import type { RunFacts } from '../run/predicate.ts';
import type { Keys } from '../spool/keys.ts';
import type { State } from '../spool/state.ts';
import type { PlannedHost } from './plan.ts';
import type { Reach } from './reach.ts';

export type Privilege = NonNullable<PosturePredicate['transport']>['privilege'];

export type Swept = {
  readonly host: PlannedHost;
  readonly hostKey: HostKeySeen | undefined;
  readonly privilege: Privilege | undefined;
  readonly result: Reached<Bundled>;
};

export type SweepContext = {
  readonly reach: Reach;
  readonly keys: Keys;
  readonly settings: Settings;
  readonly agent: RunFacts['agent'];
  readonly only: readonly string[] | undefined;
  readonly hostTimeoutMs: number;
  /** The state folder of one server. */
  readonly stateOf: (host: PlannedHost) => Result<State>;
};

export type HostWatch = { readonly state: (words: string) => void };

/** Never throws for what a server does. */
export async function sweepHost(host: PlannedHost, context: SweepContext, watch: HostWatch): Promise<Swept> {
  watch.state('connecting');
  const late = lateAfter(context.hostTimeoutMs);
  let hostKey: HostKeySeen | undefined;
  let privilege: Privilege | undefined;
  const steps = async (): Promise<Reached<Bundled>> => {
    const connection = await context.reach.to(host.login, host.via);
    if (!connection.ok) return connection;
    ({ hostKey } = connection.value);
    let leave = (): Promise<void> => Promise.resolve();
    void late.promise.then(async () => {
      await leave();
      connection.value.end();
    });
    try {
      watch.state('logged in');
      const opened = await openMachine(host, connection.value);
      if (!opened.ok) return unlessLost(connection.value, opened);
      ({ privilege } = opened.value);
      const { machine, settled } = opened.value;
      leave = async () => {
        machine.close?.();
        await settled?.();
      };
      return await collectFrom(host, connection.value, opened.value, { ...context, isLate: late.isLate }, watch);
    } finally {
      await leave();
      connection.value.end();
    }
  };
  try {
    const result = await Promise.race([steps(), late.promise]);
    return { host, hostKey, privilege, result };
  } finally {
    late.cancel();
  }
}

type Opened = {
  readonly machine: Machine;
  readonly privilege: Privilege;
  /** Waits until nothing is left there that was started. */
  readonly settled?: () => Promise<void>;
};

async function openMachine(host: PlannedHost, connection: Connection): Promise<Reached<Opened>> {
  const os = host.os ?? (isWindowsServer(connection.identification) ? 'windows' : 'linux');
  if (os === 'windows') {
    const { windowsOverSsh } = await import('../host/ssh/windows-over-ssh.ts');
    const machine = await windowsOverSsh(connection);
    if (!machine.ok) return machine;
    const { settled } = machine.value;
    await machine.value.identity();
    const privilege = machine.value.privilege('own') === 'user' ? 'user' : 'administrator';
    return { ok: true, value: { machine: machine.value, privilege, settled } };
  }
  const { linuxOverSsh } = await import('../host/ssh/linux-over-ssh.ts');
  const machine = await linuxOverSsh(connection, host.sudo);
  if (!machine.ok) return machine;
  const isRoot = machine.value.privilege('own') === 'root';
  const privilege = isRoot ? (machine.value.bySudo ? 'sudo' : 'root') : 'user';
  return { ok: true, value: { machine: machine.value, privilege } };
}

async function collectFrom(
  host: PlannedHost,
  connection: Connection,
  { machine, privilege }: Opened,
  { keys, settings, agent, only, stateOf, isLate }: SweepContext & { readonly isLate: () => boolean },
  watch: HostWatch,
): Promise<Reached<Bundled>> {
  const state = stateOf(host);
  if (!state.ok) return failureOf('failed', state.refusal);
  const running = new Set<string>();
  const say = (): void => watch.state(running.size === 0 ? 'signing' : `collecting ${[...running].join(', ')}`);
  const bundled = await bundleSwept(state.value, keys, {
    machine,
    settings,
    agent,
    only,
    watch: {
      began: (name) => {
        running.add(name);
        say();
      },
      ended: ({ name }) => {
        running.delete(name);
        say();
      },
    },
    transport: {
      kind: 'ssh',
      hostKey: connection.hostKey.fingerprint,
      trust: connection.hostKey.trust,
      privilege,
    },
    spoilt: () => isLate() || connection.lost() !== undefined,
  });
  if (!bundled.ok) return failureOf('failed', bundled.refusal);
  if (bundled.value !== undefined) return { ok: true, value: bundled.value };
  return unlessLost(
    connection,
    failed(
      'failed',
      'connection-lost',
      'the connection broke in the middle',
      'run the sweep again: it asks this server alone',
    ),
  );
}

/** Where the connection broke, that is the reason, whatever else it led to. */
function unlessLost(
  connection: Connection,
  otherwise: { readonly ok: false; readonly failure: HostFailure },
): Reached<never> {
  const failure = connection.lost();
  return failure === undefined ? otherwise : { ok: false, failure };
}

type Late = {
  readonly promise: Promise<Reached<never>>;
  readonly isLate: () => boolean;
  readonly cancel: () => void;
};

function lateAfter(milliseconds: number): Late {
  const { promise, resolve } = Promise.withResolvers<Reached<never>>();
  let late = false;
  const timer = setTimeout(() => {
    late = true;
    resolve(
      failed(
        'timed-out',
        'host-timeout',
        `it took longer than ${milliseconds / 1000} s`,
        'look what it waits for (the progress says it), or raise hostTimeoutSeconds',
      ),
    );
  }, milliseconds);
  return { promise, isLate: () => late, cancel: () => clearTimeout(timer) };
}
