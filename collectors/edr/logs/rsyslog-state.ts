/**
 * What shows that rsyslog delivers: connections that stand, what it said of its actions, what waits in its
 * queues on disk, and its own statistics where it writes them to a file.
 */
import type { Host } from '../../../agent/host/host.ts';
import type { Delivery, Fact, ForwardingTarget } from '../../../schemas/generated/types.ts';
import { observed, type Parsed, parsed, unseen } from '../../fact.ts';
import { wholeFile, wholeOutput } from '../../updates/whole-text.ts';
import { momentOfSeconds } from '../moments.ts';
import { readConnection } from './connections.ts';
import { parseImpstats, type RsyslogStatistics } from './impstats.ts';

/** Modules that send messages to another machine. */
const sending = /\b(?:omfwd|omrelp|omhttp|omelasticsearch|omkafka|omhiredis|omamqp1)\b/;
const failing =
  /\bsuspended\b|cannot connect to|TCPSendBuf error|remote server at .* closed connection|could not connect|error connecting|queue .* full|discarding/i;

/**
 * Lines of `journalctl -o short-unix`:
 *
 *     1609175219.123456 web1 rsyslogd[423]: cannot connect to siem:514: Connection refused [v8.2302.0 try https://www.rsyslog.com/e/2027 ]
 *     1609175219.123456 web1 rsyslogd[423]: action 'action-8-builtin:omfwd' suspended (module 'builtin:omfwd'), retry 0. … [v8.2302.0 try https://www.rsyslog.com/e/2007 ]
 *     1609175229.123456 web1 rsyslogd[423]: action 'action-8-builtin:omfwd' resumed (module 'builtin:omfwd') [v8.2302.0 try https://www.rsyslog.com/e/2359 ]
 *
 * `connected` is false where the last word on sending was a failure; a recovery or a new start proves no connection.
 */
export function parseRsyslogMessages(text: string): Parsed<Delivery> {
  let delivery: Delivery = {};
  for (const line of text.split('\n')) {
    const [, seconds, message = ''] = /^([0-9]{9,11})\.[0-9]{1,6} \S+ rsyslogd\S*: (.*)$/.exec(line) ?? [];
    if (seconds === undefined) continue;
    if (/^\[origin software="rsyslogd".*\] (?:re)?start/.test(message)) {
      const { connected: _before, ...rest } = delivery;
      delivery = rest;
      continue;
    }
    const isAction = message.startsWith("action '");
    if (isAction ? !sending.test(message) : !failing.test(message)) continue;
    if (/\bresumed\b/.test(message)) {
      const { connected: _gone, ...rest } = delivery;
      delivery = rest;
    } else if (failing.test(message)) {
      const at = momentOfSeconds(seconds);
      const told = /\/e\/([0-9]{1,5})\b/.exec(message)?.[1];
      // 2007 is "suspended, for the reason above".
      const code = told === '2007' && delivery.connected === false ? (delivery.lastError ?? told) : told;
      delivery = {
        connected: false,
        ...(at === undefined ? {} : { lastErrorAt: at }),
        ...(code === undefined ? {} : { lastError: code }),
      };
    }
  }
  return parsed(delivery);
}

/** Where rsyslog keeps queues that went to disk: Debian's and Red Hat's work directory. */
const queueFolders = ['/var/spool/rsyslog', '/var/lib/rsyslog'] as const;

export async function readRsyslogState(
  host: Host,
  configured: Fact<readonly ForwardingTarget[]> | undefined,
  statistics?: RsyslogStatistics,
): Promise<Fact<Delivery>> {
  const connection = await readConnection(host, configured);
  if (configured?.status !== 'observed' || configured.value.length === 0) return connection;
  const said = wholeOutput(await host.exec('journalctl-rsyslog'), parseRsyslogMessages);
  const sources = [...connection.sources, ...said.sources];
  let waiting: boolean | undefined;
  for (const folder of queueFolders) {
    const names = await host.list(folder);
    sources.push(names.source);
    if (names.status === 'observed') waiting = waiting === true || names.value.some((name) => /\.[0-9]{8}$/.test(name));
  }
  const counted = statistics === undefined ? undefined : await readStatistics(host, statistics);
  sources.push(...(counted?.sources ?? []));
  const counters = counted?.status === 'observed' ? counted.value : {};
  if (counters.waiting !== undefined) waiting = waiting === true || counters.waiting;
  const value: Delivery = {
    ...(said.status === 'observed' ? said.value : {}),
    ...counters,
    // The kernel's table is of this moment; what was said last may be long over.
    ...(connection.status === 'observed' ? connection.value : {}),
    ...(waiting === undefined ? {} : { waiting }),
  };
  // They may say that messages were lost: without them a connection that stands is not the whole answer.
  if (
    counted !== undefined &&
    counted.status !== 'observed' &&
    counted.status !== 'absent' &&
    value.connected !== false
  )
    return { ...counted, sources };
  return Object.keys(value).length > 0 ? observed(value, ...sources) : unseen('unsupported', 'not-exposed', sources);
}

const statisticsBytes = 8 * 1024 * 1024;

async function readStatistics(host: Host, statistics: RsyslogStatistics): Promise<Fact<Delivery>> {
  const file = await host.readFile(statistics.file, { maxBytes: statisticsBytes, volatile: true });
  return wholeFile(file, (text) => parseImpstats(text, statistics));
}
