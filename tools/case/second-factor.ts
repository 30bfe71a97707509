/**
 * The second replay: a server whose administrators get in with a password, from 2 January to 31 May 2024, and a
 * second factor from June on. The documents come from the real collectors over a recorded Debian server; for the
 * second half the recording is changed as an administrator would change the server.
 */
import { createHash } from 'node:crypto';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openHost } from '../../agent/host/door.ts';
import { openRecording } from '../../agent/host/replay.ts';
import { digestsWith } from '../../agent/run/run-collectors.ts';
import { admins } from '../../collectors/admins/index.ts';
import type { Drafts } from '../../collectors/collector.ts';
import { host } from '../../collectors/host/index.ts';
import { mfa } from '../../collectors/mfa/index.ts';
import type { Series } from './series.ts';

/** The day on which a second factor was demanded, in the replay. */
export const demandedOn = '2024-06-01';

const recording = join(import.meta.dirname, '../../test/fixtures/machines/debian-12');

async function collect(folder: string): Promise<Drafts> {
  const opened = openRecording(folder);
  if (!opened.ok) throw new Error(opened.refusal.message);
  const digests = digestsWith(createHash('sha256').update('replay second-factor').digest());
  let drafts: Drafts = {};
  for (const collector of [host, admins, mfa])
    drafts = {
      ...drafts,
      ...(await collector.collect(openHost(opened.value.machine).forCollector(collector.name).host, digests)),
    };
  return drafts;
}

export async function secondFactorSeries(): Promise<Series> {
  const before = await collect(recording);
  const folder = mkdtempSync(join(tmpdir(), 'affiant-recording-'));
  try {
    cpSync(recording, folder, { recursive: true });
    const file = join(folder, 'host.json');
    writeFileSync(file, closed(readFileSync(file, 'utf8')));
    const after = await collect(folder);
    return {
      name: 'second-factor',
      from: '2024-01-02',
      to: '2024-06-30',
      draftsOn: (day) => (day < demandedOn ? before : after),
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** sshd told to demand a key and a password together; the console is left as it was. */
function closed(text: string): string {
  const changed = text
    .replaceAll('authenticationmethods any', 'authenticationmethods publickey,password')
    .replace('UsePAM yes\\n', 'UsePAM yes\\nAuthenticationMethods publickey,password\\n');
  if (changed === text) throw new Error('the recording has no settings of sshd to change');
  return changed;
}
