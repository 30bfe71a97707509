/** What vendors and domains do to a query, on a real PowerShell: each costs what it must and nothing more. */
import assert from 'node:assert/strict';
import { parseDirectoryObjects } from '../../collectors/admins/windows/directory-rows.ts';
import { parseLocalGroups } from '../../collectors/admins/windows/local-rows.ts';
import { directory, distinguished, group } from '../collectors/windows/directory.ts';
import { domain, people, sidBytes } from '../collectors/windows/identities.ts';
import { memberServer } from '../collectors/windows/member-server.ts';
import { type Engine, engineOrSkip, fakesFor, openEngine, type RecordedWindows } from '../powershell/engine.ts';

const namespace = 'root/Microsoft/Windows/Defender';

describe('faults of Windows on a real PowerShell', function () {
  this.timeout(120_000);
  let program = '';
  const open: Engine[] = [];
  before(function () {
    program = engineOrSkip(this);
  });
  afterEach(() => {
    for (const engine of open.splice(0)) engine.close();
  });
  const ask = (changes: Partial<RecordedWindows>): Engine => {
    const engine = openEngine(program, fakesFor({ ...memberServer('de'), ...changes }));
    open.push(engine);
    return engine;
  };

  it('a Defender that is not running answers with its code, a class that is not there and a refusal with theirs', async () => {
    const message = 'Der Vorgang ist fehlgeschlagen.';
    const engine = ask({
      cim: {
        [`${namespace}/MSFT_MpComputerStatus`]: { error: { kind: 'cim', code: '800106ba', message } },
        [`${namespace}/MSFT_MpPreference`]: {
          error: { kind: 'cim', code: '80041003', message: 'アクセスが拒否されました' },
        },
      },
      exports: { 'auditpol.exe': { error: { kind: 'access-denied', message: 'auditpol.exe ended with exit code 5' } } },
      events: { error: { kind: 'access-denied', message: 'Accès refusé' } },
    });
    const told = async (name: Parameters<Engine['ask']>[0]): Promise<unknown> => {
      const raw = await engine.ask(name);
      return raw.outcome === 'ok' ? raw : [raw.outcome, raw.reason];
    };
    assert.deepEqual(await told('Get-MpComputerStatus'), ['failed', 'hresult-0x800106ba']);
    assert.deepEqual(await told('Get-MpPreference'), ['denied', 'access-denied']);
    assert.deepEqual(await told('Get-MpThreat'), ['unsupported', 'no-such-class']);
    assert.deepEqual(await told('audit-policy'), ['denied', 'access-denied']);
    assert.deepEqual(await told('event-logs'), ['denied', 'access-denied']);
    assert.deepEqual(await told('log-clearings'), ['denied', 'access-denied']);
    assert.equal(engine.started(), 1);
  });

  it('an event of Defender is read by the names of its fields, whatever the server calls them', async () => {
    const log = 'Microsoft-Windows-Windows Defender/Operational';
    const xml = `<Event><System><EventID>1116</EventID></System><EventData><Data Name="Threat ID">2147519003</Data><Data Name="Threat Name">Virus:DOS/EICAR_Test_File</Data><Data Name="Severity Name">Schwerwiegend</Data><Data Name="Path">file:_C:\\x\\\u00e4.com</Data><Data Name="Unused"></Data></EventData></Event>`;
    const engine = ask({
      events: { logs: {}, cleared: [{ LogName: log, Id: 1116, 'date:TimeCreated': '2026-11-20T10:00:00Z', xml }] },
    });
    const raw = await engine.ask('defender-events');
    assert.ok(raw.outcome === 'ok', JSON.stringify(raw));
    // One alone comes as one, none as nothing: the readers of rows take both.
    assert.deepEqual([raw.value].flat(), [
      {
        Id: 1116,
        TimeCreated: '2026-11-20T10:00:00.0000000Z',
        Fields: {
          'Threat ID': '2147519003',
          'Threat Name': 'Virus:DOS/EICAR_Test_File',
          Path: 'file:_C:\\x\\\u00e4.com',
        },
      },
    ]);
    const quiet = await ask({ events: { logs: {} } }).ask('defender-events');
    assert.deepEqual(quiet.outcome === 'ok' ? [quiet.value ?? []].flat() : quiet, []);
  });

  it('a query that hangs costs itself, and one more process', async () => {
    const engine = ask({ cim: { ...memberServer('de').cim, [`${namespace}/MSFT_MpComputerStatus`]: { hang: 600 } } });
    assert.equal((await engine.ask('services')).outcome, 'ok');
    const hung = await engine.ask('Get-MpComputerStatus', undefined, 3000);
    assert.deepEqual(hung.outcome === 'ok' ? hung : [hung.outcome, hung.reason], ['timed-out', 'deadline']);
    assert.equal((await engine.ask('drivers')).outcome, 'ok');
    assert.equal(engine.started(), 2);
  });

  it('an orphaned member, and one whose domain is away, cost themselves alone (errors 1789 and 53)', async () => {
    const engine = ask({
      localGroups: {
        Administratoren: [
          { path: 'WinNT://CORP/SRV1/Administrator', sid: sidBytes('S-1-5-21-1111111111-2222222222-3333333333-500') },
          {
            path: `WinNT://${people.gone}`,
            error: { kind: 'com', code: '800706fd', message: 'Die Vertrauensstellung …' },
          },
          { path: "WinNT://CORP/';calc;#", error: { kind: 'com', code: '80070035', message: 'Der Netzwerkpfad …' } },
        ],
      },
    });
    const raw = await engine.ask('local-groups', { sids: ['S-1-5-32-544', 'S-1-5-32-547'] });
    assert.ok(raw.outcome === 'ok', JSON.stringify(raw));
    const read = parseLocalGroups(raw.value);
    assert.ok(read.ok, JSON.stringify(read));
    assert.deepEqual(
      read.value.map(({ sid, members, reason }) => [sid, members.map((member) => member.sid ?? member.name), reason]),
      [['S-1-5-32-544', ['S-1-5-21-1111111111-2222222222-3333333333-500', people.gone, "CORP\\';calc;#"], undefined]],
    );
  });

  it('names are data, whatever they look like', async () => {
    const names = ["';calc;#", '$(calc)', '"; calc; "', 'ÄÖÜ\\ドメイン管理者', "a'b\nc"];
    const engine = ask({ names: { 'S-1-5-21-1-2-3-4': "';calc;#" } });
    const raw = await engine.ask('account-sids', { names });
    assert.ok(raw.outcome === 'ok', JSON.stringify(raw));
    const rows = raw.value as readonly { readonly Name: string; readonly Sid?: string }[];
    assert.deepEqual(
      rows.map(({ Name }) => Name),
      names,
    );
    assert.equal(rows[0]?.Sid, 'S-1-5-21-1-2-3-4');
  });

  it('a group of 4,000 members is read in the pieces that the server gives', async () => {
    const members = Array.from({ length: 4000 }, (_, at) => distinguished(`user${at}`, `${domain}-${10_000 + at}`));
    const engine = ask({ ldap: directory(group('Big', people.serverTeam, members, [`${domain}-9`])) });
    const raw = await engine.ask('directory-objects', { subjects: [people.serverTeam, `${domain}-77`] });
    assert.ok(raw.outcome === 'ok', JSON.stringify(raw));
    const read = parseDirectoryObjects(raw.value);
    assert.ok(read.ok, JSON.stringify(read));
    const big = read.value.found.get(people.serverTeam)?.group;
    assert.equal(big?.members.length, 4001);
    assert.equal(big?.reason, undefined);
    assert.deepEqual([...read.value.unknown], [`${domain}-77`]);
  });
});
