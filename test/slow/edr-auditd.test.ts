/**
 * The real audit system of this kernel, where it may be touched: as root, with the package auditd, and only
 * where no daemon listens yet. What was changed is put back.
 */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openHost } from '../../agent/host/door.ts';
import { localLinux } from '../../agent/host/local-linux.ts';
import { parseAuditdConf, parseAuditRules, parseAuditStatus } from '../../collectors/edr/audit/auditctl.ts';
import { edr } from '../../collectors/edr/index.ts';
import type { AuditState } from '../../schemas/generated/types.ts';
import { assertValid, digests } from '../collectors/each-source-denied.ts';

function auditctl(...args: readonly string[]): { stdout: string; status: number | null } {
  return spawnSync('/usr/sbin/auditctl', args, { encoding: 'utf8', timeout: 10_000 });
}

function state(): AuditState {
  const parsed = parseAuditStatus(auditctl('-s').stdout);
  assert.ok(parsed.ok, JSON.stringify(parsed));
  return parsed.value;
}

describe('the real audit system', () => {
  let folder = '';
  let auditd: ChildProcess | undefined;
  let before_: AuditState | undefined;
  let rule: readonly string[] = [];

  before(function () {
    const why =
      !existsSync('/usr/sbin/auditctl') || !existsSync('/usr/sbin/auditd')
        ? 'auditd is not installed'
        : process.getuid?.() !== 0
          ? 'not root'
          : auditctl('-s').status === 0
            ? undefined
            : 'this kernel does not let us ask';
    const listening = why === undefined && state().pid !== 0 ? 'a daemon of this machine listens' : why;
    if (listening !== undefined) {
      console.log(`      skipped: ${listening}`);
      this.skip();
    }
    before_ = state();
    folder = mkdtempSync(join(tmpdir(), 'audit-'));
    rule = ['-w', join(folder, 'watched'), '-p', 'wa', '-k', 'affiant-test'];
  });

  after(() => {
    auditd?.kill('SIGTERM');
    if (rule.length > 0) auditctl('-W', ...rule.slice(1));
    if (before_ !== undefined && before_.enabled !== 2) auditctl('-e', String(before_.enabled));
    if (folder !== '') rmSync(folder, { recursive: true, force: true });
  });

  it('is read as the collector reads it: the same state, and valid documents', async () => {
    const door = openHost(localLinux());
    const { edr: draft } = await edr.collect(door.forCollector('edr').host, digests);
    assert.ok(draft);
    assertValid({ edr: draft }, 'this machine');
    if (draft.auditd.status === 'observed') assert.deepEqual(draft.auditd.value, state());
    else assert.equal(draft.auditd.reason, 'container-scope');
    console.log(
      `      this machine: ${draft.products.status === 'observed' ? draft.products.value.map(({ id }) => id).join(', ') || 'no product' : draft.products.reason}`,
    );
  }).timeout(60_000);

  it('holds a rule that was loaded, and says "No rules" where there is none', () => {
    const without = parseAuditRules(auditctl('-l').stdout);
    assert.ok(without.ok);
    assert.equal(auditctl(...rule).status, 0);
    const rules = parseAuditRules(auditctl('-l').stdout);
    assert.ok(rules.ok);
    assert.equal(rules.value.length, without.value.length + 1);
    assert.deepEqual(rules.value.at(-1), {
      kind: 'watch',
      text: rule.join(' '),
      path: rule[1],
      permissions: 'wa',
      key: 'affiant-test',
    });
  });

  it('tells a daemon that listens from one that died', async function () {
    mkdirSync(join(folder, 'etc'), { mode: 0o700 });
    writeFileSync(
      join(folder, 'etc/auditd.conf'),
      `log_file = ${join(folder, 'audit.log')}\nlog_format = RAW\nlog_group = root\nflush = NONE\nspace_left = 1\nadmin_space_left = 0\nspace_left_action = IGNORE\nadmin_space_left_action = IGNORE\ndisk_full_action = IGNORE\ndisk_error_action = IGNORE\n`,
      { mode: 0o600 },
    );
    auditd = spawn('/usr/sbin/auditd', ['-n', '-c', join(folder, 'etc')], { stdio: 'ignore' });
    const child = auditd;
    if (!(await until(() => state().pid === child.pid))) {
      console.log('      this kernel takes no audit daemon from us');
      return this.skip();
    }
    assert.equal(state().enabled, 1);
    child.kill('SIGKILL');
    // The kernel learns of it when it next has something to say.
    const told = (): boolean => auditctl('-m', 'affiant-test').status !== undefined && state().pid === 0;
    assert.ok(await until(told), 'the kernel still names the daemon that was killed');
  }).timeout(60_000);

  it('reads the configuration and rules that the package ships', () => {
    const conf = parseAuditdConf(readFileSync('/etc/audit/auditd.conf', 'utf8'));
    assert.ok(conf.ok, JSON.stringify(conf));
    assert.equal(conf.value['log_file'], '/var/log/audit/audit.log');
    const rules = parseAuditRules(
      readFileSync('/etc/audit/rules.d/audit.rules', 'utf8'),
      '/etc/audit/rules.d/audit.rules',
    );
    assert.ok(rules.ok, JSON.stringify(rules));
    assert.ok(rules.value.every(({ kind }) => kind === 'control'));
  });
});

async function until(done: () => boolean): Promise<boolean> {
  const end = Date.now() + 10_000;
  while (!done()) {
    if (Date.now() > end) return false;
    await new Promise((next) => setTimeout(next, 100));
  }
  return true;
}
