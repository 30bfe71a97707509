/** The document `host` of the invented Debian server, with changes. */
import assert from 'node:assert/strict';
import type { Draft } from '../../../collectors/collector.ts';
import { host } from '../../../collectors/host/index.ts';
import { debianServer } from '../debian-server.ts';
import { digests } from '../each-source-denied.ts';
import { type FakeMachine, fakeHost } from '../fake-host.ts';

export async function collect(changes: FakeMachine = {}): Promise<Draft<'host'>> {
  const machine = { ...debianServer, ...changes };
  for (const part of ['files', 'lists', 'stats', 'links', 'commands', 'system'] as const)
    Object.assign(machine, { [part]: { ...debianServer[part], ...changes[part] } });
  const { host: document } = await host.collect(fakeHost(machine), digests);
  assert.ok(document);
  return document;
}
