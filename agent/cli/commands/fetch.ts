import { setTimeout as wait } from 'node:timers/promises';
import { type LogVerifier, logVerifierFromKey } from '../../../evidence/checkpoint.ts';
import { ok, type Result, refuse } from '../../../evidence/result.ts';
import { type Fetched, fetchInto, pinLogKey, pinnedLogKey } from '../../fetch/fetch-folder.ts';
import { followLog } from '../../fetch/follow-log.ts';
import { makeReaderClient } from '../../fetch/reader-client.ts';
import { readTokenFile } from '../../fetch/token-file.ts';
import { askLog } from '../../post/log-contact.ts';
import { openTransport, type Transport } from '../../post/transport.ts';
import { readArguments, readFormat } from '../arguments.ts';
import { exitCodes } from '../exit-codes.ts';
import type { Io } from '../io.ts';
import { readInput } from '../packs.ts';
import { progressOn } from '../progress.ts';
import { forJson, forTerminal } from '../render/escape.ts';
import { endpointOf, exitCodeOf, openSession, stateOptions, stop } from '../session.ts';

const usage = 'fetch DIR --token-file FILE [--endpoint URL] [--host TARGET] [--log-key FILE] [--format table|json]';

/** Packs from the endpoint into a folder, those that came since the last time, each verified. */
export async function run(args: readonly string[], io: Io): Promise<number> {
  const read = readArguments(
    args,
    { endpoint: 'text', 'token-file': 'text', host: 'text', 'log-key': 'text', format: 'text', ...stateOptions },
    { min: 1, max: 1 },
    usage,
  );
  if (!read.ok) return stop(io, read.refusal);
  const { options, positionals } = read.value;
  const format = readFormat(options.format);
  if (!format.ok) return stop(io, format.refusal);
  const session = await openSession(options, io);
  if (!session.ok) return stop(io, session.refusal);
  const endpoint = endpointOf(options.endpoint, session.value);
  if (!endpoint.ok) return stop(io, endpoint.refusal);
  if (options['token-file'] === undefined)
    return stop(io, { code: 'usage', message: 'no token is given', remedy: `affiant ${usage}` });
  if (options.host !== undefined && !/^[0-9a-f]{32}$/.test(options.host))
    return stop(io, {
      code: 'usage',
      message: `${options.host} is not the id of a server`,
      remedy: 'affiant hosts lists the ids',
    });
  const token = readTokenFile(io.path(options['token-file']));
  if (!token.ok) return stop(io, token.refusal);
  const transport = await openTransport(endpoint.value);
  if (!transport.ok) return stop(io, transport.refusal);
  const folder = io.path(positionals[0] ?? '');
  const progress = progressOn(io);
  let count = 0;
  try {
    const logKeyFile = options['log-key'] === undefined ? endpoint.value.logKeyFile : io.path(options['log-key']);
    const log = await findLog(folder, logKeyFile, transport.value);
    if (!log.ok) return ended(io, log.refusal);
    if (log.value.isNew)
      io.err(`affiant: the log key ${log.value.verifier.verifierKey} is kept in ${folder}/log.vkey\n`);
    const followed = await followLog(folder, log.value.verifier, transport.value);
    if (!followed.ok) {
      if (followed.refusal.code !== 'log-diverged') return ended(io, followed.refusal);
      io.refused(followed.refusal);
      return exitCodes.failed;
    }
    const client = makeReaderClient(transport.value, token.value, {
      now: () => new Date(),
      random: Math.random,
      sleep: (ms) => wait(ms),
    });
    const fetched = await fetchInto(client, {
      folder,
      endpoint: endpoint.value.url,
      target: options.host,
      log: log.value.verifier,
      onFetched() {
        count += 1;
        progress.say(`${count} packs ...`);
      },
    });
    progress.clear();
    if (!fetched.ok) return ended(io, fetched.refusal);
    io.out(format.value === 'json' ? `${forJson(rowsOf(fetched.value))}\n` : tableOf(fetched.value));
    return fetched.value.some(({ outcome }) => outcome === 'failed') ? exitCodes.failed : exitCodes.done;
  } finally {
    progress.clear();
    await transport.value.close();
  }
}

/** What stopped on the network waits for another run. */
function ended(io: Io, refusal: Parameters<Io['refused']>[0]): number {
  io.refused(refusal);
  const code = exitCodeOf(refusal.code);
  return code === exitCodes.usage || refusal.code === 'fetch-folder' ? code : exitCodes.spooled;
}

type KnownLog = { readonly verifier: LogVerifier; readonly isNew: boolean };

async function findLog(folder: string, file: string | undefined, transport: Transport): Promise<Result<KnownLog>> {
  const given = file === undefined ? ok(undefined) : readInput(file, 65_536);
  if (!given.ok) return refuse('log-key-unreadable', given.refusal.message);
  const kept = given.value === undefined ? pinnedLogKey(folder) : Buffer.from(given.value).toString('utf8').trim();
  if (kept !== undefined) {
    const verifier = logVerifierFromKey(kept);
    return verifier.ok ? ok({ verifier: verifier.value, isNew: false }) : verifier;
  }
  const shown = await askLog(transport);
  if (!shown.ok) return shown;
  const verifier = logVerifierFromKey(shown.value.verifierKey);
  if (!verifier.ok) return verifier;
  const pinned = pinLogKey(folder, shown.value.verifierKey);
  return pinned.ok ? ok({ verifier: verifier.value, isNew: true }) : pinned;
}

function rowsOf(all: readonly Fetched[]): object[] {
  return all.map(({ entry, outcome, detail }) => ({ outcome, ...entry, ...(detail !== undefined && { detail }) }));
}

function tableOf(all: readonly Fetched[]): string {
  const odd = all.filter(({ outcome, detail }) => outcome === 'failed' || detail !== undefined);
  const lines = odd.map(({ entry, outcome, detail }) =>
    forTerminal(
      `${outcome === 'failed' ? 'FAILED ' : 'PARTLY '} ${entry.target} log index ${entry.logIndex}: ${detail ?? ''}`,
    ),
  );
  const of = (outcome: Fetched['outcome']): number => all.filter((one) => one.outcome === outcome).length;
  const servers = new Set(all.map(({ entry }) => entry.target)).size;
  const sum = `${of('fetched')} packs of ${servers} servers fetched and verified, ${of('present')} were here, ${of('failed')} failed`;
  return `${[...lines, sum].join('\n')}\n`;
}
