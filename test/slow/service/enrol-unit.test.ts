/**
 * affiant-enrol.service under a real systemd: with the token that lies in its place a server enrols at a real endpoint,
 * under the unit's own lockdown, and the token is spent.
 */
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { type Booted, boot, missingForBoot } from './booted.ts';

const root = join(import.meta.dirname, '../../..');
const program = `${process.execPath} ${join(root, 'agent/cli/affiant.mjs')}`;
const text = (...path: string[]): string => readFileSync(join(root, 'packaging', ...path), 'utf8');
/** Here the program runs from its sources; nothing else of the unit is changed. */
const enrolUnit = text('linux/affiant-enrol.service').replace('ExecStart=/usr/bin/affiant', `ExecStart=${program}`);
const state = '/var/lib/affiant';
const token = '/etc/affiant/enrolment-token';
const endpoint = '/srv/endpoint';
const url = 'http://127.0.0.1:8620';

describe('the unit that enrols', function () {
  this.timeout(180_000);
  let machine: Booted | undefined;
  before(async function () {
    const missing = missingForBoot();
    if (missing !== undefined) {
      console.log(`      skipped: ${missing} is missing`);
      this.skip();
    }
    machine = await boot({
      '/etc/systemd/system/affiant-enrol.service': enrolUnit,
      '/etc/systemd/system/affiant-serve.service': `[Service]\nExecStart=${program} serve --state ${endpoint}\n`,
      '/usr/lib/sysusers.d/affiant.conf': text('units/affiant.sysusers.conf'),
      '/usr/lib/tmpfiles.d/affiant.conf': text('units/affiant.tmpfiles.conf'),
      '/etc/affiant/affiant.yaml': '{}\n',
    });
    run('/usr/bin/systemd-sysusers');
    run('/usr/bin/systemd-tmpfiles', '--create', '/usr/lib/tmpfiles.d/affiant.conf');
  });
  after(async () => {
    await machine?.halt();
  });

  function run(...argv: readonly string[]): string {
    const { code, out, err } = (machine as Booted).run(...argv);
    assert.equal(code, 0, `${argv.join(' ')}: ${err}${out}`);
    return out;
  }
  const at = (path: string): string => (machine as Booted).path(path);
  const shown = (property: string): string =>
    run('/usr/bin/systemctl', 'show', 'affiant-enrol.service', '-p', property, '--value').trim();
  const start = (): number | null =>
    (machine as Booted).run('/usr/bin/systemctl', 'start', 'affiant-enrol.service').code;
  /** A token of the endpoint, in its place as a person puts it there. */
  function putToken(from = endpoint): void {
    run(...program.split(' '), 'token', 'create', '--state', from, '--endpoint', url, '--out', '/root/token');
    run('/usr/bin/install', '-m', '0600', '/root/token', token);
    rmSync(at('/root/token'));
  }
  it('is not begun where no token lies', () => {
    assert.equal(start(), 0);
    assert.deepEqual([shown('ConditionResult'), existsSync(at(join(state, 'enrolment.json')))], ['no', false]);
  });

  it('waits for an endpoint that is away, tries again, and keeps the token', () => {
    putToken();
    // It fails, and systemd has its next turn.
    assert.notEqual(start(), 0);
    assert.equal(shown('SubState'), 'auto-restart');
    assert.equal(shown('RestartUSec'), '5min');
    assert.equal(existsSync(at(token)), true);
  });

  it('enrols once the endpoint is there, as the user affiant, and spends the token', async () => {
    run('/usr/bin/systemctl', 'stop', 'affiant-enrol.service');
    run('/usr/bin/systemctl', 'start', 'affiant-serve.service');
    await answers();
    assert.equal(start(), 0, (machine as Booted).run('/usr/bin/systemctl', 'status', 'affiant-enrol.service').out);
    assert.equal(shown('Result'), 'success');
    assert.equal(existsSync(at(token)), false, 'a spent token stays');
    const note = JSON.parse(readFileSync(at(join(state, 'enrolment.json')), 'utf8')) as { endpoint: string };
    assert.equal(note.endpoint, url);
    const key = statSync(at(join(state, 'key.pem')));
    assert.deepEqual([key.uid, key.mode & 0o777], [Number(run('/usr/bin/id', '-u', 'affiant')), 0o600]);
    const known = JSON.parse(run(...program.split(' '), 'key', 'list', '--json', '--state', endpoint)) as object[];
    assert.equal(known.length, 1);
  });

  it('does not try a token again that the endpoint refuses, and leaves it to a person', () => {
    // Of an endpoint that has no part in this one.
    putToken('/srv/other');
    assert.notEqual(start(), 0);
    assert.deepEqual([shown('SubState'), shown('Result')], ['failed', 'exit-code']);
    assert.equal(existsSync(at(token)), true);
  });

  it('may neither read what only root may, nor write outside its state, nor see the token but through systemd', () => {
    const place = at('/run/systemd/system/affiant-enrol.service.d');
    const tries: Record<string, string> = {
      'read-credential': 'test -s $CREDENTIALS_DIRECTORY/affiant-token',
      'read-token': `cat ${token}`,
      connect: 'echo > /dev/tcp/127.0.0.1/8620',
      'write-own-state': `touch ${state}/probe && rm ${state}/probe`,
      'read-shadow': 'cat /etc/shadow',
      'write-etc': 'touch /etc/probe',
      'write-var': 'touch /var/lib/probe',
      namespace: 'unshare --user true',
      'become-root': 'setpriv --reuid=0 true',
    };
    const script = Object.entries(tries)
      .map(([name, command]) => `(${command}) >/dev/null 2>&1 && echo ${name}`)
      .join('; ');
    mkdirSync(place, { recursive: true });
    writeFileSync(
      join(place, 'probe.conf'),
      `[Service]\nExecStart=\nExecStart=/bin/bash -c '${script.replaceAll('$', '$$$$')}; true'\nStandardOutput=append:/run/probe\n`,
    );
    run('/usr/bin/systemctl', 'daemon-reload');
    run('/usr/bin/systemctl', 'reset-failed', 'affiant-enrol.service');
    run('/usr/bin/systemctl', 'start', 'affiant-enrol.service');
    assert.deepEqual(readFileSync(at('/run/probe'), 'utf8').split('\n').filter(Boolean), [
      'read-credential',
      'connect',
      'write-own-state',
    ]);
  });

  async function answers(): Promise<void> {
    const deadline = Date.now() + 60_000;
    while ((machine as Booted).run('/bin/bash', '-c', 'echo > /dev/tcp/127.0.0.1/8620').code !== 0) {
      assert.ok(Date.now() < deadline, 'the endpoint does not answer');
      await wait(100);
    }
  }
});
