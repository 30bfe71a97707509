/**
 * The test file on Windows over a machine in memory: what Defender answers, and what its log holds, is as recorded by
 * others and documented; that a real Defender takes the file only a real one shows (docs/windows-untested.md).
 */
import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { namesInEvent } from '../../../agent/prove/eicar-on-windows.ts';
import { keptProofs } from '../../../agent/prove/ledger.ts';
import { invocationOf, type ProofCommand } from '../../../agent/prove/programs.ts';
import { prove } from '../../../agent/prove/prove.ts';
import { openState, type State } from '../../../agent/spool/state.ts';
import type { DetectionProof } from '../../../schemas/generated/types.ts';
import { type FakeMachine, fakeHost, miss } from '../../collectors/fake-host.ts';
import { must, scratchFolder } from '../spool/bundles.ts';
import { type FakeProof, fakeProofMachine, ran } from './fake-proof-machine.ts';

const folder = String.raw`C:\Proof`;
const rules = 'O:BAG:SYD:PAI(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)';
/** The root of a drive, in which every user may make folders. */
const rootRules =
  'O:S-1-5-80-956008885-3418522649-1831038044-1853292631-2271478464G:SYD:PAI(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)(A;CI;LC;;;AU)';
const owners = (own: string): unknown => [
  { path: folder, sddl: own },
  { path: 'C:\\', sddl: rootRules },
];
const shares = String.raw`HKLM\SYSTEM\CurrentControlSet\Services\LanmanServer\Shares`;
const service = (Name: string, State = 'Running') => ({ Name, State, StartMode: 'Auto', StartName: 'LocalSystem' });
const active = { AMRunningMode: 'Normal', RealTimeProtectionEnabled: true };

type Given = { readonly queries?: FakeMachine['queries']; readonly registry?: FakeMachine['registry'] };

function server({ queries = {}, registry = {} }: Given = {}) {
  return fakeHost({
    os: 'windows',
    queries: {
      'Get-MpComputerStatus': { value: active },
      'Get-MpPreference': { value: { ExclusionPath: [String.raw`C:\SQL\*`], ExclusionExtension: null } },
      services: { value: [service('WinDefend')] },
      [`file-owners ${JSON.stringify({ paths: [folder, 'C:\\'] })}`]: { value: owners(rules) },
      ...queries,
    },
    registry: {
      [String.raw`HKLM\SYSTEM\MountedDevices`]: { values: { '\\DosDevices\\C:': { type: 'REG_BINARY', value: '' } } },
      [shares]: miss('absent'),
      ...registry,
    },
  });
}

const event = (path: string): string =>
  `<Event><System><EventID>1116</EventID></System><EventData><Data Name='Threat Name'>Virus:DOS/EICAR_Test_File</Data><Data Name='Path'>${path}</Data></EventData></Event>`;

describe('the test file of EICAR on Windows', () => {
  let home: string;
  let state: State;
  beforeEach(() => {
    home = scratchFolder();
    state = must(openState(join(home, 'state'), { create: true, now: () => new Date() }));
  });
  afterEach(() => {
    rmSync(home, { recursive: true });
  });

  async function run(fake: FakeProof, host = server(), at = folder): Promise<DetectionProof> {
    const machine = fakeProofMachine({ folders: { [folder]: {}, [String.raw`\\files\x`]: {} }, ...fake });
    const proofs = must(await prove({ machine, host, state, folder: at, waitMs: 5000 }, ['eicar']));
    assert.equal(machine.files.size, 0, 'nothing is left');
    assert.equal(proofs.length, 1);
    return proofs[0] as DetectionProof;
  }

  /** A scanner that acts on the test file alone, and what its records then say. */
  function scanner(act: 'blocked' | 'gone' | 'failed', record: (path: string) => Record<string, string>): FakeProof {
    let sample = '';
    return {
      touched(path, files) {
        if (!path.endsWith('.com')) return undefined;
        sample = path;
        if (act === 'gone') files.delete(path);
        return { state: act };
      },
      runs: (command: ProofCommand) => ran(0, record(`file:_${sample.replaceAll('/', '\\')}`)[command.id] ?? ''),
    };
  }

  it('is detected where it goes or cannot be opened, and the record names it', async () => {
    const inLog = (path: string) => ({ 'wevtutil-defender': event(path) });
    const cases = [
      ['blocked', inLog, ['blocked', 'local-log']],
      ['gone', inLog, ['quarantined', 'local-log']],
      // Node has no name for ERROR_VIRUS_INFECTED.
      ['failed', inLog, ['blocked', 'local-log']],
      ['gone', (path: string) => ({ 'defender-resources': `${path}\r\n` }), ['quarantined', 'local-log']],
      ['gone', () => ({}), ['quarantined']],
    ] as const;
    for (const [act, record, stages] of cases) {
      const { outcome, product, stages: seen } = await run(scanner(act, record));
      assert.deepEqual([outcome, product, seen], ['detected', 'defender-antivirus', stages], act);
    }
  });

  it('is not detected, or not known to be, where only another file is named, or a harmless one goes too', async () => {
    const other = scanner('failed', () => ({ 'wevtutil-defender': event(String.raw`file:_C:\x\affiant-0.com`) }));
    assert.equal((await run(other)).reason, 'sample-failed');
    const quiet = await run({ runs: () => ran(0, event(String.raw`file:_C:\x\other.com`)) });
    assert.deepEqual([quiet.outcome, quiet.reason], ['not-detected', 'deadline-passed']);
    const cleaner: FakeProof = {
      touched: (path, files) => {
        if (!path.endsWith('.com')) return undefined;
        files.clear();
        return { state: 'gone' };
      },
    };
    assert.equal((await run(cleaner)).reason, 'control-gone');
  });

  it('is written nowhere where no scanner would see it, or where it must not lie', async () => {
    const preference = (more: object) => ({
      'Get-MpPreference': { value: { ExclusionPath: null, ExclusionExtension: null, ...more } },
    });
    const passive = { 'Get-MpComputerStatus': { value: { ...active, AMRunningMode: 'Passive Mode' } } };
    const open = {
      [`file-owners ${JSON.stringify({ paths: [folder, 'C:\\'] })}`]: {
        value: owners(`${rules}(A;OICI;0x1301bf;;;BU)`),
      },
    };
    const cases: readonly (readonly [Given, string, string, string])[] = [
      [{ queries: passive }, folder, 'not-applicable', 'no-on-access-scanner'],
      [
        { queries: { ...passive, services: { value: [service('CSFalconService')] } } },
        folder,
        'not-applicable',
        'ignores-test-file',
      ],
      [
        { queries: { 'Get-MpComputerStatus': miss('failed', 'hresult-0x800106ba') } },
        folder,
        'inconclusive',
        'scanner-not-seen',
      ],
      [{ queries: { ...passive, services: miss('denied') } }, folder, 'inconclusive', 'services-not-seen'],
      [{ queries: preference({ ExclusionPath: ['C:\\Pr*'] }) }, folder, 'inconclusive', 'folder-not-watched'],
      [{ queries: preference({ ExclusionExtension: ['.com'] }) }, folder, 'inconclusive', 'folder-not-watched'],
      [{ queries: open }, folder, 'refused', 'folder-unsafe'],
      [
        { queries: { [`file-owners ${JSON.stringify({ paths: [folder, 'C:\\'] })}`]: miss('denied') } },
        folder,
        'refused',
        'folder-unchecked',
      ],
      [
        { registry: { [shares]: { values: { Data: { type: 'REG_MULTI_SZ', value: ['Path=c:\\', 'Type=0'] } } } } },
        folder,
        'refused',
        'forbidden-served-folder',
      ],
      [
        { registry: { [String.raw`HKLM\SYSTEM\MountedDevices`]: { values: {} } } },
        folder,
        'refused',
        'forbidden-network-share',
      ],
      [{}, String.raw`\\files\x`, 'refused', 'forbidden-network-share'],
      [{}, String.raw`C:\none`, 'refused', 'no-such-folder'],
    ];
    for (const [given, at, outcome, reason] of cases) {
      let made = 0;
      const proof = await run({ touched: () => ((made += 1), undefined) }, server(given), at);
      assert.deepEqual([proof.outcome, proof.reason, made], [outcome, reason, 0], reason);
    }
    for (const data of [
      String.raw`C:\inetpub\wwwroot`,
      String.raw`C:\Users\x`,
      String.raw`C:\Windows\NTDS`,
      String.raw`D:\MSSQL\mysql`,
    ])
      assert.match((await run({ folders: { [data]: {} } }, server(), data)).reason ?? '', /^forbidden-/);
  });

  it('takes what another scanner does for its own, without a record of Defender', async () => {
    const queries = {
      'Get-MpComputerStatus': { value: { ...active, AMRunningMode: 'Passive Mode' } },
      services: { value: [service('WinDefend'), service('ekrn')] },
    };
    const { outcome, product, stages } = await run(
      scanner('gone', () => ({})),
      server({ queries }),
    );
    assert.deepEqual([outcome, product, stages], ['detected', 'eset', ['quarantined']]);
  });

  it('is kept for the next bundle, as is every other proof of Windows', async () => {
    const machine = fakeProofMachine({ runs: () => ran(0, 'affiant-ran') });
    must(await prove({ machine, host: server(), state, folder, waitMs: 1000 }, ['eicar', 'amsi', 'eventlog']));
    const methods = must(keptProofs(state)).map(({ proof }) => proof.method);
    assert.deepEqual(methods.toSorted(), ['amsi-sample', 'eicar-on-access', 'event-log-canary']);
  });

  it('is looked for by the field of the event that names it, and by programs of Windows alone', () => {
    const nonce = 'a'.repeat(32);
    assert.ok(namesInEvent(event(`containerfile:_C:\\x.zip; file:_C:\\y\\affiant-${nonce}.com`), nonce));
    assert.ok(!namesInEvent(`<Data Name='Process Name'>file:_C:\\affiant-${nonce}.com</Data>`, nonce));
    for (const id of ['wevtutil-defender', 'defender-resources'] as const)
      assert.ok(invocationOf({ id }).programs.every((program) => program.startsWith('%System32%\\')));
  });
});
