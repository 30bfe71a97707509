/**
 * `syslog-ng-ctl stats`: what waits for each destination and what was thrown away since it started
 * (syslog-ng-ctl(1)). Counters themselves are left out: they would make every document another one.
 *
 *     SourceName;SourceId;SourceInstance;State;Type;Number
 *     dst.tcp;d_network#0;10.50.0.111:514;a;dropped;5080
 *     dst.network;d_siem#0;tls,siem.example.org:6514;a;queued;0
 */
import type { Host } from '../../../agent/host/host.ts';
import type { Delivery, Fact, ForwardingTarget } from '../../../schemas/generated/types.ts';
import { observed, type Parsed, parsed, unparsed, unseen } from '../../fact.ts';
import { wholeOutput } from '../../updates/whole-text.ts';
import { readConnection } from './connections.ts';

/** Drivers that send to another machine. */
const remote = /^dst\.(?:network|syslog|tcp6?|udp6?|http|kafka|mqtt|amqp|redis|loggly|logmatic|elasticsearch)/;

export function parseSyslogNgStats(text: string): Parsed<Delivery> {
  if (!/^(?:SourceName;|[a-z_.]+;)/m.test(text)) return unparsed('unexpected-output');
  let dropped: boolean | undefined;
  let waiting: boolean | undefined;
  for (const line of text.split('\n')) {
    const match = /^([^;]{1,128});(?:.{0,1024});([^;]{0,8});(dropped|queued);([0-9]{1,19})\s*$/.exec(line);
    // `o`: a destination that a reload took out of the configuration.
    if (match === null || !remote.test(match[1] ?? '') || match[2] === 'o') continue;
    const some = !/^0+$/.test(match[4] ?? '');
    if (match[3] === 'dropped') dropped = dropped === true || some;
    else waiting = waiting === true || some;
  }
  return parsed({ ...(dropped === undefined ? {} : { dropped }), ...(waiting === undefined ? {} : { waiting }) });
}

export async function readSyslogNgState(
  host: Host,
  configured: Fact<readonly ForwardingTarget[]> | undefined,
): Promise<Fact<Delivery>> {
  const connection = await readConnection(host, configured);
  const stats = wholeOutput(await host.exec('syslog-ng-stats'), parseSyslogNgStats);
  const value: Delivery = {
    ...(connection.status === 'observed' ? connection.value : {}),
    ...(stats.status === 'observed' ? stats.value : {}),
  };
  const sources = [...connection.sources, ...stats.sources];
  if (Object.keys(value).length > 0) return observed(value, ...sources);
  return stats.status === 'observed' ? unseen('unsupported', 'not-exposed', sources) : { ...stats, sources };
}
