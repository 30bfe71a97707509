/** One process for many queries, on a real PowerShell: what is sent, what hangs, what dies. */
import assert from 'node:assert/strict';
import { createSession } from '../../agent/host/powershell/session.ts';
import { queries } from '../../agent/host/queries.ts';
import { type Engine, engineOrSkip, fakesFor, openEngine, type RecordedWindows } from '../powershell/engine.ts';

const limits = { maxBytes: 1024 * 1024, deadlineMs: 110_000 };
const hotfix = { HotFixID: 'KB5044281', Description: 'Sicherheitsupdate', InstalledOn: '10/9/2024' };

describe('a PowerShell session', function () {
  this.timeout(120_000);
  let program = '';
  const open: Engine[] = [];
  before(function () {
    program = engineOrSkip(this);
  });
  afterEach(() => {
    for (const engine of open.splice(0)) engine.close();
  });
  function engineFor(machine: RecordedWindows, setup = ''): Engine {
    const engine = openEngine(program, fakesFor(machine) + setup);
    open.push(engine);
    return engine;
  }

  it('answers all queries with one process, whatever names and texts are in them', async () => {
    const nasty = ["';calc;#", '$(calc)', '`"; calc', 'ü日本\u2028', '}\n\n{', '[0] end]'];
    const engine = engineFor({
      cim: { Win32_QuickFixEngineering: [hotfix] },
      registry: Object.fromEntries(
        nasty.map((name) => [`HKEY_LOCAL_MACHINE\\${name}`, { values: { [name]: { kind: 'String', value: name } } }]),
      ),
    });
    const keys = nasty.map((name) => `HKEY_LOCAL_MACHINE\\${name}`);
    const [session, hotfixes, registry] = await Promise.all([
      engine.ask('session'),
      engine.ask('hotfixes'),
      engine.ask('registry-keys', { keys }),
    ]);
    assert.equal(session.outcome, 'ok');
    assert.deepEqual(hotfixes, {
      outcome: 'ok',
      value: { id: 'KB5044281', kind: 'Sicherheitsupdate', installedOn: '10/9/2024' },
    });
    assert.ok(registry.outcome === 'ok');
    const { keys: told } = registry.value as { keys: { key: string; values: object }[] };
    assert.deepEqual(
      told.map(({ key }) => key),
      keys,
    );
    assert.deepEqual(
      told.map(({ values }) => values),
      nasty.map((name) => ({ [name]: { kind: 'String', value: name } })),
    );
    assert.equal(engine.started(), 1);
  });

  it('loses one query and one process where one hangs', async () => {
    const engine = engineFor({
      cim: { Win32_QuickFixEngineering: { hang: 600 } },
      registry: { 'HKEY_LOCAL_MACHINE\\X': {} },
    });
    assert.equal((await engine.ask('session')).outcome, 'ok');
    assert.deepEqual(await engine.ask('hotfixes', undefined, 1500), { outcome: 'timed-out', reason: 'deadline' });
    const after = await engine.ask('registry-keys', { keys: ['HKEY_LOCAL_MACHINE\\X'] });
    assert.equal(after.outcome, 'ok');
    assert.equal(engine.started(), 2);
  });

  it('tells the vendors’ errors apart by their codes, in any language', async () => {
    for (const [error, expected] of [
      [{ kind: 'com', code: '800106ba', message: 'Der Vorgang ist fehlgeschlagen' }, 'failed hresult-0x800106ba'],
      [{ kind: 'win32', code: '1789', message: 'La relation d’approbation a échoué' }, 'failed win32-1789'],
      [{ kind: 'access-denied', message: 'アクセスが拒否されました' }, 'denied access-denied'],
      [{ kind: 'cim', code: '80041003', message: 'Zugriff verweigert' }, 'denied access-denied'],
      [{ kind: 'cim', code: '8004100e', message: 'Ungültiger Namespace' }, 'unsupported no-such-namespace'],
      [{ kind: 'cim', code: '80041010', message: 'Ungültige Klasse' }, 'unsupported no-such-class'],
      [{ kind: 'com', code: '800706ba', message: 'Der RPC-Server ist nicht verfügbar' }, 'failed hresult-0x800706ba'],
      [{ kind: 'no-cmdlet', message: 'Get-X n’est pas reconnu' }, 'unsupported no-such-cmdlet'],
    ] as const) {
      const engine = engineFor({ cim: { Win32_QuickFixEngineering: { error } } });
      const answer = await engine.ask('hotfixes');
      assert.equal(answer.outcome === 'ok' ? 'ok' : `${answer.outcome} ${answer.reason}`, expected);
      assert.equal(answer.outcome !== 'ok' && answer.detail, error.message);
      engine.close();
    }
  });

  it('finds its answer among banners, and through a console that wraps lines', async () => {
    const engine = engineFor(
      { cim: { Win32_QuickFixEngineering: Array.from({ length: 50 }, () => hotfix) } },
      "'Willkommen <0> [x end]'\nfunction Send-Answer { param($Mark, $Json) 'noise'; $line = \"<$Mark $Json $Mark>\"; for ($at = 0; $at -lt $line.Length; $at += 79) { $line.Substring($at, [Math]::Min(79, $line.Length - $at)) }; 'noise' }\n",
    );
    const answer = await engine.ask('hotfixes');
    // A mark that was broken in two is no mark: its line begins with it, so it never is.
    assert.equal(answer.outcome, 'ok', JSON.stringify(answer));
    assert.equal(answer.outcome === 'ok' && Array.isArray(answer.value) && answer.value.length, 50);
  });

  it('escapes what is not ASCII where the encoding cannot be set', async () => {
    const engine = engineFor(
      { cim: { Win32_QuickFixEngineering: [{ ...hotfix, Description: 'Mise à jour 日本' }] } },
      '$AffiantUtf8 = $false\n[Console]::OutputEncoding = [Text.Encoding]::Latin1\n',
    );
    const answer = await engine.ask('hotfixes');
    assert.equal(answer.outcome === 'ok' && JSON.stringify(answer.value).includes('Mise à jour 日本'), true);
  });

  it('calls an answer in a code page not UTF-8, and reads UTF-16', async () => {
    const machine = { cim: { Win32_QuickFixEngineering: [{ ...hotfix, Description: 'Mise à jour' }] } };
    const latin = engineFor(machine, '[Console]::OutputEncoding = [Text.Encoding]::Latin1\n');
    assert.deepEqual(await latin.ask('hotfixes'), { outcome: 'failed', reason: 'answer-not-utf8' });
    const wide = engineFor(
      machine,
      '[Console]::OutputEncoding = New-Object -TypeName Text.UnicodeEncoding -ArgumentList $false, $false\n',
    );
    const answer = await wide.ask('hotfixes');
    assert.equal(answer.outcome === 'ok' && JSON.stringify(answer.value).includes('Mise à jour'), true);
  });

  it('names a process that dies in the middle of a line, and starts another', async () => {
    const engine = engineFor(
      { cim: { Win32_QuickFixEngineering: [hotfix] }, registry: { 'HKEY_LOCAL_MACHINE\\X': {} } },
      "function Get-CimInstance { [Console]::Out.Write('<half an answ'); [Environment]::Exit(3) }\n",
    );
    const answer = await engine.ask('hotfixes');
    assert.equal(answer.outcome === 'failed' && answer.reason, 'powershell-ended');
    assert.equal((await engine.ask('registry-keys', { keys: ['HKEY_LOCAL_MACHINE\\X'] })).outcome, 'ok');
    assert.equal(engine.started(), 2);
  });

  it('works in constrained language, parameters and answer included', async () => {
    const engine = engineFor(
      { registry: { 'HKEY_LOCAL_MACHINE\\ä\u65e5': { values: { n: { kind: 'DWord', value: 7 } } } } },
      "$AffiantMode = 'ConstrainedLanguage'\n$AffiantUtf8 = $false\n",
    );
    const answer = await engine.ask('registry-keys', { keys: ['HKEY_LOCAL_MACHINE\\ä\u65e5'] });
    assert.deepEqual(answer, {
      outcome: 'ok',
      value: {
        keys: [
          {
            key: 'HKEY_LOCAL_MACHINE\\ä\u65e5',
            values: { n: { kind: 'DWord', value: 7 } },
            keys: { value: null },
          },
        ],
      },
    });
  });

  it('says that a script could not be read as PowerShell, without waiting for the deadline', async () => {
    const engine = engineFor({}, 'Remove-Item -Path function:Invoke-AffiantQuery\n');
    const answer = await engine.ask('hotfixes');
    assert.equal(answer.outcome === 'failed' && answer.reason, 'no-answer');
  });

  it('keeps to what the answer may be long', async () => {
    const engine = engineFor({ cim: { Win32_QuickFixEngineering: Array.from({ length: 1500 }, () => hotfix) } });
    const answer = await engine.query(queries.hotfixes, undefined, { ...limits, maxBytes: 1000 });
    assert.deepEqual(answer, { outcome: 'failed', reason: 'output-too-large' });
  });
});

describe('a PowerShell that is not there', () => {
  it('is asked for once, and every query gets its reason', async () => {
    let starts = 0;
    const session = createSession({
      start: async () => {
        starts += 1;
        return { outcome: 'denied', reason: 'powershell-blocked' };
      },
    });
    for (const _ of [1, 2, 3])
      assert.deepEqual(await session.query(queries.hotfixes, undefined, limits), {
        outcome: 'denied',
        reason: 'powershell-blocked',
      });
    assert.equal(starts, 1);
    assert.equal(session.started(), 0);
  });
});
