import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadConfig } from '../../../agent/config/load.ts';
import { applyStep } from '../../../agent/service/apply-plan.ts';
import { defaultConfig } from '../../../agent/service/default-config.ts';
import { calendarOf, installOnLinux, turnText, uninstallOnLinux } from '../../../agent/service/linux-plan.ts';
import { type Step, stepText } from '../../../agent/service/plan.ts';
import { taskXml } from '../../../agent/service/task-xml.ts';
import { installOnWindows, uninstallOnWindows } from '../../../agent/service/windows-plan.ts';

const taskSchema = join(import.meta.dirname, '../../fixtures/official/task-scheduler.xsd');
const hour = 3_600_000;
const turn = { command: ['/usr/bin/affiant'], everyHours: 24, offsetMs: 5 * hour + 23 * 60_000 + 7000 };
const linux = { init: 'systemd', packaged: false, users: new Set<string>() } as const;
const windows = { system32: 'C:\\Windows\\System32', programData: 'C:\\ProgramData', hasService: false };
const written = (steps: readonly Step[]): string[] =>
  steps.flatMap((step) => (step.kind === 'write' ? [step.path] : []));
const removed = (steps: readonly Step[]): string[] =>
  steps.flatMap((step) => (step.kind === 'remove' ? [step.path] : []));
const commands = (steps: readonly Step[]): string[] =>
  steps.flatMap((step) => (step.kind === 'run' ? [step.argv.join(' ')] : []));

describe('the plan of a service', () => {
  it('says the turn in words of systemd, for each interval that it can say', () => {
    assert.equal(calendarOf(24, turn.offsetMs), '*-*-* 05:23:07 UTC');
    assert.equal(calendarOf(6, 2 * hour + 61_000), '*-*-* 02,08,14,20:01:01 UTC');
    assert.equal(
      calendarOf(1, 59 * 60_000),
      `*-*-* ${Array.from({ length: 24 }, (_, at) => String(at).padStart(2, '0')).join(',')}:59:00 UTC`,
    );
    // 1970 began on a Thursday.
    assert.equal(calendarOf(168, 4 * 24 * hour + hour), 'Mon *-*-* 01:00:00 UTC');
    assert.match(turnText(turn), /^OnCalendar=\nOnCalendar=\*-\*-\* 05:23:07 UTC\nRandomizedDelaySec=5min$/m);
  });

  it("leaves to a package what it brought, and adds this server's turn", () => {
    const steps = installOnLinux({ ...linux, packaged: true }, { ...turn, asRoot: false });
    assert.deepEqual(written(steps), ['/etc/systemd/system/affiant-collect.timer.d/turn.conf']);
    assert.deepEqual(removed(uninstallOnLinux({ ...linux, packaged: true })), [
      '/etc/systemd/system/affiant-collect.timer.d/turn.conf',
      '/etc/systemd/system/affiant-collect.service.d/root.conf',
    ]);
  });

  it('removes every file that it wrote, and nothing of state, key or configuration', () => {
    const made = written(installOnLinux(linux, { ...turn, asRoot: true }));
    assert.deepEqual(removed(uninstallOnLinux(linux)).toSorted(), made.toSorted());
    assert.ok(made.every((path) => !path.startsWith('/var/') && !path.startsWith('/etc/affiant')));
    const cron = { ...linux, init: 'cron' } as const;
    assert.deepEqual(removed(uninstallOnLinux(cron)), written(installOnLinux(cron, { ...turn, asRoot: false })));
  });

  it('starts the program where it is, with blanks, quotes, dollars and percent signs in its path', () => {
    const command = ['/opt/my "tools"/100%/$HOME/affiant'];
    const steps = installOnLinux(linux, { ...turn, command, asRoot: false });
    const unit = steps.find((step) => step.kind === 'write' && step.path.endsWith('affiant-collect.service'));
    assert.ok(unit?.kind === 'write');
    assert.match(unit.text, /^ExecStart="\/opt\/my \\"tools\\"\/100%%\/\$\$HOME\/affiant" collect --scheduled$/m);
    const cron = installOnLinux(
      { ...linux, init: 'cron' },
      { ...turn, command: ["/opt/it's 5%/affiant"], asRoot: false },
    );
    const table = cron.find((step) => step.kind === 'write');
    assert.ok(table?.kind === 'write');
    assert.ok(table.text.includes(String.raw`'/opt/it'\''s 5\%/affiant' collect --scheduled --every 24h`), table.text);
    assert.match(table.text, /^23 \* \* \* \* root setpriv/m);
  });

  it('makes users for cron only where they are missing', () => {
    const users = new Set(['affiant', 'affiant-post']);
    const steps = installOnLinux({ init: 'cron', packaged: false, users }, { ...turn, asRoot: false });
    assert.ok(commands(steps).every((command) => !command.startsWith('useradd')));
  });

  it('registers the Windows service with its recovery, or a task, and takes both away', () => {
    const command = ['C:\\Program Files\\Affiant\\affiant.exe'];
    const service = commands(installOnWindows(windows, { ...turn, command, task: false }));
    assert.match(
      service[0] ?? '',
      /sc\.exe create Affiant binPath= "C:\\Program Files\\Affiant\\affiant-service\.exe" "--every" "24h" start= delayed-auto/,
    );
    assert.ok(service.some((each) => each.includes('actions= restart/60000/restart/300000/restart/900000')));
    const again = commands(installOnWindows({ ...windows, hasService: true }, { ...turn, command, task: false }));
    assert.match(again[0] ?? '', /sc\.exe config Affiant/);
    const task = installOnWindows(windows, { ...turn, command, task: true });
    assert.deepEqual(written(task), ['C:\\ProgramData\\Affiant\\task.xml']);
    const gone = uninstallOnWindows({ ...windows, hasService: true });
    assert.ok(commands(gone).some((each) => each.includes('sc.exe delete Affiant')));
    assert.ok(commands(gone).some((each) => each.includes('schtasks.exe /delete /tn Affiant /f')));
    // What a person fills in is begun, and never taken away.
    assert.deepEqual(removed(gone), written(task));
    const [first] = task;
    assert.deepEqual(
      [first?.kind, first?.kind === 'begin' && first.path],
      ['begin', 'C:\\ProgramData\\Affiant\\affiant.yaml'],
    );
  });

  it('writes a task that begins at the turn, makes up for missed ones, and keeps a path in one piece', () => {
    const xml = taskXml({ ...turn, command: ['C:\\R&D <x>\\affiant.exe'] });
    assert.match(xml, /<StartBoundary>2026-01-01T05:23:07Z<\/StartBoundary>/);
    assert.match(xml, /<StartWhenAvailable>true</);
    assert.match(xml, /<Command>C:\\R&amp;D &lt;x&gt;\\affiant\.exe<\/Command>\s+<Arguments>collect --scheduled</);
    assert.match(xml, /<Interval>PT24H</);
  });

  it('writes a task that fits the schema of the Task Scheduler, whatever stands in its path', function () {
    if (spawnSync('xmllint', ['--version']).status !== 0) {
      console.error('skipped: the schema of the Task Scheduler: xmllint is not there (libxml2-utils)');
      this.skip();
    }
    const folder = mkdtempSync(join(tmpdir(), 'affiant-task-'));
    try {
      for (const path of ['C:\\Program Files\\Affiant\\affiant.exe', 'C:\\R&D <x>\\a"b\'c.exe']) {
        const file = join(folder, 'task.xml');
        // As it is written on Windows: UTF-16 with its mark.
        writeFileSync(file, `\ufeff${taskXml({ ...turn, command: [path, 'first word'] })}`, 'utf16le');
        const { status, stderr } = spawnSync('xmllint', ['--noout', '--schema', taskSchema, file], {
          encoding: 'utf8',
        });
        assert.equal(status, 0, stderr);
      }
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('begins a configuration with its folder, and puts none into a folder that is there', () => {
    const base = mkdtempSync(join(tmpdir(), 'affiant-begin-'));
    try {
      const begin = (folder: string, text: string) =>
        applyStep({ kind: 'begin', path: join(base, folder, 'affiant.yaml'), text });
      assert.deepEqual(begin('new', 'a: 1\n'), { ok: true, value: 'done' });
      assert.deepEqual(begin('new', 'a: 2\n'), { ok: true, value: 'as it was' });
      assert.equal(readFileSync(join(base, 'new/affiant.yaml'), 'utf8'), 'a: 1\n');
      mkdirSync(join(base, 'theirs'));
      assert.deepEqual(begin('theirs', 'a: 1\n'), { ok: true, value: 'as it was' });
      assert.deepEqual(readdirSync(join(base, 'theirs')), []);
    } finally {
      rmSync(base, { recursive: true });
    }
  });

  it('begins with a configuration that is valid, and sets nothing', async () => {
    const base = mkdtempSync(join(tmpdir(), 'affiant-begin-'));
    try {
      const file = join(base, 'affiant.yaml');
      writeFileSync(file, defaultConfig, { mode: 0o644 });
      const loaded = await loadConfig(file);
      assert.ok(loaded.ok, loaded.ok ? '' : loaded.refusal.message);
      assert.deepEqual(loaded.value.config, {});
      writeFileSync(file, defaultConfig.replaceAll('# endpoint:', 'endpoint:').replaceAll('#   url:', '  url:'));
      const filled = await loadConfig(file);
      assert.equal(filled.ok && filled.value.config.endpoint?.url, 'https://evidence.example.org');
    } finally {
      rmSync(base, { recursive: true });
    }
  });

  it('is told as somebody would type it', () => {
    assert.equal(
      stepText({ kind: 'run', argv: ['sc.exe', 'create', 'A', 'binPath=', '"C:\\x y"'] }),
      String.raw`run sc.exe create A binPath= "\"C:\\x y\""`,
    );
  });
});
