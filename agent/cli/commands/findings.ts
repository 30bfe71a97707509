import { auditHost } from '../../../audit/audit-host.ts';
import { histories } from '../../../audit/history.ts';
import { readArguments, readFormat } from '../arguments.ts';
import { auditExit, auditOptions, auditUsage, ofHost, readAuditSource, serversOf } from '../audit-source.ts';
import type { Io } from '../io.ts';
import { findingLines } from '../render/audit.ts';
import { forJson } from '../render/escape.ts';
import { styleFor, widthOf } from '../render/table.ts';
import { stop } from '../session.ts';

/** Every finding of every server, one server after the other; exit 1 where a breach is open or a pack did not verify. */
export async function run(args: readonly string[], io: Io): Promise<number> {
  const read = readArguments(args, auditOptions, { min: 0, max: 0 }, `findings ${auditUsage} [--at DAY]`);
  if (!read.ok) return stop(io, read.refusal);
  const { options } = read.value;
  const format = readFormat(options.format);
  if (!format.ok) return stop(io, format.refusal);
  const source = readAuditSource(options, io);
  if (!source.ok) return stop(io, source.refusal);
  const servers = serversOf(source.value, options.host);
  if (!servers.ok) return stop(io, servers.refusal);
  const page = { width: widthOf(io.stdout), style: styleFor(io.stdout, io.environment) };
  const { refused, at, options: known } = source.value;
  const isJson = format.value === 'json';
  let shown = 0;
  let open = false;
  if (isJson) io.out(`{\n  "at": ${forJson(at)},\n  "hosts": [`);
  for (const entries of servers.value)
    for (const history of histories(entries, at)) {
      const audit = auditHost(history, { ...known, at });
      // Without the bundles of later days they may be two servers, of which one is meant.
      if (!ofHost([audit], options.host).ok) continue;
      if (isJson) io.out(`${shown === 0 ? '' : ','}\n    ${indented(audit, '    ')}`);
      else io.out(`${shown === 0 ? '' : '\n'}${findingLines([audit], page).join('\n')}`);
      shown += 1;
      open ||= audit.findings.some(
        ({ state, verdict, level }) => state === 'open' && verdict === 'fail' && level === 'breach',
      );
    }
  if (isJson) io.out(`${shown === 0 ? '' : '\n  '}],\n  "refused": ${indented(refused, '  ')}\n}\n`);
  return await Promise.resolve(auditExit(source.value, open));
}

/** JSON as it stands inside of other JSON: no text in it has a line feed. */
function indented(value: unknown, by: string): string {
  return forJson(value).replaceAll('\n', `\n${by}`);
}
