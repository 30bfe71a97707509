import { join } from 'node:path';
import { loadTrustedKeys } from '../../../endpoint/trust.ts';
import { readArguments } from '../arguments.ts';
import { exitCodes } from '../exit-codes.ts';
import type { Io } from '../io.ts';
import { forTerminal } from '../render/escape.ts';
import { openSession, stateOptions, stop } from '../session.ts';
import { runEndpoint } from '../wire-endpoint.ts';

/** Runs until SIGINT or SIGTERM, then drains. */
export async function run(args: readonly string[], io: Io): Promise<number> {
  const read = readArguments(
    args,
    { 'trust-key': 'texts', listen: 'text', ...stateOptions },
    { min: 0, max: 0 },
    'serve --trust-key FILE… [--listen HOST:PORT]',
  );
  if (!read.ok) return stop(io, read.refusal);
  const { options } = read.value;
  const session = openSession(options, io);
  if (!session.ok) return stop(io, session.refusal);
  const { serve } = session.value.loaded.settings;
  const files = [...(options['trust-key'] ?? []).map(io.path), ...(serve.trustKeyFiles ?? [])];
  if (files.length === 0)
    return stop(io, {
      code: 'usage',
      message: 'no key is trusted: nothing could be taken',
      remedy: 'affiant serve --trust-key FILE, with the public key of each server (affiant key show)',
    });
  const keys = loadTrustedKeys(files);
  if (!keys.ok) return stop(io, keys.refusal);
  const settings = options.listen === undefined ? serve : { ...serve, listen: options.listen };
  const running = await runEndpoint(join(session.value.stateFolder, 'endpoint'), settings, keys.value, (error) =>
    io.err(
      `affiant: a fault while answering: ${forTerminal(error instanceof Error ? error.message : String(error))}\n`,
    ),
  );
  if (!running.ok) return stop(io, running.refusal);
  const { endpoint, verifierKey, close } = running.value;
  io.out(`${endpoint.url}\n`);
  io.err(
    `affiant: taking bundles of ${keys.value.size} key${keys.value.size === 1 ? '' : 's'}; log key ${verifierKey}\n`,
  );
  await new Promise<void>((done) => {
    process.once('SIGINT', done);
    process.once('SIGTERM', done);
  });
  await close();
  return exitCodes.done;
}
