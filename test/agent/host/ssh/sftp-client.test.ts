/** What goes over the wire to an SFTP server: how many writes, in which order, and what comes of an end in between. */
import assert from 'node:assert/strict';
import { Duplex } from 'node:stream';
import { openSftp, type SftpClient, SftpEnded } from '../../../../agent/host/ssh/sftp-client.ts';
import { encodeText } from '../../../../collectors/text.ts';

const stat = (path: string) => ({ kind: 'stat', path: encodeText(path) }) as const;

/** A server that keeps what is written to it, and answers what it is told to. */
function server(): { stream: Duplex; writes: Buffer[]; say: (packet: Buffer) => void } {
  const writes: Buffer[] = [];
  const stream = new Duplex({
    read() {},
    write(chunk: Buffer, _encoding, done) {
      writes.push(chunk);
      done();
    },
  });
  return { stream, writes, say: (packet) => stream.push(packet) };
}

function packet(...parts: readonly (readonly number[])[]): Buffer {
  const body = Buffer.from(parts.flat());
  const length = Buffer.alloc(4);
  length.writeUInt32BE(body.length);
  return Buffer.concat([length, body]);
}
const uint32 = (value: number): number[] => [0, 0, 0, value];
/** SSH_FXP_VERSION 3, and SSH_FXP_STATUS (draft-ietf-secsh-filexfer-02, sections 4 and 7). */
const version = packet([2], uint32(3));
const status = (id: number, code: number): Buffer => packet([101], uint32(id), uint32(code), uint32(0), uint32(0));

async function opened(): Promise<ReturnType<typeof server> & { client: SftpClient }> {
  const made = server();
  const opening = openSftp(made.stream, Buffer.alloc(0));
  made.say(version);
  const client = await opening;
  made.writes.length = 0;
  return { ...made, client };
}

/** The request ids in one write, in their order. */
function idsIn(bytes: Buffer): number[] {
  const ids: number[] = [];
  for (let at = 0; at < bytes.length; at += 4 + bytes.readUInt32BE(at)) ids.push(bytes.readUInt32BE(at + 5));
  return ids;
}

const turn = (): Promise<void> => new Promise((done) => setImmediate(done));

describe('an SFTP client', () => {
  it('writes what is asked in one turn once, whole and in order, and the next turn by itself', async () => {
    const { client, writes, say } = await opened();
    const asked = ['/a', '/b', '/c'].map((path) => client.ask(stat(path)));
    // Also what an answer to something else led to in the same turn.
    void Promise.resolve().then(() => asked.push(client.ask(stat('/d'))));
    await turn();
    assert.deepEqual(writes.map(idsIn), [[1, 2, 3, 4]]);
    asked.push(client.ask(stat('/e')));
    await turn();
    assert.deepEqual(writes.map(idsIn), [[1, 2, 3, 4], [5]]);
    say(Buffer.concat([status(2, 3), status(1, 2), status(5, 2), status(4, 2), status(3, 4)]));
    const replies = await Promise.all(asked);
    assert.deepEqual(
      replies.map((reply) => (reply.kind === 'status' ? reply.status : reply.kind)),
      ['no-such-file', 'permission-denied', 'failure', 'no-such-file', 'no-such-file'],
    );
  });

  it('writes nothing to a server that ended before the turn was over, and says so of every request', async () => {
    const { client, writes } = await opened();
    const asked = [client.ask(stat('/a')), client.ask(stat('/b'))];
    client.close('stuck');
    const ends = await Promise.allSettled(asked);
    await turn();
    assert.deepEqual(writes, []);
    assert.deepEqual(
      ends.map((end) => (end.status === 'rejected' && end.reason instanceof SftpEnded ? end.reason.reason : end)),
      ['stuck', 'stuck'],
    );
  });
});
