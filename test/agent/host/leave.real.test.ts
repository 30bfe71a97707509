import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { temporaryFolder } from './temporary-folder.ts';

describe('leaving while storage hangs', () => {
  const folder = temporaryFolder();

  it('ends with the exit code although a file access never comes back (symptom: the agent hangs with a dead NFS server)', function () {
    if (process.platform !== 'linux') this.skip();
    // To open a FIFO that nobody writes to keeps a thread of Node for ever, as a dead server does.
    const fifo = join(folder(), 'fifo');
    execFileSync('mkfifo', [fifo]);
    const host = new URL('../../../agent/host/', import.meta.url);
    const script = `
      import { open } from 'node:fs/promises';
      import { createAccessGuard } from ${JSON.stringify(new URL('access-guard.ts', host))};
      import { leaveIfStuck } from ${JSON.stringify(new URL('leave.ts', host))};
      leaveIfStuck(1);
      const access = await createAccessGuard()(10, () => open(${JSON.stringify(fifo)}, 'r'));
      console.log(access.reason);
      leaveIfStuck(3);`;
    const { status, stdout } = spawnSync(process.execPath, ['--input-type=module', '--eval', script], {
      encoding: 'utf8',
    });
    assert.deepEqual([status, stdout], [3, 'deadline\n']);
  });
});
