import assert from 'node:assert/strict';
import { lastHistoryEntry } from '../../../collectors/updates/apt-history.ts';

const log = `
Start-Date: 2026-11-04  06:12:40
Commandline: apt-get install jq
Requested-By: dora (1001)
Install: jq:amd64 (1.6-2.1+deb12u1), libonig5:amd64 (6.9.8-1, automatic)
End-Date: 2026-11-04  06:12:44

Start-Date: 2026-11-20  07:26:08
Commandline: /usr/bin/unattended-upgrade
Upgrade: bash:amd64 (5.2.15-2+b8, 5.2.15-2+b13)
Remove: old:amd64 (1.0)
Purge: older:amd64 (0.9)
End-Date: 2026-11-20  07:26:31
`;

function last(text: string): unknown {
  const result = lastHistoryEntry(text);
  return result.ok ? result.value : result.reason;
}

const start = { year: 2026, month: 11, day: 20, hour: 7, minute: 26, second: 8 };

describe('lastHistoryEntry', () => {
  it('counts what the last entry did', () => {
    assert.deepEqual(last(log), {
      start,
      end: { ...start, second: 31 },
      commandLine: '/usr/bin/unattended-upgrade',
      upgraded: 1,
      installed: 0,
      removed: 2,
    });
    const [, first = ''] = log.split('\n\n')[0]?.split(/^\n/) ?? [];
    assert.deepEqual((last(first) as { installed: number }).installed, 2);
  });

  it('passes over entries that changed no package', () => {
    const nothing = `${log}\nStart-Date: 2026-11-21  01:00:00\nCommandline: apt-get install x\nError: Sub-process /usr/bin/dpkg returned an error code (1)\nEnd-Date: 2026-11-21  01:00:01\n`;
    assert.deepEqual((last(nothing) as { start: unknown }).start, start);
  });

  it('reads an entry that never ended', () => {
    const interrupted = log.replace(/End-Date: 2026-11-20.*\n/, '');
    assert.deepEqual(Object.keys(last(interrupted) as object), [
      'start',
      'commandLine',
      'upgraded',
      'installed',
      'removed',
    ]);
  });

  it('finds nothing in an empty log, and refuses a date that is none', () => {
    assert.equal(last(''), undefined);
    assert.equal(last('Start-Date: 2026-13-45  07:26:08\nUpgrade: a:amd64 (1, 2)\n'), 'unexpected-date');
  });
});
