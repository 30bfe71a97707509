import assert from 'node:assert/strict';
import { createLogKeyPem, logSignerFromPem, logVerifierFromKey, openCheckpoint } from '../../evidence/checkpoint.ts';
import { sha256 } from '../../evidence/digest.ts';
import { parseNote } from '../../evidence/signed-note.ts';
import { createPrivateKeyPem } from '../../evidence/signing-key.ts';
import { codeOf, sampleLog, valueOf } from './sample.ts';

const root = sha256(Buffer.from('root'));

describe('signed notes', () => {
  // https://c2sp.org/signed-note, "Example" under "Verifier keys".
  const exampleKey = 'example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k';
  const exampleNote =
    'This is an example message.\n\n— example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n';

  it('verifies the example of the specification', () => {
    const verifier = valueOf(logVerifierFromKey(exampleKey));
    const note = parseNote(exampleNote);
    const [line] = note?.signatures ?? [];
    assert.ok(note !== undefined && line !== undefined);
    assert.equal(note.text, 'This is an example message.\n');
    assert.equal(line.name, 'example.com/foo');
    assert.deepEqual(Buffer.from(line.signature.subarray(0, 4)), Buffer.from(verifier.keyHash));
    assert.ok(verifier.isSigned(note.text, line.signature.subarray(4)));
    assert.ok(!verifier.isSigned('This is another message.\n', line.signature.subarray(4)));
  });

  it('takes no note without three lines for a checkpoint, however well it is signed', () => {
    assert.equal(codeOf(openCheckpoint(exampleNote, valueOf(logVerifierFromKey(exampleKey)))), 'checkpoint-invalid');
  });

  const wrongKeys: readonly (readonly [string, string])[] = [
    ['another hash', exampleKey.replace('530d903a', '530d903b')],
    ['another name', exampleKey.replace('foo', 'bar')],
    ['another type of key', exampleKey.replace('+Aeky', '+Auky')],
    ['a hash in capitals', exampleKey.replace('530d903a', '530D903A')],
    ['a byte less', exampleKey.replace('3U2k', '')],
    ['base64 that is not canonical', `${exampleKey}=`],
    ['a line feed', `${exampleKey}\n`],
    ['no name', exampleKey.replace('example.com/foo', '')],
  ];
  for (const [what, line] of wrongKeys)
    it(`refuses a verifier line with ${what}`, () => {
      assert.equal(codeOf(logVerifierFromKey(line)), 'log-key-invalid');
    });
});

describe('checkpoints', () => {
  const { signer, verifier } = sampleLog();
  const note = signer.signCheckpoint(12034, root);

  it('says origin, size and root in three lines, as the specification has it', () => {
    assert.equal(note.split('\n\n')[0], `log.affiant.example\n12034\n${Buffer.from(root).toString('base64')}`);
    const opened = valueOf(openCheckpoint(note, verifier));
    assert.deepEqual(
      { ...opened, root: Buffer.from(opened.root) },
      { origin: 'log.affiant.example', size: 12034, root: Buffer.from(root) },
    );
  });

  it('holds no more memory of a root than its 32 bytes, since readers keep thousands', () => {
    assert.equal(valueOf(openCheckpoint(note, verifier)).root.buffer.byteLength, 32);
  });

  it('of the same tree is the same note, so that nobody can be shown two', () => {
    assert.equal(signer.signCheckpoint(12034, root), note);
  });

  it('is refused with any byte changed', () => {
    const bytes = Buffer.from(note);
    for (const at of bytes.keys())
      for (const bit of [1, 0x20]) {
        const changed = Buffer.from(bytes);
        changed[at] = (changed[at] ?? 0) ^ bit;
        assert.ok(!openCheckpoint(changed.toString('utf8'), verifier).ok, `byte ${at}`);
      }
  });

  it('is refused from another log, and from another key of the same name', () => {
    assert.equal(codeOf(openCheckpoint(note, sampleLog('other.example').verifier)), 'checkpoint-unsigned');
    assert.equal(codeOf(openCheckpoint(note, sampleLog().verifier)), 'checkpoint-unsigned');
  });

  it('passes over signatures of keys that nobody asked about, as signed notes demand', () => {
    const [, other = ''] = sampleLog('witness.example').signer.signCheckpoint(12034, root).split('\n\n');
    assert.equal(valueOf(openCheckpoint(note + other, verifier)).size, 12034);
    assert.equal(valueOf(openCheckpoint(note.replace('\n\n', `\n\n${other}`), verifier)).size, 12034);
  });

  it('is refused whole when one of two lines under its own key is wrong', () => {
    const [, other = ''] = signer.signCheckpoint(12035, root).split('\n\n');
    assert.equal(codeOf(openCheckpoint(note + other, verifier)), 'checkpoint-unsigned');
  });

  it('is refused as a note without its form', () => {
    const wrong = [
      '',
      '\n\n',
      note.trimEnd(),
      note.replace('\n\n', '\n'),
      note.replace('— ', '- '),
      note.replaceAll('\n', '\r\n'),
      `${note}\n`,
      `${note}x\n`,
      note.replace('\n\n', '\n\n\u0000'),
    ];
    for (const text of wrong) assert.equal(codeOf(openCheckpoint(text, verifier)), 'note-invalid');
  });

  it('is refused with a size that is no canonical number, although signed by the log', () => {
    const base64 = Buffer.from(root).toString('base64');
    for (const lines of ['01', '-1', '1.0', '1e3', '', '9007199254740992', '١']
      .map((size) => `${size}\n${base64}\n`)
      .concat([`1\n${base64}`.slice(0, -1) + '\n', `1\n${base64}\n\n`, '1\n']))
      assert.equal(
        codeOf(openCheckpoint(signedByTheLog(`log.affiant.example\n${lines}`), verifier)),
        'checkpoint-invalid',
        JSON.stringify(lines),
      );
    assert.equal(
      valueOf(openCheckpoint(signedByTheLog(`log.affiant.example\n1\n${base64}\nextension\n`), verifier)).size,
      1,
    );
  });

  /** A note over any text, signed like a checkpoint. */
  function signedByTheLog(text: string): string {
    const line = Buffer.concat([verifier.keyHash, signer.signText(text)]).toString('base64');
    return `${text}\n— log.affiant.example ${line}\n`;
  }

  it('is not signed for a log with a name that a note cannot hold', () => {
    for (const origin of ['', 'a b', 'a+b', 'a\nb', 'a\u00a0b'])
      assert.equal(codeOf(logSignerFromPem(createLogKeyPem(), origin)), 'log-origin-invalid');
  });

  it('is not signed with a key of another kind, and the refusal does not quote it', () => {
    const pem = createPrivateKeyPem();
    const result = logSignerFromPem(pem, 'log.example');
    assert.equal(codeOf(result), 'key-unreadable');
    assert.ok(!JSON.stringify(result).includes(pem.split('\n')[1] ?? 'x'));
  });

  it('is not signed over what is no tree', () => {
    assert.throws(() => signer.signCheckpoint(-1, root), RangeError);
    assert.throws(() => signer.signCheckpoint(1.5, root), RangeError);
    assert.throws(() => signer.signCheckpoint(1, root.subarray(1)), RangeError);
  });
});
