/** `affiant service` under a real systemd, where no package brought anything: installed, seen, installed again, taken away. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { installOnLinux } from '../../../agent/service/linux-plan.ts';
import { type Booted, boot, missingForBoot } from './booted.ts';

const root = join(import.meta.dirname, '../../..');
const program = [process.execPath, join(root, 'agent/cli/affiant.mjs')];

describe('affiant service', function () {
  this.timeout(120_000);
  let machine: Booted | undefined;
  before(async function () {
    const missing = missingForBoot();
    if (missing !== undefined) {
      console.log(`      skipped: ${missing} is missing`);
      this.skip();
    }
    machine = await boot({});
    // Whoever owns this copy of the project, in the machine it is root's.
    const places = new Set(program);
    for (const place of program) for (let path = place; path !== '/'; path = dirname(path)) places.add(path);
    assert.equal(machine.run('/bin/chown', 'root:root', ...places).code, 0);
    assert.equal(machine.run('/bin/chmod', 'go-w', ...places).code, 0);
  });
  after(async () => {
    await machine?.halt();
  });
  const affiant = (...args: readonly string[]): ReturnType<Booted['run']> =>
    (machine as Booted).run(...program, 'service', ...args);
  const at = (path: string): string => (machine as Booted).path(path);
  const partsOf = (out: string): { name: string; state: string; next?: string }[] =>
    (JSON.parse(out) as { parts: { name: string; state: string; next?: string }[] }).parts;

  it('prints every step and does none with --dry-run', () => {
    const { code, out } = affiant('install', '--dry-run');
    assert.equal(code, 0);
    assert.match(
      out,
      /^write \/etc\/systemd\/system\/affiant-collect\.service \(\d+ lines\)\n {2}\| # Collects and signs/m,
    );
    assert.match(out, /^run systemctl enable --now affiant-collect\.timer affiant-post\.path affiant-post\.timer$/m);
    assert.ok(!existsSync(at('/etc/systemd/system/affiant-collect.service')));
    const { code: none } = affiant('status');
    assert.equal(none, 1);
  });

  it('refuses a program that others can change', () => {
    const [, script = ''] = program;
    assert.equal((machine as Booted).run('/bin/chmod', 'o+w', dirname(script)).code, 0);
    const { code, err } = affiant('install');
    assert.equal(code, 5);
    assert.match(err, /agent\/cli can be changed by others than root/);
    assert.equal((machine as Booted).run('/bin/chmod', 'o-w', dirname(script)).code, 0);
  });

  it('installs, shows the next turn within a day, changes nothing the second time', () => {
    const first = affiant('install');
    assert.equal(first.code, 0, first.err);
    const { code, out } = affiant('status', '--format', 'json');
    assert.equal(code, 0);
    const timer = partsOf(out).find(({ name }) => name === 'affiant-collect.timer');
    assert.equal(timer?.state, 'active (waiting)');
    const ahead = Date.parse(timer?.next ?? '') - Date.now();
    assert.ok(ahead > -60_000 && ahead < 86_400_000 + 600_000, timer?.next);
    const turn = readFileSync(at('/etc/systemd/system/affiant-collect.timer.d/turn.conf'), 'utf8');
    const second = affiant('install');
    assert.equal(second.code, 0);
    assert.ok(!/^done: write/m.test(second.err), second.err);
    assert.equal(readFileSync(at('/etc/systemd/system/affiant-collect.timer.d/turn.conf'), 'utf8'), turn);
    // systemd takes the same moment from it as we do.
    const calendar = /^OnCalendar=(.+)$/m.exec(turn)?.[1] ?? '';
    assert.equal((machine as Booted).run('/usr/bin/systemd-analyze', 'calendar', calendar).code, 0);
  });

  it('collects as root where that was asked for, and as nobody special again without', () => {
    assert.equal(affiant('install', '--as-root').code, 0);
    const user = (): string =>
      (machine as Booted)
        .run('/usr/bin/systemctl', 'show', 'affiant-collect.service', '--value', '-p', 'User')
        .out.trim();
    assert.equal(user(), 'root');
    assert.equal(affiant('install').code, 0);
    assert.equal(user(), 'affiant');
  });

  it('runs from the line of cron with the same two users and the same rights', () => {
    const steps = installOnLinux(
      { init: 'cron', packaged: false, users: new Set() },
      { command: program, everyHours: 24, offsetMs: 0, asRoot: false },
    );
    const table = steps.find((step) => step.kind === 'write');
    assert.ok(table?.kind === 'write');
    const line = table.text.split('\n').find((each) => each.includes(' collect '));
    const command = line?.replace(/^(?:\S+ ){5}root /, '').replace(/ 2>&1 \| logger.*/, ' --only host') ?? '';
    const { code, err } = (machine as Booted).run('/bin/sh', '-c', `AFFIANT_STATE=/var/lib/affiant ${command}`);
    assert.equal(code, 0, err);
    assert.match(err, /collected and signed/);
  });

  it('takes away what it wrote, leaves state and users, and may do so twice', () => {
    for (const _ of [1, 2]) assert.equal(affiant('uninstall').code, 0);
    for (const gone of [
      'system/affiant-collect.service',
      'system/affiant-collect.timer.d',
      'system/timers.target.wants/affiant-collect.timer',
    ])
      assert.ok(!existsSync(at(`/etc/systemd/${gone}`)), gone);
    assert.ok(existsSync(at('/var/lib/affiant/key.pem')));
    assert.deepEqual(partsOf(affiant('status', '--format', 'json').out), []);
  });
});
