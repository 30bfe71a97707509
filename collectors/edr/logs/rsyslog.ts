/** rsyslog.conf(5): actions that send messages to another machine, in the old form (`@@host`) and in RainerScript. */
import type { ForwardingTarget } from '../../../schemas/generated/types.ts';
import { type Parsed, parsed } from '../../fact.ts';
import { toText } from '../../text.ts';
import type { RsyslogStatistics } from './impstats.ts';
import { portOf } from './target.ts';

export type RsyslogFile = {
  readonly targets: readonly ForwardingTarget[];
  readonly includes: readonly string[];
  /** Where it writes its statistics, where it does. */
  readonly statistics?: Pick<RsyslogStatistics, 'file' | 'resets'>;
  /** Names that are given to sending actions. */
  readonly actions: readonly string[];
  readonly failover: boolean;
};

const modules: Readonly<Record<string, ForwardingTarget['protocol']>> = {
  omfwd: 'udp',
  omrelp: 'relp',
  omhttp: 'http',
  omelasticsearch: 'http',
  omkafka: 'other',
  omhiredis: 'other',
  omamqp1: 'other',
  omazureeventhubs: 'other',
};

/** Only addresses, ports and protocols are taken: other parameters may hold passwords. */
export function parseRsyslog(text: string, definedIn: string): Parsed<RsyslogFile> {
  const targets: ForwardingTarget[] = [];
  const includes: string[] = [];
  const actions: string[] = [];
  // Line by line, and each from its end: blanks before what is looked for must not be tried from everywhere.
  const lines = text.split('\n').filter((line) => !/^\s*#/.test(line));
  const bare = lines.join('\n');
  for (const line of lines) {
    const include = /^\$IncludeConfig\s+(\S+)$/i.exec(line.trim());
    if (include !== null) includes.push(include[1] ?? '');
    const target = oldTarget(line, definedIn);
    if (target !== undefined) targets.push(target);
  }
  for (const match of bare.matchAll(/\binclude\s{0,64}\(([^)]{0,1024})\)/gi)) {
    const file = parameter(match[1] ?? '', 'file');
    if (file !== undefined) includes.push(file);
  }
  for (const match of bare.matchAll(/:omrelp:([A-Za-z0-9._-]+)(?::([0-9]{1,5}))?/g))
    targets.push({ address: match[1] ?? '', ...portOf(match[2]), protocol: 'relp', definedIn });
  for (const match of bare.matchAll(/\baction\s{0,64}\(([^)]{0,8192})\)/gi)) {
    const body = match[1] ?? '';
    const type = parameter(body, 'type')?.toLowerCase() ?? '';
    if (!Object.hasOwn(modules, type)) continue;
    const name = parameter(body, 'name');
    if (name !== undefined) actions.push(name);
    const address = parameter(body, 'target') ?? parameter(body, 'server') ?? parameter(body, 'broker');
    if (address === undefined) continue;
    const tls =
      /^(?:gtls|ossl)$/i.test(parameter(body, 'StreamDriver') ?? '') || /^on$/i.test(parameter(body, 'tls') ?? '');
    const given = parameter(body, 'protocol')?.toLowerCase();
    const plain = given === 'tcp' ? 'tcp' : (modules[type] ?? 'other');
    targets.push({
      address: toText(
        address
          .replace(/^[a-z]+:\/\//, '')
          .replace(/^[^@]*@/, '')
          .slice(0, 256),
      ),
      ...portOf(parameter(body, 'port') ?? parameter(body, 'serverport')),
      protocol: tls ? 'tls' : plain,
      ...(/^(?:linkedlist|fixedarray|disk)$/i.test(parameter(body, 'queue.type') ?? '') && {
        queued: parameter(body, 'queue.filename') !== undefined,
      }),
      definedIn,
    });
  }
  // In the old form the directive counts for the next action, in the new one it is a parameter.
  const failover = /ExecOnlyWhenPreviousIsSuspended["\s=]{1,8}on\b/i.test(bare);
  const statistics = statisticsIn(bare);
  return parsed({ targets, includes, actions, failover, ...(statistics === undefined ? {} : { statistics }) });
}

/** Written to a file only where a parameter of the module names one; the last one counts. */
function statisticsIn(text: string): RsyslogFile['statistics'] {
  const found = [...text.matchAll(/\bmodule\s{0,64}\(([^)]{0,8192})\)/gi)]
    .map(([, body = '']) => body)
    .findLast((body) => /(?:^|[\\/])impstats(?:\.so)?$/i.test(parameter(body, 'load') ?? ''));
  const file = found === undefined ? undefined : (parameter(found, 'log\\.file') ?? parameter(found, 'logFile'));
  if (found === undefined || file?.startsWith('/') !== true) return undefined;
  return { file, resets: /^on$/i.test(parameter(found, 'resetCounters') ?? '') };
}

/** `*.* @@(o)siem:6514;Template`: the last word of a line, after a selector, `&`, or on a line of its own. */
function oldTarget(line: string, definedIn: string): ForwardingTarget | undefined {
  const written = line.trimEnd();
  const match =
    /(?<=[ \t])(@@?)(?:\([^)]{0,64}\))?(\[[0-9a-fA-F:]{1,64}\]|[A-Za-z0-9._-]{1,255})(?::([0-9]{1,5}))?(?:;\S{1,256})?$/.exec(
      written.slice(-700),
    );
  if (match === null) return undefined;
  const [all, at, address = '', port] = match;
  const selector = written.slice(0, written.length - all.length).trim();
  if (selector !== '&' && /^[&$]/.test(selector)) return undefined;
  return {
    address: address.replaceAll(/[[\]]/g, ''),
    ...portOf(port),
    protocol: at === '@@' ? 'tcp' : 'udp',
    ...(selector !== '' && selector !== '&' && { selects: [toText(selector.slice(0, 512))] }),
    definedIn,
  };
}

function parameter(body: string, name: string): string | undefined {
  return new RegExp(`(?:^|[\\s(])${name}\\s*=\\s*"([^"\\n]{0,1024})"`, 'i').exec(body)?.[1];
}
