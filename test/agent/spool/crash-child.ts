/**
 * A process that lives by the spool and is killed at the n-th change of the disk: kill -9, by its own
 * hand, so that the moment is exact. It tells on stdout what it was told.
 *
 *     node crash-child.ts FOLDER N [APPENDS]     N = 0: never killed; it ends with `steps COUNT`
 */
import { writeSync } from 'node:fs';
import { diskFiles } from '../../../agent/spool/disk-files.ts';
import type { DurableFiles } from '../../../agent/spool/durable.ts';
import { loadOrCreateKeys } from '../../../agent/spool/keys.ts';
import { release } from '../../../agent/spool/release.ts';
import { append, pending } from '../../../agent/spool/spool.ts';
import { openState } from '../../../agent/spool/state.ts';
import { must, sampleDocuments, sampleReceipt, signFor } from './bundles.ts';

const [, , folder = '', killAt = '0', appends = '1'] = process.argv;
const changes = new Set(['makeFolder', 'create', 'write', 'sync', 'rename', 'link', 'unlink', 'syncFolder']);
let steps = 0;

function say(line: string): void {
  writeSync(1, `${line}\n`);
}

function counted(files: DurableFiles): DurableFiles {
  return new Proxy(files, {
    get(target, name: keyof DurableFiles) {
      const operation: unknown = target[name];
      if (!changes.has(name) || typeof operation !== 'function') return operation;
      return (...args: unknown[]): unknown => {
        steps += 1;
        if (steps === Number(killAt)) process.kill(process.pid, 'SIGKILL');
        return Reflect.apply(operation, target, args);
      };
    },
  });
}

const limits = { maxBytes: 10_000, keepPacks: 1000 };
const state = must(openState(folder, { create: true, now: () => new Date(), files: counted(diskFiles), limits }));
const { signer } = must(loadOrCreateKeys(state));
for (let count = 0; count < Number(appends); count += 1) {
  const done = must(append(state, (link) => signFor(signer, link, sampleDocuments(`${process.pid} ${count}`))));
  say(`shown ${done.digest}`);
}
const waiting = must(pending(state));
for (const { digest } of waiting) say(`shown ${digest}`);
for (const entry of waiting.slice(0, 2)) must(release(state, entry, sampleReceipt(1)));
say(`steps ${steps}`);
