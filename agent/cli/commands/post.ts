import type { Result } from '../../../evidence/result.ts';
import { postPacks, postPending } from '../../post/post.ts';
import { isDone, type PostReport } from '../../post/report.ts';
import { spoolOutbox } from '../../post/spool-outbox.ts';
import type { EndpointSettings } from '../../post/transport.ts';
import { loadPublicKey } from '../../spool/keys.ts';
import { actAsOwner } from '../act-as-owner.ts';
import { noAnswerInTurn, readArguments, readFormat } from '../arguments.ts';
import { exitCodes } from '../exit-codes.ts';
import type { Io } from '../io.ts';
import { progressOn } from '../progress.ts';
import { forJson } from '../render/escape.ts';
import { bytesText, postLines } from '../render/post-report.ts';
import { styleFor } from '../render/table.ts';
import { logPosted, logRefusal, postOnce } from '../scheduled.ts';
import { serviceLog } from '../service-log.ts';
import { endpointOf, exitCodeOf, openSession, openSessionState, type Session, stateOptions, stop } from '../session.ts';

/** Without packs: the spool. With packs: those, which stay where they are. */
export async function run(args: readonly string[], io: Io): Promise<number> {
  const read = readArguments(
    args,
    { endpoint: 'text', scheduled: 'flag', format: 'text', ...stateOptions },
    { min: 0, max: 100_000 },
    'post [PACK…] [--endpoint URL]',
  );
  if (!read.ok) return stop(io, read.refusal);
  const { options, positionals } = read.value;
  const format = readFormat(options.format);
  if (!format.ok) return stop(io, format.refusal);
  const session = await openSession(options, io);
  if (!session.ok) return stop(io, session.refusal);
  if (options.scheduled === true && format.value === 'json') return stop(io, noAnswerInTurn);
  if (positionals.length === 0) actAsOwner(session.value.stateFolder);
  if (options.scheduled === true) return await postInTurn(session.value, options.endpoint, io);
  const endpoint = endpointOf(options.endpoint, session.value);
  if (!endpoint.ok) return stop(io, endpoint.refusal);
  const progress = progressOn(io);
  const onProgress = (done: number, of: number): void => progress.say(`posting ${done + 1} of ${of} ...`);
  const report = await send(positionals.map(io.path), endpoint.value, session.value, onProgress);
  progress.clear();
  if (!report.ok) return stop(io, report.refusal);
  const { packs, traffic } = report.value;
  const style = styleFor(io.stdout, io.environment);
  const lines = packs.length === 0 ? ['nothing waits to be sent'] : postLines(report.value, style);
  if (format.value === 'json') io.out(`${forJson(postedJson(report.value))}\n`);
  else
    io.out(
      `${[...lines, ...(packs.length === 0 ? [] : [`${bytesText(traffic.sentBodies + traffic.sentHeaders)} sent, headers included`])].join('\n')}\n`,
    );
  if (packs.some(({ fate }) => fate === 'quarantined')) return exitCodes.failed;
  return isDone(report.value) ? exitCodes.done : exitCodes.spooled;
}

/** Each pack by its file, with what became of it. */
export function postedJson({ packs, ...rest }: PostReport): object {
  return { ...rest, packs: packs.map(({ pack, ...fate }) => ({ pack: pack.name, ...fate })) };
}

/** For timers: one line a pack for the log in place of a report. */
async function postInTurn(session: Session, endpoint: string | undefined, io: Io): Promise<number> {
  const log = serviceLog(io);
  const sent = await postOnce(session, endpoint);
  if (sent.ok) return logPosted(log, sent.value);
  logRefusal(log, sent.refusal);
  return exitCodeOf(sent.refusal.code);
}

async function send(
  files: readonly string[],
  endpoint: EndpointSettings,
  session: Session,
  onProgress: (done: number, of: number) => void,
): Promise<Result<PostReport>> {
  const options = { now: () => new Date(), onProgress };
  if (files.length > 0) {
    // The state folder may be missing where an auditor posts what others collected.
    const state = openSessionState(session, false);
    const own = state.ok ? loadPublicKey(state.value) : undefined;
    const key = own?.ok === true ? own.value : undefined;
    return await postPacks(files, endpoint, { ...options, key: (keyId) => (key?.keyId === keyId ? key : undefined) });
  }
  const state = openSessionState(session, false);
  if (!state.ok) return state;
  return await postPending(spoolOutbox(state.value, endpoint.url), endpoint, options);
}
