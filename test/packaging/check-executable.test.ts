import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { builtFor, hasProgram } from '../../packaging/build/check-executable.ts';
import { peHeader, withoutSignature } from '../../packaging/build/portable-executable.ts';

/** The smallest file that passes for a Windows program: both headers, then `body`, then a signature. */
function windowsProgram(body: string, signature: string): Buffer {
  const file = Buffer.alloc(0x200);
  file.write('MZ', 0, 'latin1');
  file.writeUInt32LE(0x40, 0x3c);
  file.write('PE\0\0', 0x40, 'latin1');
  file.writeUInt16LE(0x8664, 0x44);
  file.writeUInt16LE(0x20b, 0x58);
  const whole = Buffer.concat([file, Buffer.from(body)]);
  if (signature === '') return whole;
  whole.writeUInt32LE(whole.length, 0x58 + 144);
  whole.writeUInt32LE(signature.length, 0x58 + 148);
  return Buffer.concat([whole, Buffer.from(signature)]);
}

describe('what is said of an executable without running it', () => {
  it('calls the runtime of this project a plain Node: a failed injection must not pass', () => {
    const plain = readFileSync(process.execPath);
    assert.equal(hasProgram(plain), false);
    assert.equal(builtFor(plain), `${process.platform === 'win32' ? 'win' : 'linux'}-${process.arch}`);
  });

  it('sees a program where the mark of the injection is set, and none where there is no mark', () => {
    const mark = ['NODE_SEA', 'FUSE_fce680ab2cc467b6e072b8b5df1996b2'].join('_');
    assert.equal(hasProgram(Buffer.from(`…${mark}:1…`)), true);
    assert.equal(hasProgram(Buffer.from(`…${mark}:0…`)), false);
    assert.equal(hasProgram(Buffer.from('…')), false);
  });

  it('names the machine by the header, not by the name of the file', () => {
    const elf = (machine: number): Buffer => {
      const file = Buffer.alloc(64);
      file.set([0x7f, 0x45, 0x4c, 0x46, 2, 1]);
      file.writeUInt16LE(machine, 18);
      return file;
    };
    assert.equal(builtFor(elf(62)), 'linux-x64');
    assert.equal(builtFor(elf(183)), 'linux-arm64');
    assert.equal(builtFor(elf(8)), undefined);
    assert.equal(builtFor(windowsProgram('', '')), 'win-x64');
    assert.equal(builtFor(Buffer.from('#!/bin/sh\n')), undefined);
  });

  it('takes off a signature of Windows, and nothing else', () => {
    const signed = windowsProgram('code', 'signature');
    const bare = withoutSignature(signed);
    assert.deepEqual(bare, windowsProgram('code', ''));
    assert.deepEqual(withoutSignature(bare), bare);
    assert.equal(peHeader(bare)?.machine, 0x8664);
  });

  it('refuses to cut a file whose signature does not end it', () => {
    const more = Buffer.concat([windowsProgram('code', 'signature'), Buffer.from('more')]);
    assert.throws(() => withoutSignature(more), /does not end/);
    assert.throws(() => withoutSignature(Buffer.from('no program')), /not a 64-bit Windows program/);
  });
});
