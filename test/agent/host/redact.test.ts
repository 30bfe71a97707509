import assert from 'node:assert/strict';
import { keptContent, maskPassword } from '../../../agent/host/redact.ts';
import { secretIn } from '../../../agent/host/secrets.ts';

describe('what a recording keeps', () => {
  it('leaves each password field its kind and scheme, and no hash', () => {
    const fields: readonly (readonly [string, string])[] = [
      ['', ''],
      ['*', '*'],
      ['!', '!'],
      ['!!', '!!'],
      ['x', 'x'],
      ['!*', '!*'],
      ['*LK*', '*LK*'],
      [`$y$j9T$salt$${'x'.repeat(43)}`, '$y$redacted'],
      [`!$6$salt$${'x'.repeat(86)}`, '!$6$redacted'],
      [`!!$2b$12$${'x'.repeat(53)}`, '!!$2b$redacted'],
      ['$md5,rounds=904$iPPKEBnEkp3JV8uX$0L6m7rOFTVFn.SGqo2M9W1', '$md5$redacted'],
      ['rl.3StKT.4T8M', 'redacted.....'],
      ['_J9..rasmBYk8r9AiWNc', '_redacted...........'],
      ['hunter2', 'redacted'],
      ['!hunter2', '!redacted'],
    ];
    for (const [field, kept] of fields) assert.equal(maskPassword(field), kept);
  });

  it('keeps every other byte of an account file, also those that are not UTF-8', () => {
    const line = (password: string): Buffer =>
      Buffer.from(`j\xf6rg:${password}:19000:0:99999:7:::\n#comment\n\n`, 'latin1');
    const kept = keptContent('/etc/shadow', line(`$y$j9T$salt$${'x'.repeat(43)}`), true);
    assert.deepEqual(Buffer.from(kept ?? []), line('$y$redacted'));
  });

  it('keeps nothing of other secret files, and masks secrets elsewhere', () => {
    assert.equal(keptContent('/etc/ssh/ssh_host_rsa_key', Buffer.from('x'), true), undefined);
    const kept = keptContent('/etc/apt/sources.list', Buffer.from('deb http://u:pw@h/ x\n'), false);
    assert.equal(Buffer.from(kept ?? []).toString(), 'deb http://u:[redacted]@h/ x\n');
    assert.equal(secretIn(Buffer.from(kept ?? []).toString()), undefined);
  });
});
