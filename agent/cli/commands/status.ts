import type { Result } from '../../../evidence/result.ts';
import { ownSystemFolders } from '../../host/windows/system-folders.ts';
import { linuxParts, type Part, windowsParts } from '../../service/service-state.ts';
import { emptyStatus, readStatus, type Status } from '../../service/status.ts';
import { actAsOwner } from '../act-as-owner.ts';
import { readArguments, readFormat } from '../arguments.ts';
import { exitCodes } from '../exit-codes.ts';
import type { Io } from '../io.ts';
import { forJson } from '../render/escape.ts';
import { pairLines } from '../render/report.ts';
import { styleFor, widthOf } from '../render/table.ts';
import { endpointOf, openSession, openSessionState, type Session, stateOptions, stop } from '../session.ts';

/** Says how the agent is doing here: what was collected, sent and set aside, what rests, and when it goes on. Exit 3 where part of that could not be read. */
export async function run(args: readonly string[], io: Io): Promise<number> {
  const read = readArguments(args, { format: 'text', ...stateOptions }, { min: 0, max: 0 }, 'status');
  if (!read.ok) return stop(io, read.refusal);
  const format = readFormat(read.value.options.format);
  if (!format.ok) return stop(io, format.refusal);
  const session = await openSession(read.value.options, io);
  if (!session.ok) return stop(io, session.refusal);
  const service = process.platform === 'win32' ? windowsParts(ownSystemFolders().system32) : linuxParts();
  actAsOwner(session.value.stateFolder);
  const status = statusOf(session.value);
  if (!status.ok) return stop(io, status.refusal);
  const endpoint = endpointOf(undefined, session.value);
  const told = {
    ...status.value,
    endpoint: endpoint.ok ? endpoint.value.url : undefined,
    service,
    isEndpointKnown: endpoint.ok || endpoint.refusal.code === 'config-endpoint-missing',
  };
  const { isEndpointKnown: _, ...facts } = told;
  if (format.value === 'json') io.out(`${forJson(facts)}\n`);
  else
    io.out(
      `${pairLines('Affiant on this server', rowsOf(told), widthOf(io.stdout), styleFor(io.stdout, io.environment)).join('\n')}\n`,
    );
  return told.unreadable.length > 0 ? exitCodes.partsUnseen : exitCodes.done;
}

function statusOf(session: Session): Result<Status> {
  const state = openSessionState(session, false);
  if (state.ok) return readStatus(state.value);
  return state.refusal.code === 'state-missing' ? emptyStatus(session.stateFolder) : state;
}

type Told = Omit<Status, 'endpoint'> & {
  readonly endpoint: string | undefined;
  readonly service: readonly Part[];
  readonly isEndpointKnown: boolean;
};

function rowsOf({
  lastRun,
  lastReceiptAt,
  spool,
  quarantined,
  resting,
  chain,
  keyId,
  endpoint,
  service,
  unreadable,
  isEndpointKnown,
  ...rest
}: Told): [string, string][] {
  const parts = service.map(({ name, state, next }): [string, string] => [
    name,
    `${state}${next === undefined ? '' : `, next ${next}`}`,
  ]);
  // What is not there and what could not be read are two things.
  const none = (words: string, file: string): string =>
    unreadable.some((why) => why.includes(file)) ? '! not known' : words;
  return [
    ...unreadable.map((why): [string, string] => ['Not readable', `! ${why}`]),
    [
      'Last run',
      lastRun === undefined
        ? none('never', 'last-run.json')
        : `${lastRun.finishedAt}, bundle ${lastRun.digest.slice(0, 16)}`,
    ],
    ['Last receipt', lastReceiptAt ?? 'never'],
    ['Waiting', spool.packs === 0 ? 'nothing' : `${spool.packs} packs, ${spool.bytes} bytes, since ${spool.oldestAt}`],
    [
      'Set aside',
      quarantined === 0 ? 'nothing' : `! ${quarantined} files in quarantine/; each is told to the endpoint`,
    ],
    ['To be told', rest.pendingIncidents === 0 ? 'nothing' : `${rest.pendingIncidents} incidents, in the next bundle`],
    [
      'Resting',
      resting.length === 0
        ? none('no collector', 'collectors.json')
        : resting.map(({ collector, until }) => `! ${collector} until ${until}`).join(', '),
    ],
    ['Endpoint', endpoint ?? (isEndpointKnown ? '! none: enrol (affiant enroll), or set endpoint.url' : '! not known')],
    ['Key', keyId ?? none('none yet', '.pem')],
    [
      'Chain',
      chain === undefined
        ? none('none yet', 'chain.json')
        : `${chain.id}${chain.sequence === undefined ? '' : `, number ${chain.sequence}`}`,
    ],
    ['State', rest.stateFolder],
    ...(parts.length === 0 ? [['Service', 'not installed: affiant service install'] as [string, string]] : parts),
  ];
}
