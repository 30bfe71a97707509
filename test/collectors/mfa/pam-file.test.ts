import assert from 'node:assert/strict';
import { parsePamConf, parsePamFile } from '../../../collectors/mfa/pam-file.ts';
import { pamWords, splitPamText } from '../../../collectors/mfa/pam-text.ts';
import type { PamContent } from '../../../schemas/generated/types.ts';

function parse(text: string): PamContent {
  const result = parsePamFile(text);
  assert.ok(result.ok);
  return result.value;
}

function one(text: string): PamContent['lines'][number] | undefined {
  return parse(text).lines[0];
}

describe('a PAM file', () => {
  it('gives module, control and options of a line', () => {
    assert.deepEqual(one('auth\t[success=1 default=ignore]\tpam_unix.so nullok\n'), {
      line: 1,
      kind: 'module',
      type: 'auth',
      control: 'success=1 default=ignore',
      actions: [
        { result: 'success', action: 'jump', skip: 1 },
        { result: 'default', action: 'ignore' },
      ],
      module: 'pam_unix.so',
      options: [{ key: 'nullok' }],
    });
  });

  it('keeps brackets together, and an escaped bracket in them', () => {
    assert.deepEqual(pamWords('a [b c] [d\\]e] f[g h]x'), ['a', 'b c', 'd]e', 'f[g', 'h]x']);
    assert.deepEqual(pamWords('[success=1]pam_x.so'), ['success=1', 'pam_x.so']);
    assert.deepEqual(pamWords('a [never closed x'), ['a', 'never closed x']);
  });

  it('joins continued lines and names the first', () => {
    assert.deepEqual(splitPamText('# c\nauth required \\\n  pam_x.so \\ \nnullok # why\nx'), {
      lines: [
        { line: 2, text: 'auth required  pam_x.so  nullok ' },
        { line: 5, text: 'x' },
      ],
    });
  });

  it('does not take part in what releases of libpam read differently', () => {
    assert.equal(one('auth required \\\n# comment\npam_x.so\n')?.kind, 'unclear');
    assert.equal(one(`auth required pam_x.so ${'x'.repeat(1100)}\n`)?.reason, 'long-line');
    assert.equal(one('auth [success=9999999999] pam_x.so\n')?.reason, 'jump-too-large');
    assert.equal(one('auth required\0 pam_x.so\n')?.reason, 'nul-byte');
  });

  it('ends where a continued line is never finished', () => {
    assert.deepEqual(parse('auth required pam_x.so \\\n'), {
      lines: [],
      endsAt: { line: 1, reason: 'unfinished-line' },
    });
  });

  it('knows the includes, whatever the case', () => {
    assert.deepEqual(
      parse('@Include a\n-@include b\nauth INCLUDE c\nauth substack d\n').lines.map(({ kind, target }) => [
        kind,
        target,
      ]),
      [
        ['at-include', 'a'],
        ['at-include', 'b'],
        ['include', 'c'],
        ['substack', 'd'],
      ],
    );
  });

  it('keeps a line that libpam cannot use as one that fails', () => {
    assert.deepEqual(
      parse('auht required pam_x.so\nauth\nauth required\nauth [success=oky] pam_x.so\n').lines.map(
        ({ kind, reason }) => [kind, reason],
      ),
      [
        ['unusable', 'unknown-type'],
        ['unusable', 'no-control'],
        ['unusable', 'no-module'],
        ['module', 'control-not-understood'],
      ],
    );
    assert.equal(one('auth required ?\n')?.kind, 'fatal');
  });

  it('takes a carriage return for part of a word, as libpam does', () => {
    assert.equal(one('auth required pam_x.so\r\n')?.module, 'pam_x.so\r');
  });

  it('withholds what could be a secret, and keeps what decides', () => {
    const options = (line: string): unknown => one(line)?.options;
    assert.deepEqual(options('auth required pam_mysql.so user=root passwd=hunter2 debug hunter3\n'), [
      { key: 'user', withheld: true },
      { key: 'passwd', withheld: true },
      { key: 'debug' },
      { key: '', withheld: true },
    ]);
    assert.deepEqual(options('auth required pam_exec.so expose_authtok /usr/bin/x hunter2\n'), [
      { key: 'expose_authtok' },
      { key: '', withheld: true },
      { key: '', withheld: true },
    ]);
    assert.deepEqual(
      options(
        'auth required /lib/security/pam_google_authenticator.so secret=/etc/g/${USER} [authtok_prompt=Your code: ]\n',
      ),
      [
        { key: 'secret', value: '/etc/g/${USER}' },
        { key: 'authtok_prompt', value: 'Your code: ' },
      ],
    );
  });

  it('keeps text that is not UTF-8 as bytes', () => {
    assert.deepEqual(one('auth required pam_\udcfc.so\n')?.module, { bytes: 'cGFtX/wuc28=' });
  });

  it('refuses a file of more lines than a document holds', () => {
    assert.deepEqual(parsePamFile('auth required pam_x.so\n'.repeat(20_001)), {
      ok: false,
      reason: 'too-many-lines',
      detail: '20001 lines',
    });
  });

  it('takes pam.conf apart by service', () => {
    const result = parsePamConf('sshd auth required pam_x.so\nSSHD account required pam_y.so\nlogin @include z\n');
    assert.ok(result.ok);
    assert.deepEqual(
      [...result.value].map(([service, { lines }]) => [service, lines.length]),
      [
        ['sshd', 2],
        ['login', 1],
      ],
    );
  });
});
