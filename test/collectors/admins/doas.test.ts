import assert from 'node:assert/strict';
import { parseDoas } from '../../../collectors/admins/doas.ts';

function rules(text: string): unknown {
  const result = parseDoas(text, '/etc/doas.conf');
  if (!result.ok) return [result.reason, result.detail];
  return result.value.map(({ definedIn: _file, ...rule }) => rule);
}

describe('doas.conf', () => {
  it('reads who may do what as whom, and how', () => {
    assert.deepEqual(
      rules('# all\npermit persist keepenv :wheel\npermit nopass alice as root cmd /usr/bin/apk args update -q\n'),
      [
        { line: 2, action: 'permit', options: ['persist', 'keepenv'], identity: ':wheel' },
        {
          line: 3,
          action: 'permit',
          options: ['nopass'],
          identity: 'alice',
          asUser: 'root',
          command: '/usr/bin/apk',
          arguments: ['update', '-q'],
        },
      ],
    );
  });

  it('takes an empty list of arguments for what it is: none at all', () => {
    assert.deepEqual(rules('permit bob cmd reboot args\n'), [
      { line: 1, action: 'permit', options: [], identity: 'bob', command: 'reboot', arguments: [] },
    ]);
  });

  it('leaves out what setenv sets, which can be anything', () => {
    assert.deepEqual(rules('permit setenv { TOKEN=hunter2 -PATH } bob\n'), [
      { line: 1, action: 'permit', options: ['setenv'], identity: 'bob' },
    ]);
  });

  it('joins continued lines and keeps quoted words together', () => {
    assert.deepEqual(rules('permit nopass \\\n"the admin" # trailing\ndeny "permit"\n'), [
      { line: 1, action: 'permit', options: ['nopass'], identity: 'the admin' },
      { line: 3, action: 'deny', options: [], identity: 'permit' },
    ]);
  });

  it('refuses the whole file where doas would: one bad line, a quote without end, a brace too many', () => {
    for (const text of [
      'permit\n',
      'allow bob\n',
      'permit bob\nnonsense\n',
      'permit "bob\n',
      'permit setenv { A\nbob\n',
      'permit bob cmd\n',
      'permit bob extra\n',
    ])
      assert.equal(parseDoas(text, '/etc/doas.conf').ok, false, text);
  });
});
