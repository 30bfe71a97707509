/** `affiant sweep` of a Windows: by its own name for itself, by key and by password, and where PowerShell does not answer as it should. What is real and what is recorded: windows-lab.ts. */
import assert from 'node:assert/strict';
import { readFileSync, watch } from 'node:fs';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { runCollectors } from '../../../agent/run/run-collectors.ts';
import { targetOf } from '../../../agent/run/target.ts';
import { verificationKeyFromPem } from '../../../evidence/signing-key.ts';
import { verifyPack } from '../../../evidence/verify-pack.ts';
import type { HostDocument, SweptHost } from '../../../schemas/generated/types.ts';
import { valueOf } from '../../evidence/sample.ts';
import { engineOrSkip } from '../../powershell/engine.ts';
import { engineMachine, type WindowsMachine } from '../../powershell/engine-machine.ts';
import { type Lab, labMissing, openLab, type Sshd } from './lab.ts';
import { collectOptions } from './seen.ts';
import { knownIn, loginAt, newOut, sweep } from './swept.ts';
import { openWindowsLab, type WindowsLab, windowsAccount } from './windows-lab.ts';
import { windowsServer } from './windows-server.ts';

describe('affiant sweep of a Windows server', function () {
  this.timeout(240_000);
  let lab: Lab;
  let windows: WindowsLab;
  let sshd: Sshd;
  let server: WindowsMachine;
  let engine = '';
  before(async function () {
    engine = engineOrSkip(this);
    const missing = labMissing();
    if (missing !== undefined) {
      console.error(`skipped: a sweep of a recorded Windows: ${missing}`);
      this.skip();
    }
    lab = openLab();
    windows = openWindowsLab(lab, engine);
    sshd = await windows.sshd();
    server = windowsServer(readFileSync(join(lab.folder, 'host.pub'), 'utf8'));
  });
  beforeEach(() => {
    windows.login('cmd');
    windows.record(server);
    windows.powershell();
  });
  after(() => lab?.close());

  const one = ['--only', 'host'];
  const hostsOf = (...hosts: readonly object[]): object => ({
    knownHostsFile: knownIn(lab, [sshd.knownHost]),
    defaults: loginAt(sshd, windowsAccount),
    hosts: hosts.map((host) => ({ address: '127.0.0.1', ...host })),
  });
  const failureOf = (host: SweptHost | undefined): unknown[] => [host?.outcome, host?.reason];

  /** The host document and the predicate of the pack, which the key of the sweep verifies. */
  function packOf(out: string, name: string) {
    const key = valueOf(verificationKeyFromPem(readFileSync(join(lab.folder, 'state/sweep/public.pem'), 'utf8')));
    const bytes = readFileSync(join(out, `${name}.pack.json`));
    const { statement, documents } = valueOf(verifyPack(bytes, { key: () => key }));
    return { predicate: statement.predicate, host: documents.get('host') as HostDocument };
  }

  it('knows it by its own name for itself, by key and by password, and gives it the target of its own agent', async () => {
    const out = newOut(lab);
    const hosts = hostsOf({ name: 'keyed', keyFile: 'client' }, { name: 'worded', passwordFile: 'password' });
    const { keyFile: _none, ...defaults } = loginAt(sshd, windowsAccount) as Record<string, unknown>;
    const ran = await sweep(lab, { ...hosts, defaults }, out, ...one);
    assert.equal(ran.code, 0, ran.out);
    const local = engineMachine(engine, server);
    const inside = (await runCollectors(local.machine, { ...collectOptions, only: ['host'] })).documents;
    const target = targetOf(inside.get('host') as HostDocument, '0'.repeat(32));
    for (const name of ['keyed', 'worded']) {
      const { predicate, host } = packOf(out, name);
      assert.deepEqual(predicate.transport, {
        kind: 'ssh',
        hostKey: ran.host(name)?.hostKey?.fingerprint,
        trust: 'known',
        privilege: 'administrator',
      });
      assert.equal(ran.host(name)?.privilege, 'administrator');
      assert.deepEqual(predicate.target, target);
      assert.equal(host.os.status === 'observed' && host.os.value.family, 'windows');
    }
  });

  it('says `user` where the token is filtered', async () => {
    const caller = { user: String.raw`APP01\clerk`, sid: 'S-1-5-21-1-2-3-1106', elevated: false };
    windows.record({ ...server, caller });
    const out = newOut(lab);
    const ran = await sweep(lab, hostsOf({ name: 'clerk' }), out, ...one);
    assert.equal(ran.host('clerk')?.privilege, 'user', ran.out);
    const { privilege } = packOf(out, 'clerk').host;
    assert.equal(privilege.status === 'observed' && privilege.value.elevated, false);
  });

  it('reads what Constrained Language leaves, files among it, and says that it is constrained', async () => {
    windows.record(
      { ...server, caller: { error: { kind: 'no-cmdlet' } } },
      "$AffiantMode = 'ConstrainedLanguage'\n$AffiantUtf8 = $false\n",
    );
    const out = newOut(lab);
    const ran = await sweep(lab, hostsOf({ name: 'locked' }), out, ...one);
    assert.equal(ran.code, 0, ran.out);
    const { host } = packOf(out, 'locked');
    assert.equal(host.powershell.status === 'observed' && host.powershell.value.languageMode, 'constrained');
    assert.equal(
      host.sshHostKeys.status === 'observed' && host.sshHostKeys.value[0]?.fingerprint,
      ran.host('locked')?.hostKey?.fingerprint,
    );
    // Neither the token nor whoami could be asked: nothing is claimed.
    assert.equal(ran.host('locked')?.privilege, 'user');
  });

  it('says why there is no PowerShell, in its own words', async () => {
    const cases: readonly (readonly [string, string, RegExp])[] = [
      [
        "echo 'This program is blocked by group policy.' >&2; exit 1",
        'powershell-does-not-start',
        /blocked by group policy/,
      ],
      ["printf '#< CLIXML\\r\\n' >&2; cat >/dev/null & exit 0", 'powershell-does-not-start', /exit code 0/],
      [
        `sed -u -n 's/^"\\(affiant-[0-9a-f]*\\).*/\\1 4711 x86\\/AMD64/p'`,
        'powershell-of-32-bits',
        /another registry than that of the machine/,
      ],
    ];
    for (const [script, reason, message] of cases) {
      windows.powershell(script);
      const ran = await sweep(lab, hostsOf({ name: 'mute' }), newOut(lab), ...one);
      assert.deepEqual(failureOf(ran.host('mute')), ['unsupported', reason], ran.out);
      assert.match(ran.out.replace(/\s+/g, ' '), message);
    }
  });

  it('refuses a system folder that only the login believes in, and a shell that is none of Windows', async () => {
    const key = String.raw`HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\Windows NT\CurrentVersion`;
    const values = { SystemRoot: { kind: 'String', value: String.raw`C:\Windows` } };
    windows.record({ ...server, registry: { ...server.registry, [key]: { values } } });
    const ran = await sweep(lab, hostsOf({ name: 'misled' }), newOut(lab), ...one);
    assert.deepEqual(failureOf(ran.host('misled')), ['denied', 'other-system-folder'], ran.out);

    const linux = await lab.start();
    const hosts = {
      knownHostsFile: knownIn(lab, [linux.knownHost]),
      defaults: loginAt(linux, windowsAccount),
      hosts: [{ name: 'linux', address: '127.0.0.1', os: 'windows' }],
    };
    windows.login('sh');
    const other = await sweep(lab, hosts, newOut(lab), ...one);
    assert.deepEqual(failureOf(other.host('linux')), ['unsupported', 'unknown-shell'], other.out);
    await linux.stop();
  });

  it('signs nothing where the connection breaks in the middle of an answer', async () => {
    const sockets = new Set<Socket>();
    const door = createServer((socket) => {
      const inner = connect(sshd.port, '127.0.0.1');
      for (const [from, to] of [
        [socket, inner],
        [inner, socket],
      ] as const) {
        sockets.add(from);
        from.on('error', () => to.destroy()).pipe(to);
      }
    });
    // Half a line, and then nothing until the connection is gone; it says its number, so that it can be ended here.
    const reached = join(lab.folder, 'reached');
    windows.record(
      server,
      `function Get-CimInstance { [Console]::Out.Write('<half an answ'); [IO.File]::WriteAllText('${reached}', [string]$PID); Start-Sleep -Seconds 600 }\n\n`,
    );
    const watcher = watch(lab.folder, (_event, name) => {
      if (name === 'reached' && readFileSync(reached, 'utf8') !== '') for (const each of sockets) each.destroy();
    });
    await new Promise<void>((done) => door.listen(0, '127.0.0.1', done));
    const { port } = door.address() as AddressInfo;
    const hosts = {
      knownHostsFile: knownIn(lab, [sshd.knownHost.replace(/:\d+/, `:${port}`)]),
      defaults: { ...loginAt(sshd, windowsAccount), port },
      hosts: [{ name: 'cut', address: '127.0.0.1' }],
    };
    const ran = await sweep(lab, hosts, newOut(lab), ...one);
    watcher.close();
    door.close();
    process.kill(Number(readFileSync(reached, 'utf8')), 'SIGKILL');
    assert.deepEqual(failureOf(ran.host('cut')), ['failed', 'connection-lost'], ran.out);
  });
});
