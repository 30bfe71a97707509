/** How many bytes a bundle costs: this machine is recorded once, then played as three days. */
import { randomBytes } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runEndpoint } from '../agent/cli/wire-endpoint.ts';
import { withDefaults } from '../agent/config/defaults.ts';
import { localLinux } from '../agent/host/local-linux.ts';
import type { Machine } from '../agent/host/machine.ts';
import { recordMachine } from '../agent/host/record.ts';
import { openRecording } from '../agent/host/replay.ts';
import { postPending } from '../agent/post/post.ts';
import { spoolOutbox } from '../agent/post/spool-outbox.ts';
import { bundleHere } from '../agent/run/make-bundle.ts';
import { runCollectors } from '../agent/run/run-collectors.ts';
import { loadOrCreateKeys } from '../agent/spool/keys.ts';
import { openState } from '../agent/spool/state.ts';
import { collectors } from '../collectors/list.ts';
import type { Result } from '../evidence/result.ts';
import { verificationKeyFromPem } from '../evidence/signing-key.ts';

export type PostedBytes = { readonly first: number; readonly unchanged: number; readonly newMetadata: number };

/** The machine is real, its days are played; the endpoint is real and on loopback. */
export async function postedBytes(folder: string): Promise<PostedBytes> {
  const recording = join(folder, 'recording');
  const recorder = must(recordMachine(localLinux(), recording));
  await runCollectors(recorder.machine, {
    collectors,
    only: undefined,
    disabled: [],
    budgetSeconds: {},
    blindKey: randomBytes(32),
  });
  must(recorder.finish());
  const settings = withDefaults({});
  const state = must(openState(join(folder, 'posting'), { create: true, now: () => new Date() }));
  const { signer } = must(loadOrCreateKeys(state));
  const key = must(verificationKeyFromPem(signer.publicKeyPem));
  const trusted = new Map([[key.keyId, { ...key, role: 'agent' as const }]]);
  const running = must(
    await runEndpoint(join(folder, 'endpoint'), { ...settings.serve, listen: '127.0.0.1:0' }, trusted),
  );
  const day = async (): Promise<number> => {
    const machine: Machine = must(openRecording(recording)).machine;
    must(await bundleHere(state, { machine, settings, only: undefined }, 'ad-hoc'));
    const report = must(
      await postPending(spoolOutbox(state, 'bench'), { url: running.endpoint.url }, { now: () => new Date() }),
    );
    if (report.packs.some(({ fate }) => fate !== 'receipted')) throw new Error('a bundle was not receipted');
    return report.traffic.sentBodies + report.traffic.sentHeaders;
  };
  try {
    const first = await day();
    const unchanged = await day();
    newDay(recording);
    return { first, unchanged, newMetadata: await day() };
  } finally {
    await running.close();
  }
}

/** Every release file is a day younger, and apt offers a dozen more updates. */
function newDay(recording: string): void {
  const index = join(recording, 'host.json');
  const host = JSON.parse(readFileSync(index, 'utf8')) as { stats?: Record<string, { mtime?: string }> };
  for (const [path, stat] of Object.entries(host.stats ?? {}))
    if (path.startsWith('/var/lib/apt/lists/') && stat.mtime !== undefined) stat.mtime = '2027-01-01T03:04:05Z';
  writeFileSync(index, JSON.stringify(host));
  for (const name of readdirSync(recording)) {
    const file = join(recording, name);
    if (name === 'host.json') continue;
    const text = readFileSync(file, 'latin1');
    if (/^Date: /m.test(text))
      writeFileSync(file, text.replace(/^Date: .*$/m, 'Date: Fri, 01 Jan 2027 02:04:05 UTC'), 'latin1');
    if (text.startsWith('Listing')) writeFileSync(file, text + moreUpdates(text), 'latin1');
  }
}

/** Lines of the list itself under new names; a machine without updates gets invented ones. */
function moreUpdates(listing: string): string {
  const [, line = 'sample/stable 2.0-1 amd64 [upgradable from: 1.0-1]'] = listing.split('\n');
  return Array.from({ length: 12 }, (_unused, at) => `${line.replace(/^[^/]*/, (name) => `${name}-more${at}`)}\n`).join(
    '',
  );
}

function must<T>(result: Result<T>): T {
  if (!result.ok) throw new Error(`${result.refusal.code}: ${result.refusal.message}`);
  return result.value;
}
