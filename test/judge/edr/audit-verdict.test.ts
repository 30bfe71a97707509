import assert from 'node:assert/strict';
import type { Draft } from '../../../collectors/collector.ts';
import { parseAuditdConf, parseAuditRules } from '../../../collectors/edr/audit/auditctl.ts';
import { judgeEdr } from '../../../judge/edr.ts';
import type { Delivery } from '../../../schemas/generated/types.ts';
import { clamServer, collect, mdatpServer, now, server } from '../../collectors/edr/machine.ts';

const source = ['command:made by a test'];
const seen = <T>(value: T): { status: 'observed'; value: T; sources: string[] } => ({
  status: 'observed',
  value,
  sources: source,
});
const misses = (['denied', 'timed-out', 'failed', 'absent', 'unsupported'] as const).map((status) => ({
  status,
  reason: 'made-by-a-test',
  sources: source,
}));
const judge = (edr: Draft<'edr'>) => judgeEdr(edr, { at: now });

describe('the verdict on audit and forwarding', () => {
  it('passes audit only where it is on, a daemon listens, rules are loaded and nothing was lost', async () => {
    const good = await collect(server({}));
    assert.equal(judge(good).audit.outcome, 'pass');
    const status = { enabled: 1 as const, failure: 1 as const, pid: 801, backlogLimit: 8192, lost: 0 };
    for (const change of [{ enabled: 0 as const }, { pid: 0 }, { lost: 3 }])
      assert.equal(
        judge({ ...good, auditd: seen({ ...status, ...change }) }).audit.outcome,
        'fail',
        JSON.stringify(change),
      );
    assert.equal(judge({ ...good, auditd: seen({ ...status, enabled: 2 as const }) }).audit.outcome, 'pass');
    assert.equal(judge({ ...good, auditRulesLoaded: seen([]) }).audit.outcome, 'fail');
    assert.equal(
      judge({ ...good, auditdService: seen({ running: false, enabledAtBoot: true }) }).audit.outcome,
      'fail',
    );
    for (const name of ['auditd', 'auditRulesLoaded', 'auditdService'] as const)
      for (const fact of misses) assert.notEqual(judge({ ...good, [name]: fact }).audit.outcome, 'pass', name);
  });

  it('takes no list of rules for recording where the first of them keeps everything out', async () => {
    const good = await collect(server({}));
    const audited = (text: string) => {
      const rules = parseAuditRules(text);
      assert.ok(rules.ok, text);
      return judge({ ...good, auditRulesLoaded: seen(rules.value) }).audit;
    };
    const watch = '-w /etc/passwd -p wa -k identity\n';
    assert.equal(audited(watch).outcome, 'pass');
    // What Fedora and its like ship, in both ways of writing it, and as old tools list it.
    for (const never of ['-a never,task\n', '-a task,never\n', 'LIST_RULES: task,never\n']) {
      assert.match(audited(never + watch).faults.join(), /no process is audited/, never);
      assert.match(audited(watch + never).faults.join(), /no process is audited/, never);
    }
    assert.match(audited(`-a never,exit -S all\n${watch}`).faults.join(), /leaves out everything/);
    assert.equal(audited(`${watch}-a never,exit -S all\n`).outcome, 'pass');
    for (const out of ['-a always,exclude -F msgtype=CWD\n', '-a never,exit -F path=/usr/bin/x\n', '-a never,user\n']) {
      assert.match(audited(out).faults.join(), /no audit rule records anything/, out);
      assert.equal(audited(out + watch).outcome, 'pass', out);
    }
    assert.equal(audited(`-a never,exit -S adjtimex\n${watch}`).outcome, 'pass');
  });

  it('passes no daemon that was told to throw away what it takes', async () => {
    const good = await collect(server({}));
    const configured = (text: string) => {
      const settings = parseAuditdConf(text);
      assert.ok(settings.ok);
      return judge({ ...good, auditdSettings: seen(settings.value) }).audit;
    };
    assert.equal(configured('local_events = yes\nwrite_logs = yes\n').outcome, 'pass');
    assert.equal(configured('local_events = no\n').outcome, 'fail');
    assert.equal(configured('write_logs = NO\n').outcome, 'undetermined');
    assert.equal(configured('log_format = NOLOG\n').outcome, 'undetermined');
    for (const fact of misses.filter(({ status }) => status !== 'absent'))
      assert.equal(judge({ ...good, auditdSettings: fact }).audit.outcome, 'undetermined');
  });

  it('never takes a configuration for delivery', async () => {
    // Datagrams leave no connection that could show.
    const datagrams = server({ files: { '/etc/rsyslog.d/50-siem.conf': '*.* @siem.example.org:514\n' } });
    assert.deepEqual(judge(await collect(datagrams)).forwarding.unknowns, ['rsyslog, delivery: not-exposed']);
    const edr = await collect(server({}));
    assert.equal(judge(edr).forwarding.outcome, 'pass');
    assert.equal(edr.logForwarding.status, 'observed');
    const [rsyslog] = edr.logForwarding.value;
    assert.ok(rsyslog);
    const delivering = (value: Delivery) =>
      judge({ ...edr, logForwarding: seen([{ ...rsyslog, delivering: seen(value) }]) }).forwarding.outcome;
    assert.equal(delivering({ connected: true }), 'pass');
    assert.equal(delivering({ lastAcknowledgedAt: { at: '2026-11-23T08:00:00Z' } }), 'pass');
    assert.equal(delivering({ lastAcknowledgedAt: { at: '2026-10-01T00:00:00Z' } }), 'fail');
    assert.equal(delivering({ connected: false }), 'fail');
    assert.equal(delivering({ connected: true, waiting: true }), 'undetermined');
    assert.equal(delivering({ connected: true, dropped: true }), 'fail');
    assert.equal(judge({ ...edr, logForwarding: seen([]) }).forwarding.outcome, 'fail');
  });
});

describe('what a forwarder leaves out', () => {
  it('is seen by its selectors: mail alone, only what is severe, all but logins', async () => {
    const sending = async (selector: string) => {
      const files = { '/etc/rsyslog.d/50-siem.conf': `${selector} @@siem.example.org:6514\n` };
      const edr = await collect(server({ files }));
      assert.equal(edr.logForwarding.status, 'observed');
      const [rsyslog] = edr.logForwarding.value;
      assert.ok(rsyslog);
      return judge({ ...edr, logForwarding: seen([{ ...rsyslog, delivering: seen({ connected: true }) }]) }).forwarding;
    };
    for (const selector of ['*.*', '*.info', '*.debug;mail.none', 'auth,authpriv.*', '*.=notice', '*.notice;auth.info'])
      assert.equal((await sending(selector)).outcome, 'pass', selector);
    for (const selector of ['mail.*', '*.emerg', '*.warn', '*.*;auth,authpriv.none', 'kern.*;auth.err', '*.=info'])
      assert.match((await sending(selector)).faults.join(), /sends no logins away, only /, selector);
    for (const selector of ['*.info;authpriv.none', 'auth.*', ':programname, isequal, "sshd"', '*.!info', 'auth.x'])
      assert.notEqual((await sending(selector)).outcome, 'pass', selector);
  });

  it('counts for nothing beside a target that takes all', async () => {
    const files = { '/etc/rsyslog.d/50-siem.conf': 'mail.* @@mail.example.org:6514\n*.* @@siem.example.org:6514\n' };
    const edr = await collect(server({ files }));
    assert.equal(edr.logForwarding.status, 'observed');
    const [rsyslog] = edr.logForwarding.value;
    assert.ok(rsyslog);
    const given = { ...edr, logForwarding: seen([{ ...rsyslog, delivering: seen({ connected: true }) }]) };
    assert.equal(judge(given).forwarding.outcome, 'pass');
  });
});

describe('collected servers before the judge', () => {
  it('pass with Defender in order, and with a ClamAV that scans on access', async () => {
    assert.equal(judge(await collect(mdatpServer())).outcome, 'pass');
    assert.equal(judge(await collect(clamServer())).outcome, 'pass');
  });

  it('fail with a ClamAV that reports on access and stops nothing, as it is by default', async () => {
    const conf = 'LogFile /var/log/clamav/clamav.log\nOnAccessIncludePath /home\n';
    for (const more of ['', 'OnAccessPrevention no\n']) {
      const verdict = judge(await collect(clamServer({ files: { '/etc/clamav/clamd.conf': conf + more } })));
      assert.match(verdict.faults.join(), /reports what it finds and stops nothing/, more);
    }
  });

  it('do not pass with a ClamAV of which no process holds a mark on a file', async () => {
    const verdict = judge(await collect(clamServer({ lists: { '/proc/804/fdinfo': [] } })));
    assert.equal(verdict.outcome, 'undetermined');
    assert.match(verdict.unknowns.join(), /none of its processes holds a mark/);
  });

  it('fail with a ClamAV that only scans what it is asked to', async () => {
    const verdict = judge(await collect(clamServer({ processes: ['clamd', 'freshclam'] })));
    assert.equal(verdict.outcome, 'fail');
    assert.deepEqual(verdict.faults, ['clamav: real-time protection is off']);
  });
});
