import { setTimeout as wait } from 'node:timers/promises';
import { ok, type Result } from '../../../evidence/result.ts';
import type { TargetState } from '../../../schemas/generated/types.ts';
import { makeReaderClient, type ReaderClient } from '../../fetch/reader-client.ts';
import { readTokenFile } from '../../fetch/token-file.ts';
import { openTransport } from '../../post/transport.ts';
import { readArguments, readFormat } from '../arguments.ts';
import { exitCodes } from '../exit-codes.ts';
import type { Io } from '../io.ts';
import { forJson } from '../render/escape.ts';
import { styleFor, tableLines, widthOf } from '../render/table.ts';
import { endpointOf, exitCodeOf, openSession, stateOptions, stop } from '../session.ts';

const usage = 'hosts --token-file FILE [--endpoint URL] [--format table|json]';

/** The servers that an endpoint knows, those that do not report as they should first. */
export async function run(args: readonly string[], io: Io): Promise<number> {
  const read = readArguments(
    args,
    { endpoint: 'text', 'token-file': 'text', format: 'text', ...stateOptions },
    { min: 0, max: 0 },
    usage,
  );
  if (!read.ok) return stop(io, read.refusal);
  const { options } = read.value;
  const format = readFormat(options.format);
  if (!format.ok) return stop(io, format.refusal);
  const session = await openSession(options, io);
  if (!session.ok) return stop(io, session.refusal);
  const endpoint = endpointOf(options.endpoint, session.value);
  if (!endpoint.ok) return stop(io, endpoint.refusal);
  if (options['token-file'] === undefined)
    return stop(io, { code: 'usage', message: 'no token is given', remedy: `affiant ${usage}` });
  const token = readTokenFile(io.path(options['token-file']));
  if (!token.ok) return stop(io, token.refusal);
  const transport = await openTransport(endpoint.value);
  if (!transport.ok) return stop(io, transport.refusal);
  try {
    const client = makeReaderClient(transport.value, token.value, {
      now: () => new Date(),
      random: Math.random,
      sleep: (ms) => wait(ms),
    });
    const targets = await all(client);
    if (!targets.ok) {
      io.refused(targets.refusal);
      return exitCodeOf(targets.refusal.code) === exitCodes.usage ? exitCodes.usage : exitCodes.spooled;
    }
    const ordered = targets.value.toSorted((one, other) => rank(one) - rank(other) || (one.id < other.id ? -1 : 1));
    io.out(format.value === 'json' ? `${forJson(ordered)}\n` : `${tableOf(ordered, io).join('\n')}\n`);
    return exitCodes.done;
  } finally {
    await transport.value.close();
  }
}

async function all(client: ReaderClient): Promise<Result<TargetState[]>> {
  const targets: TargetState[] = [];
  let after: string | undefined;
  for (;;) {
    const page = await client.targets(after);
    if (!page.ok) return page;
    targets.push(...page.value.targets);
    const { next } = page.value;
    if (next === undefined || next <= (after ?? '')) return ok(targets);
    after = next;
  }
}

const order = ['missing', 'never-heard', 'late', undefined, 'on-time', 'unscheduled'] as const;

function rank({ reporting }: TargetState): number {
  return order.indexOf(reporting?.state) * 2 + (reporting?.conditions.length ? 0 : 1);
}

function tableOf(targets: readonly TargetState[], io: Io): string[] {
  if (targets.length === 0) return ['no server is known here to this token'];
  const { bold, attention } = styleFor(io.stdout, io.environment);
  const head = ['server', 'reporting', 'since', 'newest bundle', 'what is wrong'].map((text) => ({
    text,
    style: bold,
  }));
  const rows = targets.map((target) => {
    const { id, newestAt, reporting } = target;
    const wrong = (reporting?.conditions ?? []).map(({ kind, since, detail }) => `${kind} since ${since}: ${detail}`);
    const state = { text: reporting?.state ?? 'not looked at yet', ...(rank(target) < 9 && { style: attention }) };
    return [
      { text: id },
      state,
      { text: reporting?.since ?? '' },
      { text: newestAt ?? 'never' },
      { text: wrong.join('; ') },
    ];
  });
  return tableLines([head, ...rows], widthOf(io.stdout), [32, 17, 24, 24], 0);
}
