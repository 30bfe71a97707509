/** Completion in a real bash and zsh, and the page of the manual before real formatters: both from the command table. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { commandTable } from '../../../agent/cli/command-table.ts';
import { completionScript, optionOf, verbsOf } from '../../../agent/cli/completion-script.ts';
import { manPage } from '../../../agent/cli/man-page.ts';

function skipWithout(this: Mocha.Context, program: string): void {
  if (existsSync(program)) return;
  console.log(`      skipped: ${program} is missing`);
  this.skip();
}

describe('completion', () => {
  it('knows from a usage what may follow', () => {
    assert.deepEqual(verbsOf('install|uninstall|status [--dry-run]'), ['install', 'uninstall', 'status']);
    assert.deepEqual(verbsOf('show|rotate|list|add FILE|approve KEYID|revoke KEYID [--reason TEXT]'), [
      'show',
      'rotate',
      'list',
      'add',
      'approve',
      'revoke',
    ]);
    assert.deepEqual(verbsOf('[--packs DIR] --key FILE'), []);
    assert.deepEqual(verbsOf('DAY --packs DIR|x'), []);
    assert.deepEqual(optionOf('--format FORM', '[--format table|json]'), {
      name: '--format',
      value: ['table', 'json'],
    });
    assert.deepEqual(optionOf('--out FILE', '[--out FILE]'), { name: '--out', value: 'file' });
    assert.deepEqual(optionOf('--state DIR', ''), { name: '--state', value: 'folder' });
    assert.deepEqual(optionOf('--strict', ''), { name: '--strict', value: 'none' });
    assert.deepEqual(optionOf('--reason TEXT', ''), { name: '--reason', value: 'text' });
    assert.equal(optionOf('KIND', ''), undefined);
  });

  function complete(shell: string, ...words: readonly string[]): string[] {
    const script = `${completionScript(commandTable, 'bash')}
COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _affiant; printf '%s\\n' "\${COMPREPLY[@]}"`;
    const ran = spawnSync(shell, ['--norc', '-c', script, 'test', ...words], { encoding: 'utf8', cwd: '/etc' });
    assert.equal(ran.stderr, '');
    return ran.stdout.split('\n').filter(Boolean);
  }

  it('completes commands, verbs, options, their values and files in a real bash', function () {
    skipWithout.call(this, '/bin/bash');
    assert.deepEqual(complete('/bin/bash', 'affiant', 'coll'), ['collect']);
    assert.deepEqual(complete('/bin/bash', 'affiant', 'service', 'un'), ['uninstall']);
    assert.deepEqual(complete('/bin/bash', 'affiant', 'service', 'install', '--dry'), ['--dry-run']);
    assert.deepEqual(complete('/bin/bash', 'affiant', 'status', '--format', ''), ['table', 'json']);
    assert.deepEqual(
      complete('/bin/bash', 'affiant', 'collect', '--reason', ''),
      complete('/bin/bash', 'affiant', 'collect', ''),
    );
    assert.deepEqual(complete('/bin/bash', 'affiant', 'verify', 'nssw'), ['nsswitch.conf']);
    assert.ok(complete('/bin/bash', 'affiant', 'status', '--state', 'ss').every((each) => each !== 'ssl.conf'));
    const shown = Object.entries(commandTable).filter(([, command]) => command.hidden !== true);
    for (const [name, command] of shown)
      for (const option of Object.keys(command.options).flatMap((key) => optionOf(key, command.usage) ?? []))
        assert.ok(completionScript({ [name]: command }, 'bash').includes(option.name), `${name} ${option.name}`);
  });

  it('is taken by a real zsh', function () {
    skipWithout.call(this, '/usr/bin/zsh');
    const script = completionScript(commandTable, 'zsh').replace(
      '#compdef affiant\n',
      'autoload -U compinit && compinit -u -D\n',
    );
    const ran = spawnSync('/usr/bin/zsh', ['-f', '-c', `${script}\nwhence -w _affiant; print -r -- $_comps[affiant]`], {
      encoding: 'utf8',
    });
    assert.equal(ran.stderr, '');
    assert.match(ran.stdout, /_affiant: function\n.*_bash_complete/);
  });
});

describe('the page of the manual', () => {
  const page = manPage(commandTable, '0.1.0', '2026-11-30');

  it('has every command with every option, and no line that a formatter takes for its own', () => {
    for (const [name, { options, hidden }] of Object.entries(commandTable)) {
      if (hidden === true) continue;
      assert.ok(page.includes(`.SS ${name}\n`), name);
      for (const key of Object.keys(options))
        assert.ok(page.includes(`.B ${key.replaceAll('-', '\\-').replaceAll('…', '...')}`), key);
    }
    const requests = page.split('\n').flatMap((line) => /^\.(\S*)/.exec(line)?.[1] ?? []);
    assert.deepEqual([...new Set(requests)].toSorted(), [
      'B',
      'I',
      'PP',
      'RE',
      'RI',
      'RS',
      'SH',
      'SS',
      'TH',
      'TP',
      '\\"',
    ]);
  });

  it('is without fault for mandoc', function () {
    skipWithout.call(this, '/usr/bin/mandoc');
    const ran = spawnSync('/usr/bin/mandoc', ['-T', 'lint', '-W', 'warning'], { input: page, encoding: 'utf8' });
    assert.equal(ran.stdout + ran.stderr, '');
  });
});
