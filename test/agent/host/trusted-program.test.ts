import assert from 'node:assert/strict';
import { chmodSync, copyFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { localLinux } from '../../../agent/host/local-linux.ts';
import { trustedProgram } from '../../../agent/host/trusted-program.ts';
import { temporaryFolder } from './temporary-folder.ts';

describe('the look at a program before it is run', () => {
  const folder = temporaryFolder();

  before(function () {
    if (process.platform !== 'linux') this.skip();
  });

  it('takes a program of the system, also through links that root made', async () => {
    assert.deepEqual(await trustedProgram(['/nonexistent/env', '/usr/bin/env']), {
      outcome: 'ok',
      value: '/usr/bin/env',
    });
    // /bin is a link on a merged system, a folder on others.
    assert.deepEqual(await trustedProgram(['/bin/sh']), { outcome: 'ok', value: '/bin/sh' });
  });

  it('says absent only where no candidate exists', async () => {
    assert.deepEqual(await trustedProgram(['/nonexistent/a', '/usr/bin/affiant-no-such-program']), {
      outcome: 'absent',
      reason: 'no-such-program',
    });
    assert.equal((await trustedProgram(['/etc'])).outcome, 'failed', 'a folder is no program');
  });

  it('refuses a real program in a folder that others may write to, and names it', async () => {
    chmodSync(folder(), 0o777);
    const program = join(folder(), 'true');
    copyFileSync('/usr/bin/true', program);
    chmodSync(program, 0o755);
    const refused = await localLinux().run({ programs: [program], args: [] }, { maxBytes: 1000, deadlineMs: 10_000 });
    assert.ok(refused.outcome === 'denied');
    assert.equal(refused.reason, 'untrusted-program');
    assert.match(refused.detail ?? '', /^\/\S+ can be changed by others than root$/);
  });

  it('refuses a way to a trusted program that leads through a link of others', async () => {
    const link = join(folder(), 'link');
    symlinkSync('/usr/bin', link);
    const refused = await trustedProgram([join(link, 'env')]);
    assert.ok(refused.outcome === 'denied');
    assert.equal(refused.reason, 'untrusted-program');
  });

  it('goes on to the next candidate where the first cannot be trusted', async () => {
    const answer = await trustedProgram([join(folder(), 'true'), '/usr/bin/env']);
    assert.deepEqual(answer, { outcome: 'ok', value: '/usr/bin/env' });
  });
});
