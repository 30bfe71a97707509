import assert from 'node:assert/strict';
import { readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { diskFiles } from '../../../agent/spool/disk-files.ts';
import { moveDurably, writeDurably } from '../../../agent/spool/durable.ts';
import { attempt } from '../../../agent/spool/fault.ts';
import { refusalOf, scratchFolder } from './bundles.ts';
import { type Disk, memoryDisk } from './memory-files.ts';

function traced(): { disk: Disk; calls: string[] } {
  const disk = memoryDisk();
  disk.makeFolder('/a', 0o700);
  disk.makeFolder('/b', 0o700);
  const calls: string[] = [];
  disk.before = (operation, path): void => {
    calls.push(`${operation} ${path.replace(/\.[0-9]+-[0-9]+\.tmp$/, '.tmp')}`);
  };
  return { disk, calls };
}

describe('durable writing', () => {
  let folder: string;
  beforeEach(() => {
    folder = scratchFolder();
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  it('flushes the content before the name, and the name before it answers', () => {
    const { disk, calls } = traced();
    writeDurably(disk, '/a/file', Buffer.from('content'));
    const temporary = '/a/.file.tmp';
    assert.deepEqual(calls, [
      `create ${temporary}`,
      `write ${temporary}`,
      `fsync ${temporary}`,
      'rename /a/file',
      'fsync /a',
    ]);
  });

  it('never replaces a file where it was told to refuse, and leaves nothing else behind', () => {
    const path = join(folder, 'key.pem');
    writeDurably(diskFiles, path, Buffer.from('first'), 'refuse');
    assert.throws(() => writeDurably(diskFiles, path, Buffer.from('second'), 'refuse'), { code: 'EEXIST' });
    assert.equal(readFileSync(path, 'utf8'), 'first');
    assert.deepEqual(readdirSync(folder), ['key.pem']);
    assert.equal(statSync(path).mode & 0o777, 0o600);
  });

  it('replaces a file as a whole', () => {
    const path = join(folder, 'chain.json');
    writeDurably(diskFiles, path, Buffer.from('a longer first content'));
    writeDurably(diskFiles, path, Buffer.from('second'));
    assert.equal(readFileSync(path, 'utf8'), 'second');
    assert.deepEqual(readdirSync(folder), ['chain.json']);
  });

  it('makes the new name durable before it takes the old one away when it moves', () => {
    const { disk, calls } = traced();
    writeDurably(disk, '/a/file', Buffer.from('content'));
    calls.length = 0;
    moveDurably(disk, '/a/file', '/b/file');
    assert.deepEqual(calls, ['link /b/file', 'fsync /b', 'unlink /a/file', 'fsync /a']);
  });

  it('ends a move that a crash cut off after the new name', () => {
    const { disk } = traced();
    writeDurably(disk, '/a/file', Buffer.from('content'));
    disk.link('/a/file', '/b/file');
    moveDurably(disk, '/a/file', '/b/file');
    assert.deepEqual([...disk.contents().keys()], ['/b/file']);
  });

  it('does not read through a symbolic link, nor wait at a pipe', () => {
    writeFileSync(join(folder, 'real'), 'x');
    symlinkSync(join(folder, 'real'), join(folder, 'link'));
    assert.throws(() => diskFiles.read(join(folder, 'link')), { code: 'ELOOP' });
    assert.throws(() => diskFiles.read(folder), { code: 'EINVAL' });
    assert.equal(diskFiles.read(join(folder, 'nothing')), undefined);
  });

  for (const [code, expected] of [
    ['ENOSPC', 'disk-full'],
    ['EDQUOT', 'disk-full'],
    ['EIO', 'disk-error'],
    ['EROFS', 'read-only'],
    ['EACCES', 'not-permitted'],
    ['EMFILE', 'state-unusable'],
  ] as const)
    it(`names the file and the remedy on ${code}, and removes its temporary file`, () => {
      const { disk } = traced();
      disk.before = (operation): void => {
        if (operation === 'write') throw Object.assign(new Error(code), { code });
      };
      const refusal = refusalOf(attempt('/a', () => writeDurably(disk, '/a/file', Buffer.from('content'))));
      assert.equal(refusal.code, expected);
      assert.match(refusal.message, /\/a\/file/);
      assert.match(refusal.remedy ?? '', /--state DIR/);
      assert.deepEqual([...disk.contents().keys()], []);
    });

  it('passes on an error that is the program’s own', () => {
    assert.throws(
      () =>
        attempt('/a', () => {
          throw new TypeError('a bug');
        }),
      TypeError,
    );
  });
});
