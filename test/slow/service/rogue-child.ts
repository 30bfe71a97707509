/**
 * Collects once with the product's collector of the host, and one of our own that does something bad to the server.
 *
 *     node rogue-child.ts STATE hang|bloat|die|good
 */
import { withDefaults } from '../../../agent/config/defaults.ts';
import { openRecording } from '../../../agent/host/replay.ts';
import { bundleHere } from '../../../agent/run/make-bundle.ts';
import { openState } from '../../../agent/spool/state.ts';
import type { Collector } from '../../../collectors/collector.ts';
import { collectors } from '../../../collectors/list.ts';
import { must } from '../../agent/spool/bundles.ts';

const [, , folder = '', deed = ''] = process.argv;
const kept: unknown[] = [];

const deeds: Readonly<Record<string, () => void>> = {
  hang: () => {
    for (;;);
  },
  bloat: () => {
    for (;;) kept.push(Array.from({ length: 10_000 }, () => kept.length));
  },
  die: () => process.kill(process.pid, 'SIGKILL'),
  good: () => undefined,
};

const rogue: Collector = {
  name: 'rogue',
  purpose: 'Does harm.',
  documents: [],
  budgetSeconds: 30,
  async collect(host) {
    await host.readFile('/etc/os-release');
    await host.readFile('/etc/passwd');
    deeds[deed]?.();
    return {};
  },
  summarise: () => [],
};

const state = must(openState(folder, { create: true, now: () => new Date() }));
const { machine } = must(openRecording('test/fixtures/machines/debian-12'));
const settings = withDefaults({ collect: { watchdog: { memoryMiB: 384, stallSeconds: deed === 'hang' ? 2 : 60 } } });
const asked = [rogue, ...collectors.filter(({ name }) => name === 'host' || name === 'admins')];
must(await bundleHere(state, { machine, settings, only: undefined, collectors: asked }, 'task'));
