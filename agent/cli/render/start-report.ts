/** The report of `affiant start`: what a newcomer sees. */
import type { HostDocument } from '../../../schemas/generated/types.ts';
import type { Round } from '../commands/start.ts';
import { forTerminal } from './escape.ts';
import { bytesText, postLines } from './post-report.ts';
import { bundleLines } from './presentation.ts';
import { capLines, changeLines, pairLines } from './report.ts';
import type { Style } from './table.ts';

export function startLines(round: Round, width: number, style: Style): string[] {
  const { bundled, posted, verified, since } = round;
  const { documents } = bundled.collected;
  const { predicate } = bundled.statement;
  return [
    style.bold(`Affiant ${predicate.agent.version}: ${forTerminal(hostName(documents))}, ${predicate.run.finishedAt}`),
    '',
    ...bundleLines(documents, predicate, width, style),
    '',
    ...(since === undefined ? [] : [...changeLines(since.changes, since.at, width, style), '']),
    ...pairLines('Evidence', evidenceRows(round), width, style),
    ...capLines(bundled.spooled, style),
    ...(verified.ok ? [] : [style.attention(`! the pack does not verify: ${forTerminal(verified.refusal.message)}`)]),
    ...postLines(
      {
        ...posted,
        packs: posted.packs.filter(({ pack, fate }) => pack.digest !== bundled.digest || fate !== 'receipted'),
      },
      style,
    ),
    '',
    ...nextLines(round, style),
  ];
}

function hostName(documents: ReadonlyMap<string, object>): string {
  const host = documents.get('host') as HostDocument | undefined;
  if (host?.hostname.status !== 'observed') return 'this machine';
  return typeof host.hostname.value === 'string' ? host.hostname.value : 'this machine';
}

function evidenceRows({ bundled, posted, endpoint, verified, pack }: Round): [string, string][] {
  const { chain, key } = bundled.statement.predicate;
  const own = posted.packs.find((report) => report.pack.digest === bundled.digest);
  const documents = bundled.collected.documents.size;
  const rows: [string, string][] = [
    [
      'Pack',
      `${pack} (${bytesText(bundled.spooled?.size ?? bundled.bytes.length)}, ${documents - (bundled.spooled?.missing.length ?? 0)} documents)`,
    ],
    ['Signed by', `${key.id} (${key.protection}), number ${chain.sequence} of chain ${chain.id.slice(0, 8)}`],
  ];
  if (own?.fate === 'receipted')
    rows.push(
      [
        'Posted',
        `${bytesText(own.sentBytes)} to ${endpoint.url}${endpoint.own ? ' (an endpoint of its own on loopback)' : ''}`,
      ],
      ['Receipt', `number ${own.logIndex} of a log of ${own.treeSize}`],
    );
  if (verified.ok)
    rows.push([
      'Verified',
      verified.value.receipt === 'verified'
        ? 'offline, from the file alone: signature, documents, receipt'
        : 'offline, from the file alone: signature and documents; there is no receipt yet',
    ]);
  return rows;
}

function nextLines({ pack, stateFolder, endpoint }: Round, style: Style): string[] {
  const logKey = endpoint.own ? ` --log-key ${stateFolder}/endpoint/log.vkey` : '';
  return [
    style.bold('Next'),
    `  npm run -s affiant -- verify ${forTerminal(pack)} --key ${forTerminal(stateFolder)}/public.pem${forTerminal(logKey)}`,
    `  npm run -s affiant -- show ${forTerminal(pack)}`,
    '  npm run -s affiant -- doctor',
  ];
}
