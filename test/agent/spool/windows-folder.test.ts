import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fail } from '../../../agent/spool/fault.ts';
import { askerOf } from '../../../agent/spool/windows-ask.ts';
import {
  askDescriptors,
  checkWindowsFolder,
  type Descriptors,
  makeClosedWindowsFolder,
} from '../../../agent/spool/windows-folder.ts';
import { engineOrSkip, fakesFor } from '../../powershell/engine.ts';

const trusted = 'S-1-5-80-956008885-3418522649-1831038044-1853292631-2271478464';
const rules: Readonly<Record<string, string>> = {
  'C:\\': `O:${trusted}D:AI(A;;FA;;;SY)(A;;LC;;;AU)(A;OICIIO;SDGXGWGR;;;AU)(A;;0x1200a9;;;BU)`,
  'C:\\ProgramData':
    'O:SYD:PAI(A;OICIIO;GA;;;CO)(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)(A;OICI;0x1200a9;;;BU)(A;CI;DCLCRPCR;;;BU)',
  'C:\\ProgramData\\Affiant': 'O:BAD:PAI(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)',
  'C:\\ProgramData\\Affiant\\state': 'O:BAD:PAI(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)(A;OICI;FA;;;S-1-3-4)',
};
const folder = 'C:\\ProgramData\\Affiant\\state';

function told(changes: Readonly<Record<string, string>> = {}, caller = 'S-1-5-18'): Descriptors {
  const all = { ...rules, ...changes };
  return { caller, sddl: new Map(Object.entries(all).map(([path, sddl]) => [path.toLowerCase(), sddl])) };
}

function codeOf(descriptors: Descriptors | undefined): string {
  return codeThrown(() => checkWindowsFolder(folder, () => descriptors));
}

function codeThrown(work: () => void): string {
  try {
    work();
    return 'safe';
  } catch (error) {
    return String(
      (error as { refusal?: { code?: string }; code?: string }).refusal?.code ?? (error as { code?: string }).code,
    );
  }
}

describe('a state folder of Windows', () => {
  it('is safe where only SYSTEM, administrators and the caller can change it', () => {
    assert.equal(codeOf(told()), 'safe');
    const own = { [folder]: 'O:S-1-5-21-1-2-3-1001D:PAI(A;OICI;FA;;;S-1-5-21-1-2-3-1001)(A;OICI;FA;;;SY)' };
    assert.equal(codeOf(told(own, 'S-1-5-21-1-2-3-1001')), 'safe');
    assert.equal(codeOf(told(own, 'S-1-5-21-1-2-3-1002')), 'folder-unsafe');
  });

  it('is refused where a user made it first, may write to it, or may replace a folder above it', () => {
    assert.equal(codeOf(told({ 'C:\\ProgramData\\Affiant': 'O:S-1-5-21-1-2-3-1001D:(A;;FA;;;SY)' })), 'folder-unsafe');
    assert.equal(codeOf(told({ [folder]: 'O:BAD:(A;;FA;;;SY)(A;OICI;DCLC;;;BU)' })), 'folder-unsafe');
    assert.equal(codeOf(told({ 'C:\\ProgramData\\Affiant': 'O:BAD:(A;;FA;;;SY)(A;;DT;;;BU)' })), 'folder-unsafe');
  });

  it('is refused with a file in it that belongs to a user, who may change it however closed the folder is', () => {
    const file = 'C:\\ProgramData\\Affiant\\state\\affiant.yaml';
    const codeWith = (sddl: string): string =>
      codeThrown(() => checkWindowsFolder(folder, () => told({ [file]: sddl }), [file]));
    assert.equal(codeWith('O:BAD:AI(A;ID;FA;;;SY)(A;ID;FA;;;BA)'), 'safe');
    assert.equal(codeWith('O:S-1-5-21-1-2-3-1001D:AI(A;ID;FA;;;SY)(A;ID;FA;;;BA)'), 'folder-unsafe');
    assert.equal(codeWith('O:BAD:AI(A;;0x1301bf;;;BU)'), 'folder-unsafe');
    assert.equal(
      codeThrown(() => checkWindowsFolder(folder, () => told(), [file])),
      'folder-unchecked',
    );
  });

  describe('is made', () => {
    let home = '';
    beforeEach(() => {
      home = mkdtempSync(join(tmpdir(), 'affiant-closed-'));
    });
    afterEach(() => rmSync(home, { recursive: true }));

    it('under another name, and takes its own once it is closed', () => {
      const closed: string[] = [];
      makeClosedWindowsFolder(join(home, 'Affiant'), (made) => {
        closed.push(made);
        assert.deepEqual(readdirSync(home), [basename(made)]);
        chmodSync(made, 0o710);
      });
      assert.match(closed.join(), /^[^,]+\/Affiant\.[0-9a-f]{16}\.new$/);
      assert.deepEqual(readdirSync(home), ['Affiant']);
      assert.equal(statSync(join(home, 'Affiant')).mode & 0o777, 0o710);
    });

    it('not where it cannot be closed, or somebody put something into it meanwhile; nothing is left then', () => {
      const of = (close: (made: string) => void): string =>
        codeThrown(() => makeClosedWindowsFolder(join(home, 'Affiant'), close));
      assert.equal(
        of(() => fail('folder-unsafe', 'the access rules could not be set')),
        'folder-unsafe',
      );
      assert.deepEqual(readdirSync(home), []);
      assert.equal(
        of((made) => writeFileSync(join(made, 'affiant.yaml'), 'endpoint: {}')),
        'folder-unsafe',
      );
      assert.deepEqual(readdirSync(home), []);
    });

    it('not over one that another process made meanwhile, which stays as it is', () => {
      makeClosedWindowsFolder(join(home, 'Affiant'), () => {
        mkdirSync(join(home, 'Affiant'));
        writeFileSync(join(home, 'Affiant', 'key.pem'), 'a key');
      });
      assert.deepEqual(readdirSync(home), ['Affiant']);
      assert.deepEqual(readdirSync(join(home, 'Affiant')), ['key.pem']);
    });
  });

  it('is refused where nobody could tell', () => {
    assert.equal(codeOf(undefined), 'folder-unchecked');
    assert.equal(codeOf(told({ 'C:\\ProgramData': '' })), 'folder-unchecked');
  });

  it('is looked at by a PowerShell that is asked once and waited for', function () {
    this.timeout(60_000);
    const engine = engineOrSkip(this);
    const files = Object.fromEntries(Object.entries(rules).map(([path, text]) => [path, { text }]));
    const env = { PATH: '/usr/bin:/bin', HOME: '/nonexistent', TERM: 'dumb', NO_COLOR: '1' };
    checkWindowsFolder(folder, (paths) => {
      const answer = askDescriptors(askerOf(engine, env, fakesFor({ files })), paths);
      assert.equal(answer?.caller, 'S-1-5-18');
      return answer;
    });
  });
});
