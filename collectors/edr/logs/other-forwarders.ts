/** Configurations of what else forwards logs. Each takes addresses by name and leaves everything else, secrets among it, alone. */
import type { ForwardingTarget } from '../../../schemas/generated/types.ts';
import { type Parsed, parsed, unparsed } from '../../fact.ts';
import { toText } from '../../text.ts';
import { keyValues } from '../key-values.ts';
import { portOf } from './target.ts';

/** `network("siem" port(6514) transport("tls"))` and the older `tcp("siem" port(514))` within destinations of syslog-ng.conf(5). */
export function parseSyslogNg(text: string, definedIn: string): Parsed<ForwardingTarget[]> {
  const bare = text.replaceAll(/#[^\n]*/g, '');
  const targets: ForwardingTarget[] = [];
  for (const block of bare.matchAll(/\bdestination\s+[\w."-]{1,128}\s*\{([^}]{0,8192})\}/g))
    for (const match of (block[1] ?? '').matchAll(
      /\b(network|syslog|tcp6?|udp6?)\s*\(\s*"?([A-Za-z0-9._:-]{1,255})"?([^;]{0,2048})/g,
    )) {
      const [, driver = '', address = '', rest = ''] = match;
      const transport =
        /\btransport\s*\(\s*"?([a-z]+)/.exec(rest)?.[1] ??
        (driver === 'network' || driver === 'syslog' ? 'tcp' : driver.replace('6', ''));
      targets.push({
        address,
        ...portOf(/\bport\s*\(\s*"?([0-9]{1,5})/.exec(rest)?.[1]),
        protocol: transport === 'tls' || transport === 'tcp' || transport === 'udp' ? transport : 'other',
        definedIn,
      });
    }
  return parsed(targets);
}

/** journal-upload.conf(5): `URL=https://siem.example.org:19532`. */
export function parseJournalUpload(text: string, definedIn: string): Parsed<ForwardingTarget[]> {
  const url = keyValues(text.replaceAll(/^[ \t]*[#;].*$/gm, ''), '=').get('url');
  if (url === undefined || url === '') return parsed([]);
  const match = /^(https?):\/\/(?:[^@/\s]*@)?(\[[^\]\s]+\]|[^:/\s]+)(?::([0-9]{1,5}))?/.exec(url);
  const address = match?.[2] ?? url;
  if (match === null && !/^[A-Za-z0-9._-]+$/.test(url)) return unparsed('unexpected-address');
  return parsed([
    {
      address: toText(address.replaceAll(/[[\]]/g, '').slice(0, 255)),
      ...portOf(match?.[3]),
      protocol: match?.[1] === 'http' ? 'http' : 'https',
      definedIn,
    },
  ]);
}

/** audisp-remote.conf(5): `remote_server = siem.example.org`, `port = 60`. */
export function parseAudispRemote(text: string, definedIn: string): Parsed<ForwardingTarget[]> {
  const values = keyValues(text.replaceAll(/^[ \t]*#.*$/gm, ''), '=');
  const address = values.get('remote_server') ?? '';
  if (address === '') return parsed([]);
  const krb = values.get('transport')?.toLowerCase();
  return parsed([
    {
      address: toText(address.slice(0, 255)),
      ...portOf(values.get('port')),
      protocol: krb === 'krb5' ? 'other' : 'tcp',
      definedIn,
    },
  ]);
}

/** `server = a:9997, b:9997` in outputs.conf of the Splunk forwarder. */
export function parseSplunkOutputs(text: string, definedIn: string): Parsed<ForwardingTarget[]> {
  const targets: ForwardingTarget[] = [];
  const tls = /^[ \t]*(?:useSSL\s*=\s*true|clientCert\s*=)/im.test(text);
  for (const match of text.matchAll(/^[ \t]*server\s*=\s*([^\n#]{1,4096})$/gim))
    for (const each of (match[1] ?? '').split(',')) {
      const found = /^\s*(\[[^\]]+\]|[A-Za-z0-9._-]{1,255}):([0-9]{1,5})\s*$/.exec(each);
      if (found === null) return unparsed('unexpected-address');
      targets.push({
        address: (found[1] ?? '').replaceAll(/[[\]]/g, ''),
        ...portOf(found[2]),
        protocol: tls ? 'tls' : 'tcp',
        definedIn,
      });
    }
  return parsed(targets);
}

/** `[OUTPUT]` sections of fluent-bit's classic configuration. */
export function parseFluentBit(text: string, definedIn: string): Parsed<ForwardingTarget[]> {
  const targets: ForwardingTarget[] = [];
  for (const part of text.split(/^[ \t]*\[/m)) {
    if (!/^OUTPUT\]/i.test(part)) continue;
    const host = /^[ \t]*host\s+(\S{1,255})\s*$/im.exec(part)?.[1];
    if (host === undefined) continue;
    const tls = /^[ \t]*tls\s+on\s*$/im.test(part);
    targets.push({
      address: toText(host),
      ...portOf(/^[ \t]*port\s+([0-9]{1,5})\s*$/im.exec(part)?.[1]),
      protocol: tls ? 'tls' : 'other',
      definedIn,
    });
  }
  return parsed(targets);
}

/** `<server><address>…</address><port>…</port></server>` of ossec.conf; the shipped placeholder is kept as it stands. */
export function parseOssecConf(text: string, definedIn: string): Parsed<ForwardingTarget[]> {
  if (!text.includes('<ossec_config>')) return unparsed('unexpected-output');
  const bare = text.replaceAll(/<!--[\s\S]*?-->/g, '');
  const targets: ForwardingTarget[] = [];
  for (const match of bare.matchAll(/<server>([\s\S]{0,2048}?)<\/server>/g)) {
    const body = match[1] ?? '';
    const address = /<address>\s*([^<\s]{1,255})\s*<\/address>/.exec(body)?.[1];
    if (address === undefined) continue;
    targets.push({
      address: toText(address),
      ...portOf(/<port>\s*([0-9]{1,5})\s*<\/port>/.exec(body)?.[1]),
      protocol: /<protocol>\s*udp\s*</.test(body) ? 'udp' : 'tcp',
      definedIn,
    });
  }
  return parsed(targets);
}
