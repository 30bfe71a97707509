import { join } from 'node:path';
import { gatherLines, makeLogger } from '../../../endpoint/log-lines.ts';
import { loadTrustedKeys } from '../../../endpoint/trust.ts';
import { readArguments } from '../arguments.ts';
import { exitCodes } from '../exit-codes.ts';
import type { Io } from '../io.ts';
import { openSession, stateOptions, stop } from '../session.ts';
import { type Serving, serveEndpoint } from '../wire-serve.ts';

/** Runs until SIGINT or SIGTERM, then drains. SIGHUP reads the certificate again. Standard error carries the log: one JSON object a line. */
export async function run(args: readonly string[], io: Io): Promise<number> {
  const read = readArguments(
    args,
    { 'trust-key': 'texts', listen: 'text', ...stateOptions },
    { min: 0, max: 0 },
    'serve [--trust-key FILE…] [--listen HOST:PORT]',
  );
  if (!read.ok) return stop(io, read.refusal);
  const { options } = read.value;
  const session = await openSession(options, io);
  if (!session.ok) return stop(io, session.refusal);
  const { serve } = session.value.loaded.settings;
  const files = [...(options['trust-key'] ?? []).map(io.path), ...(serve.trustKeyFiles ?? [])];
  const keys = loadTrustedKeys(files);
  if (!keys.ok) return stop(io, keys.refusal);
  const settings = options.listen === undefined ? serve : { ...serve, listen: options.listen };
  const lines = gatherLines(io.err);
  // Also where a fault ends it.
  process.once('exit', lines.flush);
  const log = makeLogger(lines.write, () => new Date());
  let serving: Serving | undefined;
  // From the start on: a SIGHUP that nobody listens for would end the process.
  process.on('SIGHUP', () => serving?.reload());
  const started = await serveEndpoint(join(session.value.stateFolder, 'endpoint'), settings, keys.value, log);
  if (!started.ok) return stop(io, started.refusal);
  serving = started.value;
  const { running, management } = serving;
  const ended = new Promise<void>((done) => {
    process.once('SIGINT', done);
    process.once('SIGTERM', done);
  });
  io.out(`${running.endpoint.url}\n`);
  log('info', 'listening', {
    url: running.endpoint.url,
    metrics: management?.url,
    keys: keys.value.size,
    logKey: running.verifierKey,
  });
  await ended;
  await serving.close();
  return exitCodes.done;
}
