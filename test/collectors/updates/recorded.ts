/** The recorded servers as hosts that answer `not-recorded` where a test leads the collector off the recorded way. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { openHost } from '../../../agent/host/door.ts';
import type { Host } from '../../../agent/host/host.ts';
import type { Machine, Raw } from '../../../agent/host/machine.ts';
import { openRecording } from '../../../agent/host/replay.ts';

export const machines = ['debian-12', 'rocky-9', 'opensuse-leap', 'alpine-3', 'arch'] as const;

const opened = new Map<string, Machine>();

export function recordedHost(name: string): Host {
  const known = opened.get(name) ?? open(name);
  opened.set(name, known);
  return openHost(known).forCollector('updates').host;
}

function open(name: string): Machine {
  const recording = openRecording(join(import.meta.dirname, '../../fixtures/machines', name));
  assert.ok(recording.ok, JSON.stringify(recording));
  const { machine } = recording.value;
  return {
    os: machine.os,
    privilege: (access) => machine.privilege(access),
    identity: () => machine.identity(),
    readFile: (path, limits) => leniently(() => machine.readFile(path, limits)),
    list: (path, limits) => leniently(() => machine.list(path, limits)),
    stat: (path, limits) => leniently(() => machine.stat(path, limits)),
    readLink: (path, limits) => leniently(() => machine.readLink(path, limits)),
    run: (invocation, limits) => leniently(() => machine.run(invocation, limits)),
    registry: (key, limits) => leniently(() => machine.registry(key, limits)),
    query: (query, limits, parameters) => leniently(() => machine.query(query, limits, parameters)),
    system: (system, limits) => leniently(() => machine.system(system, limits)),
  };
}

async function leniently<T>(ask: () => Promise<Raw<T>>): Promise<Raw<T>> {
  try {
    return await ask();
  } catch {
    return { outcome: 'unsupported', reason: 'not-recorded' };
  }
}
