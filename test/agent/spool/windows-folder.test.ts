import assert from 'node:assert/strict';
import { askerOf } from '../../../agent/spool/windows-ask.ts';
import { askDescriptors, checkWindowsFolder, type Descriptors } from '../../../agent/spool/windows-folder.ts';
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
  try {
    checkWindowsFolder(folder, () => descriptors);
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
