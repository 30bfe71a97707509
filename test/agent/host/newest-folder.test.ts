import assert from 'node:assert/strict';
import { newestOf } from '../../../agent/host/windows/trusted-program.ts';

describe('a program in a folder that bears a version', () => {
  const star = String.raw`C:\Program Files\SentinelOne\Sentinel Agent *\SentinelCtl.exe`;
  const among = (...names: readonly string[]) => newestOf(star, () => Promise.resolve(names));

  it('is the one of the highest version, by its numbers', async () => {
    assert.equal(
      await among('Sentinel Agent 9.1.0.1', 'Sentinel Agent 22.2.3.402', 'Logs', 'Sentinel Agent 22.10.1.1'),
      String.raw`C:\Program Files\SentinelOne\Sentinel Agent 22.10.1.1\SentinelCtl.exe`,
    );
  });

  it('stays as it is where no folder fits or none can be listed, which is no program', async () => {
    assert.equal(await among('Logs'), star);
    assert.equal(await newestOf(star, () => Promise.reject(new Error('EACCES'))), star);
    assert.equal(await newestOf(String.raw`C:\a\b.exe`, () => Promise.resolve(['x'])), String.raw`C:\a\b.exe`);
  });
});
