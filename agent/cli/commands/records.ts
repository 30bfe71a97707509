import { setTimeout as wait } from 'node:timers/promises';
import { decodeRecords, encodeRecords } from '../../../evidence/records-file.ts';
import { ok, type Result } from '../../../evidence/result.ts';
import type { Signed } from '../../../evidence/signed-file.ts';
import { problemOf, replyOf } from '../../enrol/answer.ts';
import { readTokenFile } from '../../fetch/token-file.ts';
import { openTransport, type Transport } from '../../post/transport.ts';
import { readArguments, readFormat } from '../arguments.ts';
import { exitCodes } from '../exit-codes.ts';
import type { Io } from '../io.ts';
import { forJson } from '../render/escape.ts';
import { endpointOf, openSession, stateOptions, stop } from '../session.ts';
import { writeWhole } from '../write-file.ts';

const usage = 'records FILE --token-file FILE [--endpoint URL] [--format table|json]';

/** All records of the endpoint's log into one file, for `affiant verify --records`. */
export async function run(args: readonly string[], io: Io): Promise<number> {
  const read = readArguments(
    args,
    { endpoint: 'text', 'token-file': 'text', format: 'text', ...stateOptions },
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
  const token = readTokenFile(io.path(options['token-file']));
  if (!token.ok) return stop(io, token.refusal);
  const transport = await openTransport(endpoint.value);
  if (!transport.ok) return stop(io, transport.refusal);
  try {
    const all = await fetchAll(transport.value, token.value);
    if (!all.ok) {
      io.refused(all.refusal);
      return exitCodes.spooled;
    }
    const written = writeWhole(io.path(positionals[0] ?? ''), encodeRecords(all.value.records, all.value.logKey));
    if (!written.ok) return stop(io, written.refusal);
    const { logKey, records } = all.value;
    if (format.value === 'json')
      io.out(`${forJson({ file: io.path(positionals[0] ?? ''), records: records.length, logKey })}\n`);
    else io.err(`${records.length} records\n`);
    return exitCodes.done;
  } finally {
    await transport.value.close();
  }
}

const maxPageBytes = 32 * 1024 * 1024;

async function fetchAll(transport: Transport, token: string): Promise<Result<{ records: Signed[]; logKey: string }>> {
  const records: Signed[] = [];
  for (let from: number | undefined = 0; ; ) {
    const reply = replyOf(
      await transport.get(`/v1/records?from=${from}&limit=200`, { authorization: `Bearer ${token}` }, maxPageBytes),
    );
    if (!reply.ok) return reply;
    if (reply.value.status === 429 || reply.value.status === 503) {
      await wait(2000);
      continue;
    }
    if (reply.value.status !== 200) return { ok: false, refusal: problemOf(reply.value) };
    const page = decodeRecords(reply.value.body);
    if (!page.ok) return page;
    records.push(...page.value.records);
    from = page.value.next;
    if (from === undefined) return ok({ records, logKey: page.value.logKey });
  }
}
