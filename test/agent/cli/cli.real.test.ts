import assert from 'node:assert/strict';
import { chmodSync, cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { affiant, projectRoot } from './run-cli.ts';

const machine = join(projectRoot, 'test', 'fixtures', 'machines', 'debian-12');

describe('the command line', function () {
  this.timeout(60_000);
  let folder: string;
  let state: string;

  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'affiant-cli-'));
    state = join(folder, 'state');
  });

  after(() => {
    rmSync(folder, { recursive: true });
  });

  it('refuses a command, an option and an argument that it does not know, with 2 and the remedy', () => {
    const used = join(folder, 'used');
    assert.equal(affiant(['key', 'show', '--state', used]).code, 0);
    for (const args of [
      ['colect'],
      ['collect', '--fast'],
      ['collect', 'extra'],
      ['collect', '--only', 'nothing'],
      ['verify'],
      ['collect', '--format', 'xml'],
      ['post', '--endpoint', 'ftp://x', '--state', used],
      ['post', '--endpoint', 'http://example.org', '--state', used],
    ]) {
      const { code, out, err } = affiant(args);
      assert.equal(code, 2, `${args.join(' ')}: ${err}`);
      assert.equal(out, '');
      assert.match(err, /^affiant: .+\n {2}remedy: /);
    }
  });

  it('replays a recorded machine as JSON, signs it with a throw-away key and keeps nothing', () => {
    const { code, out, err } = affiant([
      'collect',
      '--host',
      `replay:${machine}`,
      '--format',
      'json',
      '--state',
      state,
    ]);
    assert.equal(code, 0, err);
    const result = JSON.parse(out);
    assert.equal(result.mode, 'replay');
    assert.equal(result.pack, null);
    assert.equal(result.documents.host.os.value.id, 'debian');
    assert.deepEqual(
      Object.keys(result.documents).filter((name) => !name.includes('/')),
      ['admins', 'edr', 'host', 'mfa', 'packages', 'updates'],
    );
    assert.throws(() => readdirSync(state), /ENOENT/);
  });

  it('refuses a replay folder with a missing file, naming it, before anything runs', () => {
    const broken = join(folder, 'broken');
    mkdirSync(broken);
    writeFileSync(
      join(broken, 'host.json'),
      JSON.stringify({
        format: 'affiant-recording/1',
        os: 'linux',
        files: { '/etc/os-release': { file: 'gone.txt' } },
      }),
    );
    const { code, err } = affiant(['collect', '--host', `replay:${broken}`]);
    assert.equal(code, 5);
    assert.match(err, /gone\.txt/);
    assert.match(affiant(['collect', '--host', `replay:${folder}/nowhere`]).err, /nowhere/);
  });

  it('refuses a strict recording that lacks what is asked for, naming it, and signs nothing', () => {
    const strict = join(folder, 'strict');
    mkdirSync(strict);
    writeFileSync(
      join(strict, 'host.json'),
      JSON.stringify({ format: 'affiant-recording/1', os: 'linux', strict: true, files: {} }),
    );
    const { code, out, err } = affiant(['collect', '--host', `replay:${strict}`]);
    assert.equal(code, 5, err);
    assert.equal(out, '');
    assert.match(err, /strict: the strict recording has nothing in .+\n {2}remedy: /);
  });

  it('takes a Windows recording of two members: nothing is recorded, and nothing reads as seen', () => {
    const windows = join(folder, 'windows');
    mkdirSync(windows);
    writeFileSync(
      join(windows, 'host.json'),
      JSON.stringify({ format: 'affiant-recording/1', os: 'windows', commands: [], files: {} }),
    );
    const { code, out } = affiant(['collect', '--host', `replay:${windows}`]);
    assert.equal(code, 0);
    assert.match(out, /What was found\n {2}nothing\n/);
    assert.match(out, /What could not be seen\n {2}host\.hostname +the recording does not have it/);
    assert.doesNotMatch(out, /\b(?:in order|yes) {2,}pass/i);
  });

  it('does not count what --only left out as not seen', () => {
    const only = join(folder, 'only');
    mkdirSync(only);
    const text = 'root:x:0:0::/root:/bin/sh\n';
    writeFileSync(
      join(only, 'host.json'),
      JSON.stringify({ format: 'affiant-recording/1', os: 'linux', files: { '/etc/passwd': { text } } }),
    );
    const { code } = affiant(['collect', '--only', 'host', '--strict', '--host', `replay:${machine}`]);
    assert.equal(code, 0);
    assert.equal(affiant(['collect', '--only', 'admins', '--strict', '--host', `replay:${only}`]).code, 3);
  });

  it('collects with 3 where parts were not seen and --strict asks for all', () => {
    const partial = join(folder, 'partial');
    mkdirSync(partial);
    writeFileSync(
      join(partial, 'host.json'),
      JSON.stringify({
        format: 'affiant-recording/1',
        os: 'linux',
        files: { '/etc/os-release': { text: 'ID=debian\n' } },
      }),
    );
    assert.equal(affiant(['collect', '--strict', '--host', `replay:${partial}`]).code, 3);
    assert.equal(affiant(['collect', '--host', `replay:${partial}`]).code, 0);
  });

  it('writes a pack that show and unpack read and that only its own key verifies', () => {
    const pack = join(folder, 'replay.pack.json');
    assert.equal(affiant(['collect', '--host', `replay:${machine}`, '--out', pack]).code, 0);
    assert.match(affiant(['show', pack]).out, /NOT VERIFIED/);
    const unpacked = join(folder, 'unpacked');
    assert.equal(affiant(['unpack', pack, unpacked]).code, 0);
    assert.ok(readdirSync(unpacked).includes('bundle.sigstore.json'));
    assert.equal(affiant(['unpack', pack, unpacked]).code, 2, 'a folder with something in it is not written to');
    const key = join(folder, 'own.pem');
    writeFileSync(key, affiant(['key', 'show', '--state', state]).out);
    const { code, out } = affiant(['verify', pack, '--key', key]);
    assert.equal(code, 1);
    assert.match(out, /^FAILED .*key/);
    assert.equal(
      affiant(['collect', '--host', `replay:${machine}`, '--out', pack]).code,
      5,
      'a file that stands there is not replaced',
    );
  });

  it('refuses a state folder that others can write, and says how to mend it', () => {
    const open = join(folder, 'open');
    mkdirSync(open);
    chmodSync(open, 0o777);
    const { code, err } = affiant(['key', 'show', '--state', open]);
    assert.equal(code, 5);
    assert.match(err, /remedy: .*chmod/);
    assert.deepEqual(readdirSync(open), []);
  });

  it('says beside the key whose it is and that it was made just now', () => {
    const fresh = join(folder, 'fresh-key');
    const first = affiant(['key', 'show', '--state', fresh]);
    assert.match(first.err, /of the state folder .*fresh-key, made just now\n$/);
    const again = affiant(['key', 'show', '--state', fresh]);
    assert.match(again.err, /fresh-key\n$/);
    assert.equal(again.out, first.out);
  });

  it('doctor says whether the state folder can be used, and makes none', () => {
    const open = join(folder, 'doctor-open');
    mkdirSync(open);
    chmodSync(open, 0o777);
    assert.match(affiant(['doctor', '--state', open]).out, /NOT USABLE: others can write to /);
    const nowhere = join(folder, 'doctor-nowhere');
    assert.match(affiant(['doctor', '--state', nowhere]).out, /not there yet/);
    assert.throws(() => readdirSync(nowhere), /ENOENT/);
  });

  it('refuses to serve from a folder that others can write: they could put another log key in it', () => {
    const key = join(folder, 'trusted.pem');
    writeFileSync(key, affiant(['key', 'show', '--state', state]).out);
    for (const open of [join(folder, 'endpoint-open'), join(folder, 'endpoint-inside', 'endpoint')]) {
      mkdirSync(open, { recursive: true });
      chmodSync(open, 0o777);
      const at = open.endsWith('/endpoint') ? join(open, '..') : open;
      const { code, out, err } = affiant(['serve', '--trust-key', key, '--state', at, '--listen', '127.0.0.1:0']);
      assert.equal(code, 5, err);
      assert.equal(out, '');
      assert.match(err, /others can write.*\n {2}remedy: .*chmod/);
      assert.ok(!readdirSync(open).includes('log-key.pem'));
    }
  });

  it('says file, line and expectation for a configuration that cannot be used', () => {
    const config = join(folder, 'affiant.yaml');
    writeFileSync(config, 'spool:\n  maxByte: 1\n', { mode: 0o600 });
    const { code, err } = affiant(['collect', '--config', config, '--state', state]);
    assert.equal(code, 2);
    assert.match(err, /affiant\.yaml, line 2: spool\.maxByte is not a setting/);
  });

  it('lists every command that may be run, and nothing in it writes', () => {
    const list = JSON.parse(affiant(['commands', '--format', 'json']).out) as { line: string; reason: string }[];
    assert.ok(list.length > 3);
    for (const { line, reason } of list) {
      // A shell's own echo asks a Windows over SSH where its system folder is: no program has a path before that.
      assert.match(line, /^(?:\/|node |[A-Z]:\\|%System(?:Root|32)%\\|echo MARK )/, line);
      assert.notEqual(reason, '');
      // -s simulates and changes nothing (apt-get(8)).
      const asked = line.replace(/^(\/usr\/bin\/apt-get -s .*) dist-upgrade$/, '$1');
      assert.doesNotMatch(
        asked,
        /(?<!check-)\b(?:install|remove|upgrade|set|restart|stop|start|clean|purge)\b(?!.*starts)/,
        line,
      );
    }
  });

  describe('on a machine full of hostile strings', () => {
    const hostile = [
      '\u001b[2J\u001b[31mroot',
      '\u202egpj.exe',
      '<script>alert(1)</script>',
      '=cmd|calc',
      'j\u0000x',
      '\u009b2J',
    ];
    let recording: string;

    before(() => {
      recording = join(folder, 'hostile');
      cpSync(machine, recording, { recursive: true });
      const file = join(recording, 'host.json');
      const host = JSON.parse(readFileSync(file, 'utf8'));
      host.strict = false;
      host.host.hostname = hostile[0];
      const passwd = [
        'root:x:0:0::/root:/bin/bash',
        ...hostile.map((name, at) => `${name}:x:0:${1000 + at}::/home/${name}:/bin/${name}`),
        '',
      ].join('\n');
      const bytes = Buffer.concat([
        Buffer.from(passwd),
        Buffer.from('j\xf6rg:x:1100:1100::/home/j\xf6rg:/bin/sh\n', 'latin1'),
      ]);
      host.files['/etc/passwd'] = { base64: bytes.toString('base64') };
      host.files['/etc/os-release'] = {
        text: `ID=debian\nVERSION_ID="12"\nPRETTY_NAME="${hostile[0]} ${hostile[1]}"\n`,
      };
      writeFileSync(file, JSON.stringify(host));
    });

    it('prints no character that a terminal obeys, in any form of output', () => {
      const pack = join(folder, 'hostile.pack.json');
      const outputs = [
        affiant(['collect', '--host', `replay:${recording}`, '--out', pack]),
        affiant(['collect', '--host', `replay:${recording}`, '--format', 'json']),
        affiant(['show', pack]),
        affiant(['show', pack, '--format', 'json']),
      ];
      for (const { code, out, err } of outputs) {
        assert.equal(code, 0, err);
        assert.doesNotMatch((out + err).replaceAll('\n', ''), /[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]/u);
      }
    });

    it('keeps a name that is not UTF-8 byte by byte', () => {
      const { out } = affiant(['collect', '--host', `replay:${recording}`, '--format', 'json']);
      const accounts = JSON.parse(out).documents.admins.accounts;
      if (accounts.status !== 'observed') assert.fail(JSON.stringify(accounts));
      const names = accounts.value.map(({ name }: { name: unknown }) => name);
      assert.ok(
        names.some(
          (name: unknown) =>
            JSON.stringify(name) === JSON.stringify({ bytes: Buffer.from('j\xf6rg', 'latin1').toString('base64') }),
        ),
      );
    });
  });
});
