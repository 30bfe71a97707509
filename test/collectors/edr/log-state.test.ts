/** What shows that logs leave the server, and traces of a log that was stopped or wiped. */
import assert from 'node:assert/strict';
import { parseEstablished, standsTo } from '../../../collectors/edr/logs/connections.ts';
import { parseRsyslogMessages } from '../../../collectors/edr/logs/rsyslog-state.ts';
import { parseSyslogNgStats } from '../../../collectors/edr/logs/syslog-ng-state.ts';
import { decodeBytes } from '../../../collectors/text.ts';
import { judgeForwarding } from '../../../judge/edr/audit-verdict.ts';
import { type FakeMachine, miss } from '../fake-host.ts';
import { collect, now, server, systemctlShow, tcpHead } from './machine.ts';

const limits = { acknowledgedHours: 24 } as Parameters<typeof judgeForwarding>[2];

async function delivery(machine: FakeMachine): Promise<unknown> {
  const { logForwarding } = await collect(machine);
  assert.ok(logForwarding.status === 'observed', JSON.stringify(logForwarding));
  const [first] = logForwarding.value;
  assert.ok(first !== undefined);
  return first.delivering.status === 'observed'
    ? first.delivering.value
    : `${first.delivering.status} ${first.delivering.reason}`;
}

async function clearings(machine: FakeMachine): Promise<unknown> {
  const { logClearings } = await collect(machine);
  return logClearings.status === 'observed' ? logClearings.value : `${logClearings.status} ${logClearings.reason}`;
}

describe('whether logs arrive', () => {
  const suspended =
    '1795000010.1 web1 rsyslogd[8]: cannot connect to siem.example.org:6514: Connection refused [v8.2302.0 try https://www.rsyslog.com/e/2027 ]\n' +
    "1795000010.2 web1 rsyslogd[8]: action 'action-1-builtin:omfwd' suspended (module 'builtin:omfwd'), retry 0. There should be messages before this one. [v8.2302.0 try https://www.rsyslog.com/e/2007 ]\n";

  it('is told by a connection that stands, and by what rsyslog said where there is none', async () => {
    assert.deepEqual(await delivery(server({})), { connected: true });
    const away = server({
      commands: { 'journalctl-rsyslog': suspended },
      files: { '/proc/net/tcp': tcpHead },
      lists: { '/var/spool/rsyslog': ['siem.00000001', 'siem.qi'] },
    });
    assert.deepEqual(await delivery(away), {
      connected: false,
      lastErrorAt: { at: '2026-11-18T11:06:50Z' },
      lastError: '2027',
      waiting: true,
    });
    const { logForwarding } = await collect(away);
    const verdict = judgeForwarding({ logForwarding } as Parameters<typeof judgeForwarding>[0], now, limits);
    assert.equal(verdict.outcome, 'fail');
    assert.deepEqual(verdict.faults, ['rsyslog has no connection to its target']);
  });

  it('is not concluded from files that rsyslog could not write, nor from what is over', () => {
    const said = (text: string): unknown => {
      const result = parseRsyslogMessages(text);
      return result.ok && result.value;
    };
    assert.deepEqual(
      said("1795000010.1 a rsyslogd: action 'action-2-builtin:omfile' suspended (module 'builtin:omfile'), retry 0.\n"),
      {},
    );
    const resumed =
      "1795000020.1 web1 rsyslogd[8]: action 'action-1-builtin:omfwd' resumed (module 'builtin:omfwd') [v8.2302.0 try https://www.rsyslog.com/e/2359 ]\n";
    assert.deepEqual(said(suspended + resumed), { lastErrorAt: { at: '2026-11-18T11:06:50Z' }, lastError: '2027' });
    const started =
      '1795000020.1 web1 rsyslogd[9]: [origin software="rsyslogd" swVersion="8.2302.0" x-pid="9" x-info="https://www.rsyslog.com"] start\n';
    assert.deepEqual(said(suspended + started), { lastErrorAt: { at: '2026-11-18T11:06:50Z' }, lastError: '2027' });
  });

  it('stays open for datagrams, for names on everybody’s ports, and where the table cannot be read', async () => {
    const target = { address: 'siem.example.org', port: 6514, protocol: 'tls', definedIn: '/x' } as const;
    assert.equal(standsTo([{ ...target, protocol: 'udp' }], []), undefined);
    assert.equal(standsTo([{ ...target, port: 443 }], [{ address: '192.0.2.1', port: 443 }]), undefined);
    assert.equal(standsTo([], []), undefined);
    assert.equal(
      standsTo([{ ...target, address: '192.0.2.1', port: 443 }], [{ address: '192.0.2.1', port: 443 }]),
      true,
    );
    assert.equal(standsTo([target, { ...target, port: 514 }], [{ address: '192.0.2.1', port: 6514 }]), false);
    assert.equal(await delivery(server({ files: { '/proc/net/tcp': miss('denied') } })), 'unsupported not-exposed');
    const mapped = `${tcpHead}   0: 0000000000000000FFFF00000F02000A:A2C4 0000000000000000FFFF0000010200C0:1972 01 0:0 0:0 0 0 0 1\n`;
    const found = parseEstablished(mapped);
    assert.deepEqual(found.ok && found.value, [{ address: '192.0.2.1', port: 6514 }]);
  });

  it('is told by the counters of syslog-ng, of destinations on other machines alone', async () => {
    const stats = (dropped: number, queued: number): string =>
      `SourceName;SourceId;SourceInstance;State;Type;Number\ndst.file;d_local#0;/var/log/x;a;dropped;7\ndst.network;d_siem#0;tcp,192.0.2.1:514;a;dropped;${dropped}\ndst.network;d_siem#0;tcp,192.0.2.1:514;a;queued;${queued}\ndst.tcp;old#0;192.0.2.9:514;o;dropped;9\n`;
    const parse = (text: string): unknown => {
      const result = parseSyslogNgStats(text);
      return result.ok ? result.value : result.reason;
    };
    assert.deepEqual(parse(stats(0, 0)), { dropped: false, waiting: false });
    assert.deepEqual(parse(stats(5, 2)), { dropped: true, waiting: true });
    assert.equal(parse('Error connecting control socket\n'), 'unexpected-output');
    const machine = server({
      units: { 'syslog-ng.service': {} },
      files: {
        '/etc/rsyslog.conf': miss('absent'),
        '/etc/syslog-ng/syslog-ng.conf': 'destination d_siem { network("192.0.2.1" port(514) transport("tcp")); };\n',
        '/proc/net/tcp': `${tcpHead}   0: 0A00020F:A2C4 010200C0:0202 01 0:0 0:0 0 0 0 1\n`,
      },
      commands: {
        'systemctl-show-protection': systemctlShow({ 'auditd.service': {}, 'syslog-ng.service': {} }),
        'syslog-ng-stats': stats(5, 0),
      },
    });
    assert.deepEqual(await delivery(machine), { connected: true, dropped: true, waiting: false });
    const { logForwarding } = await collect(machine);
    const verdict = judgeForwarding({ logForwarding } as Parameters<typeof judgeForwarding>[0], now, limits);
    assert.deepEqual(verdict.faults, ['syslog-ng has thrown messages away']);
  });
});

describe('a log that was stopped or wiped', () => {
  const records =
    'type=DAEMON_END msg=audit(1616153103.158:2811): op=terminate auid=1000 uid=0 ses=3 pid=411 res=success\n' +
    'type=CONFIG_CHANGE msg=audit(1616153110.002:91): op=set audit_enabled=0 old=1 auid=4294967295 ses=4294967295 res=1\n' +
    'type=CONFIG_CHANGE msg=audit(1616153111.002:92): op=set audit_enabled=1 old=0 auid=1000 ses=3 res=1\n' +
    'type=CONFIG_CHANGE msg=audit(1616153112.002:93): auid=0 ses=1 op=add_rule key="exec" list=4 res=1\n';

  it('shows in the audit log, with the account that a login belongs to', async () => {
    const machine = server({
      commands: { 'ausearch-daemon': { stdout: records } },
      files: { '/etc/passwd': 'root:x:0:0:root:/root:/bin/bash\nalice:x:1000:1000::/home/alice:/bin/sh\n' },
    });
    assert.deepEqual(await clearings(machine), [
      { log: 'audit', kind: 'stopped', at: { at: '2021-03-19T11:25:03Z' }, account: 'alice' },
      { log: 'audit', kind: 'stopped', at: { at: '2021-03-19T11:25:10Z' } },
    ]);
  });

  it('shows in wtmp where a record was overwritten with zeros, and not in an empty file', async () => {
    const login = new Uint8Array(384).fill(1);
    const wiped = decodeBytes(new Uint8Array([...login, ...new Uint8Array(384), ...login]));
    const stats = { '/var/log/wtmp': { mtime: '2026-11-20T03:04:05Z' } };
    assert.deepEqual(await clearings(server({ files: { '/var/log/wtmp': wiped }, stats })), [
      { log: 'wtmp', kind: 'cleared', at: { at: '2026-11-20T03:04:05Z' } },
    ]);
    assert.deepEqual(await clearings(server({})), []);
    assert.equal(await clearings(server({ files: { '/var/log/wtmp': 'short' } })), 'failed malformed-record');
  });

  it('is not denied where one of both logs could not be looked at', async () => {
    const lists = (given: NonNullable<FakeMachine['lists']>[string]): FakeMachine =>
      server({ lists: { '/var/log/audit': given } });
    assert.equal(await clearings(lists(miss('denied'))), 'denied permission-denied');
    assert.equal(await clearings(server({ files: { '/var/log/wtmp': miss('denied') } })), 'denied permission-denied');
    assert.equal(
      await clearings(server({ commands: { 'ausearch-daemon': { stderr: 'Permission denied\n', exitCode: 1 } } })),
      'failed exit-1',
    );
    assert.deepEqual(await clearings(lists([])), []);
    const neither = server({ lists: { '/var/log/audit': miss('absent') }, files: { '/var/log/wtmp': miss('absent') } });
    assert.equal(await clearings(neither), 'absent no-log-found');
  });
});

describe('the audit system', () => {
  it('that a plain user may not ask is denied, not broken', async () => {
    const refused = { miss: 'failed', reason: 'exit-4', detail: 'You must be root to run this program.' } as const;
    const { auditd, auditRulesLoaded } = await collect(
      server({ commands: { 'auditctl-status': refused, 'auditctl-list': refused } }),
    );
    assert.equal(auditd.status, 'denied');
    assert.equal(auditRulesLoaded.status, 'denied');
  });
});
