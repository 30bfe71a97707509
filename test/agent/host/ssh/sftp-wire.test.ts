/** SFTP version 3 byte by byte (draft-ietf-secsh-filexfer-02): what is asked, and what of an answer is believed. */
import assert from 'node:assert/strict';
import {
  initPacket,
  isVersion3,
  parseReply,
  type Request,
  requestPacket,
} from '../../../../agent/host/ssh/sftp-wire.ts';

const bytes = (text: string): Uint8Array => Buffer.from(text, 'latin1');
const uint32 = (value: number): Buffer => {
  const made = Buffer.alloc(4);
  made.writeUInt32BE(value);
  return made;
};
const text = (word: string): Buffer => Buffer.concat([uint32(word.length), bytes(word)]);
const reply = (type: number, ...parts: readonly Uint8Array[]): Buffer =>
  Buffer.concat([Buffer.of(type), uint32(7), ...parts]);
/** SSH_FILEXFER_ATTR_SIZE, UIDGID, PERMISSIONS, ACMODTIME, EXTENDED (section 5). */
const flags = { size: 1, owner: 2, mode: 4, times: 8, extended: 0x80000000 };
const size = Buffer.of(0, 0, 0, 1, 0, 0, 0, 0);

describe('what is asked of an SFTP server', () => {
  it('is written as the draft lays it out, with a path of any bytes', () => {
    assert.equal(Buffer.from(initPacket()).toString('hex'), '000000050100000003');
    const cases: readonly (readonly [Request, string])[] = [
      // SSH_FXF_READ, and no attributes.
      [{ kind: 'open', path: Buffer.of(0x2f, 0xff) }, '00000013 03 00000007 00000002 2fff 00000001 00000000'],
      [{ kind: 'opendir', path: bytes('/') }, '0000000a 0b 00000007 00000001 2f'],
      [{ kind: 'stat', path: bytes('/') }, '0000000a 11 00000007 00000001 2f'],
      [{ kind: 'lstat', path: bytes('/') }, '0000000a 07 00000007 00000001 2f'],
      [{ kind: 'readlink', path: bytes('/') }, '0000000a 13 00000007 00000001 2f'],
      [{ kind: 'close', handle: bytes('h') }, '0000000a 04 00000007 00000001 68'],
      [{ kind: 'readdir', handle: bytes('h') }, '0000000a 0c 00000007 00000001 68'],
      [{ kind: 'fstat', handle: bytes('h') }, '0000000a 08 00000007 00000001 68'],
      // Past 4 GiB: the offset has 64 bits.
      [
        { kind: 'read', handle: bytes('h'), offset: 2 ** 32 + 5, length: 65_536 },
        '00000016 05 00000007 00000001 68 0000000100000005 00010000',
      ],
    ];
    for (const [request, expected] of cases)
      assert.equal(Buffer.from(requestPacket(7, request)).toString('hex'), expected.replaceAll(' ', ''), request.kind);
  });
});

describe('an answer of an SFTP server', () => {
  it('is version 3 or none that we speak', () => {
    assert.ok(isVersion3(Buffer.concat([Buffer.of(2), uint32(3), text('posix-rename@openssh.com'), text('1')])));
    for (const other of [Buffer.of(2, 0, 0, 0), Buffer.concat([Buffer.of(2), uint32(4)]), reply(101, uint32(3))])
      assert.ok(!isVersion3(other));
  });

  it('is a status by number, and one that nobody knows is no success', () => {
    for (const [code, status] of [
      [0, 'ok'],
      [1, 'end'],
      [2, 'no-such-file'],
      [3, 'permission-denied'],
      [4, 'failure'],
      [5, 'bad-message'],
      [8, 'unsupported'],
      [99, 'unknown-status'],
    ] as const)
      assert.deepEqual(parseReply(reply(101, uint32(code), text('in any language'), text('en'))), {
        id: 7,
        reply: { kind: 'status', status },
      });
  });

  it('is a handle, data, or names with whatever stands between them', () => {
    assert.deepEqual(parseReply(reply(102, text('h'))), { id: 7, reply: { kind: 'handle', handle: bytes('h') } });
    assert.deepEqual(parseReply(reply(103, text('abc'))), { id: 7, reply: { kind: 'data', data: bytes('abc') } });
    const entry = (name: string, ...attributes: readonly Uint8Array[]): Buffer =>
      Buffer.concat([text(name), text(`-rw-r--r-- 1 0 0 ${name}`), ...attributes]);
    const names = reply(
      104,
      uint32(2),
      entry('a', uint32(flags.size), size),
      entry('\xff', uint32(flags.extended), uint32(1), text('x@y'), text('z')),
    );
    assert.deepEqual(parseReply(names), { id: 7, reply: { kind: 'names', names: [bytes('a'), bytes('\xff')] } });
  });

  it('is attributes, each there or not', () => {
    const all = [size, uint32(1000), uint32(1001), uint32(0o100644), uint32(1), uint32(0xffffffff)];
    const every = flags.size + flags.owner + flags.mode + flags.times;
    assert.deepEqual(parseReply(reply(105, uint32(every), ...all))?.reply, {
      kind: 'attributes',
      attributes: { size: 4_294_967_296n, uid: 1000, gid: 1001, mode: 0o100644, mtime: 0xffffffff },
    });
    assert.deepEqual(parseReply(reply(105, uint32(0)))?.reply, { kind: 'attributes', attributes: {} });
    assert.deepEqual(parseReply(reply(105, uint32(flags.times), uint32(1), uint32(2)))?.reply, {
      kind: 'attributes',
      attributes: { mtime: 2 },
    });
  });

  it('is nothing where it ends too early, at whichever byte, or is of a kind that we never ask for', () => {
    const whole = reply(104, uint32(1), text('name'), text('long'), uint32(flags.size), size);
    assert.notEqual(parseReply(whole), undefined);
    for (let length = 0; length < whole.length; length += 1)
      assert.equal(parseReply(whole.subarray(0, length)), undefined, `${length} bytes`);
    // A count that promises what never comes must not be waited for, nor paid with memory.
    assert.equal(parseReply(reply(104, uint32(0xffffffff))), undefined);
    assert.equal(parseReply(reply(103, uint32(0xffffffff))), undefined);
    assert.equal(parseReply(reply(201, uint32(0))), undefined);
  });
});
