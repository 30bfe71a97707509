/** The Debian server of the tests with changes, or with a sudoers file. */
import assert from 'node:assert/strict';
import { admins } from '../../../collectors/admins/index.ts';
import type { Draft } from '../../../collectors/collector.ts';
import { debianServer } from '../debian-server.ts';
import { assertValid, digests } from '../each-source-denied.ts';
import { type FakeMachine, fakeHost } from '../fake-host.ts';

function machineWith(changes: FakeMachine): FakeMachine {
  const parts = (['files', 'lists', 'stats'] as const).map((part) => [
    part,
    { ...debianServer[part], ...changes[part] },
  ]);
  return { ...debianServer, ...changes, ...Object.fromEntries(parts) };
}

export async function collect(changes: FakeMachine = {}): Promise<Draft<'admins'>> {
  const drafts = await admins.collect(fakeHost(machineWith(changes)), digests);
  assertValid(drafts, 'admins');
  assert.ok(drafts.admins);
  return drafts.admins;
}

/** The sudoers files of a test, and nothing else in the folder. */
export function sudoers(text: string, others: Readonly<Record<string, string>> = {}): FakeMachine {
  const names = Object.keys(others).map((path) => path.slice(path.lastIndexOf('/') + 1));
  return {
    files: { '/etc/sudoers': text, ...others },
    lists: { '/etc/sudoers.d': names },
    stats: Object.fromEntries(Object.keys(others).map((path) => [path, {}])),
  };
}

export async function sudoUsers(changes: FakeMachine): Promise<unknown> {
  const { sudoRules } = await collect(changes);
  return sudoRules.status === 'observed'
    ? sudoRules.value.flatMap(({ users }) => users)
    : [sudoRules.status, sudoRules.reason];
}
