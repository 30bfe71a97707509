import { auditFleet } from '../../../audit/audit-host.ts';
import { histories } from '../../../audit/history.ts';
import { readArguments, readFormat } from '../arguments.ts';
import { auditExit, auditOptions, auditUsage, ofHost, readAuditSource } from '../audit-source.ts';
import type { Io } from '../io.ts';
import { findingLines } from '../render/audit.ts';
import { forJson } from '../render/escape.ts';
import { styleFor, widthOf } from '../render/table.ts';
import { stop } from '../session.ts';

/** Every finding of every server; exit 1 where a breach is open or a pack did not verify. */
export async function run(args: readonly string[], io: Io): Promise<number> {
  const read = readArguments(args, auditOptions, { min: 0, max: 0 }, `findings ${auditUsage} [--at DAY]`);
  if (!read.ok) return stop(io, read.refusal);
  const { options } = read.value;
  const format = readFormat(options.format);
  if (!format.ok) return stop(io, format.refusal);
  const source = readAuditSource(options, io);
  if (!source.ok) return stop(io, source.refusal);
  const { entries, refused, at } = source.value;
  const fleet = auditFleet(histories(entries, at), refused, { ...source.value.options, at });
  const hosts = ofHost(fleet.hosts, options.host);
  if (!hosts.ok) return stop(io, hosts.refusal);
  if (format.value === 'json') io.out(`${forJson({ ...fleet, hosts: hosts.value })}\n`);
  else
    io.out(
      findingLines(hosts.value, { width: widthOf(io.stdout), style: styleFor(io.stdout, io.environment) }).join('\n'),
    );
  const open = hosts.value.some(({ findings }) =>
    findings.some(({ state, verdict, level }) => state === 'open' && verdict === 'fail' && level === 'breach'),
  );
  return await Promise.resolve(auditExit(source.value, open));
}
