import { join } from 'node:path';
import { isDay } from '../../../audit/days.ts';
import { cycloneDxBom } from '../../../audit/export/cyclonedx.ts';
import { ocsfEvents } from '../../../audit/export/ocsf.ts';
import { oscalResults } from '../../../audit/export/oscal.ts';
import type { ExportSource } from '../../../audit/export/source.ts';
import type { HistoryEntry, HostAudit } from '../../../audit/model.ts';
import { ok, type Result, refuse } from '../../../evidence/result.ts';
import about from '../../../package.json' with { type: 'json' };
import { readArguments, readFormat } from '../arguments.ts';
import { sourceOptions } from '../audit-source.ts';
import { exitCodes } from '../exit-codes.ts';
import type { Io } from '../io.ts';
import { forJson } from '../render/escape.ts';
import { hostOf, openAudit, type ReportSource, reportContext, tellRefused } from '../report-source.ts';
import { writeWhole } from '../write-file.ts';
import { fileName } from './report.ts';

const kinds = ['oscal', 'ocsf', 'cyclonedx', 'evidence-pack'] as const;
type Kind = (typeof kinds)[number];

/** Findings and inventories in the formats of others. Ends with 1 where a pack was refused: the export lacks it. */
export async function run(args: readonly string[], io: Io): Promise<number> {
  const usage = 'export oscal|ocsf|cyclonedx|evidence-pack --packs DIR --key FILE [--out FILE [--format table|json]]';
  const read = readArguments(
    args,
    { ...sourceOptions, out: 'text', from: 'text', to: 'text', format: 'text' },
    { min: 1, max: 1 },
    usage,
  );
  if (!read.ok) {
    io.refused(read.refusal);
    return exitCodes.usage;
  }
  const { options, positionals } = read.value;
  const kind = kinds.find((each) => each === positionals[0]);
  if (kind === undefined) {
    io.refused({ code: 'usage', message: `export ${positionals[0] ?? ''} is not known`, remedy: `affiant ${usage}` });
    return exitCodes.usage;
  }
  const format = readFormat(options.format);
  if (!format.ok) {
    io.refused(format.refusal);
    return exitCodes.usage;
  }
  const isTold = format.value === 'json';
  if (isTold && options.out === undefined) {
    const message = 'without --out the export itself is what is written';
    io.refused({ code: 'usage', message, remedy: 'give --out FILE; --json then tells what was written' });
    return exitCodes.usage;
  }
  const badDay = [options.from, options.to].find((day) => day !== undefined && !isDay(day));
  if (badDay !== undefined) {
    io.refused({ code: 'usage', message: `${badDay} is no day`, remedy: 'give a day of the calendar: 2026-01-31' });
    return exitCodes.usage;
  }
  const at = options.at ?? options.to;
  const source = openAudit(
    { ...options, ...(at !== undefined && { at }) },
    io,
    kind === 'evidence-pack' ? options.from : undefined,
  );
  if (source.ok) tellRefused(source.value, io);
  const only = source.ok ? hostOf(source.value.fleet, options.host) : source;
  const made =
    source.ok && only.ok
      ? await make(
          kind,
          source.value,
          options.host === undefined ? source.value.fleet.hosts : [only.value].filter((each) => each !== undefined),
          options,
        )
      : only;
  if (!source.ok || !made.ok || made.value === undefined || !Array.isArray(made.value)) {
    if (!made.ok) io.refused(made.refusal);
    return exitCodes.usage;
  }
  const { refused } = source.value.fleet;
  const written = put(made.value, options.out, isTold, io);
  if (!written.ok) {
    io.refused(written.refusal);
    return exitCodes.usage;
  }
  if (isTold) io.out(`${forJson({ written: written.value, refused })}\n`);
  return refused.length > 0 ? exitCodes.failed : exitCodes.done;
}

type Made = { readonly name: string; readonly content: string | Uint8Array; readonly leftOut: readonly string[] };

async function make(
  kind: Kind,
  source: ReportSource,
  hosts: readonly HostAudit[],
  span: { readonly from?: string; readonly to?: string },
): Promise<Result<readonly Made[]>> {
  if (hosts.length === 0)
    return refuse('nothing-verified', 'no evidence of any server was verified', { remedy: 'check --packs and --key' });
  if (kind === 'ocsf') {
    const each = hosts.map((audit) => ocsfEvents(exportSourceOf(source, audit)));
    const lines = each.flatMap(({ events }) => events.map((event) => JSON.stringify(event)));
    return ok([
      { name: 'ocsf.ndjson', content: `${lines.join('\n')}\n`, leftOut: each.flatMap(({ leftOut }) => leftOut) },
    ]);
  }
  const all: Made[] = [];
  for (const audit of hosts) {
    const one =
      kind === 'evidence-pack'
        ? await evidencePack(source, audit, span)
        : document(kind, exportSourceOf(source, audit), audit);
    if (!one.ok) return one;
    all.push(one.value);
  }
  return ok(all);
}

function exportSourceOf(source: ReportSource, audit: HostAudit): ExportSource {
  const newest = source.history(audit)?.entries.at(-1);
  let documents: ReadonlyMap<string, object> | undefined;
  return {
    audit,
    ...(newest !== undefined && { newest }),
    document: (name) => {
      if (newest !== undefined) documents ??= source.documents(newest);
      return documents?.get(name);
    },
    version: about.version,
  };
}

function document(kind: 'oscal' | 'cyclonedx', source: ExportSource, audit: HostAudit): Result<Made> {
  const value = kind === 'oscal' ? ok(oscalResults(source)) : cycloneDxBom(source);
  return value.ok
    ? ok({ name: `${fileName(audit)}.${kind}.json`, content: `${JSON.stringify(value.value, null, 2)}\n`, leftOut: [] })
    : value;
}

async function evidencePack(
  source: ReportSource,
  audit: HostAudit,
  { from, to }: { readonly from?: string; readonly to?: string },
): Promise<Result<Made>> {
  const [{ evidencePackZip }, { hostPage }] = await Promise.all([
    import('../../../audit/export/evidence-pack.ts'),
    import('../../../audit/report/host-page.ts'),
  ]);
  const history = source.history(audit);
  const entries = (history?.entries ?? []).filter(
    ({ day }) => (from === undefined || day >= from) && (to === undefined || day <= to),
  );
  const [first] = entries;
  const last = entries.at(-1);
  if (first === undefined || last === undefined)
    return refuse('nothing-verified', 'no bundle of that server was verified in these days', {
      remedy: 'check --from and --to',
    });
  const packs: {
    readonly bytes: Uint8Array;
    readonly verified: Parameters<typeof evidencePackZip>[0]['packs'][number]['verified'];
  }[] = [];
  const refused = source.fleet.refused.map(({ file, message }) => ({ file, message }));
  for (const entry of entries) {
    const pack = source.pack(entry);
    if (!pack.ok) return pack;
    if (pack.value.verified.missing.length > 0)
      refused.push({
        file: entry.file,
        message: `it lacks documents that were signed: ${pack.value.verified.missing.join(', ')}`,
      });
    else packs.push(pack.value);
  }
  const context = reportContext(source, history);
  return ok({
    name: `${fileName(audit)}.evidence.zip`,
    leftOut: refused.map(({ file, message }) => `${file}: ${message}`),
    content: evidencePackZip({
      host: audit.host.names[0] ?? audit.host.id,
      targetId: audit.host.id,
      from: from ?? first.day,
      to: to ?? last.day,
      packs,
      refused,
      keys: keysOf(entries, source),
      report: hostPage(audit, context),
      findings: audit.findings,
      version: about.version,
      ...(context.logKey !== undefined && { logKey: context.logKey }),
    }),
  });
}

function keysOf(
  entries: readonly HistoryEntry[],
  source: ReportSource,
): { readonly keyId: string; readonly pem: string }[] {
  return [...new Set(entries.map(({ keyId }) => keyId))].toSorted().flatMap((keyId) => {
    const key = source.keys.key(keyId);
    return key === undefined ? [] : [{ keyId, pem: key.publicKey.export({ type: 'spki', format: 'pem' }).toString() }];
  });
}

type Written = { readonly file: string; readonly leftOut: readonly string[] };

/** One thing goes to the file, or as text to standard output; several go into the folder. Answers the files. */
function put(made: readonly Made[], out: string | undefined, isTold: boolean, io: Io): Result<readonly Written[]> {
  for (const { leftOut } of made)
    for (const each of leftOut) io.refused({ code: 'left-out', message: `left out: ${each}` });
  const [one, ...more] = made;
  if (one === undefined) return ok([]);
  if (out === undefined) {
    if (more.length > 0 || typeof one.content !== 'string')
      return refuse('usage', `there ${more.length > 0 ? `are ${made.length} files` : 'is a file that is no text'}`, {
        remedy: more.length > 0 ? 'give --out DIR/, or one server with --host' : 'give --out FILE.zip',
      });
    io.out(one.content);
    return ok([]);
  }
  const folder = out.endsWith('/') || more.length > 0;
  const files: Written[] = [];
  for (const { name, content, leftOut } of made) {
    const file = folder ? join(io.path(out), name) : io.path(out);
    const written = writeWhole(file, content);
    if (!written.ok) return written;
    files.push({ file, leftOut });
    if (!isTold) io.err(`affiant: wrote ${file}\n`);
  }
  return ok(files);
}
