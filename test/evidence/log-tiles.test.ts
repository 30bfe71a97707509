import assert from 'node:assert/strict';
import {
  decodeEntries,
  encodeEntries,
  nodesFromTiles,
  parseTilePath,
  tileHashesOf,
  tilePath,
} from '../../evidence/log-tiles.ts';
import { consistencyProofAt, inclusionProofAt, leafHash, memoryNodes, rootAt } from '../../evidence/merkle.ts';

describe('the tiles of a log', () => {
  it('have the addresses of C2SP tlog-tiles, each in one form', () => {
    const known: [string, Parameters<typeof tilePath>[0]][] = [
      ['0/000', { of: 'hashes', level: 0, index: 0, width: 256 }],
      ['0/067.p/9', { of: 'hashes', level: 0, index: 67, width: 9 }],
      ['1/x001/x234/067', { of: 'hashes', level: 1, index: 1_234_067, width: 256 }],
      ['entries/x123/456.p/255', { of: 'entries', level: 0, index: 123_456, width: 255 }],
    ];
    for (const [path, address] of known) {
      assert.equal(tilePath(address), path);
      assert.deepEqual(parseTilePath(path), address);
    }
  });

  it('have no other addresses', () => {
    for (const path of [
      '',
      '0',
      '0/',
      '0/00',
      '0/0000',
      '00/000',
      '-1/000',
      '64/000',
      '0/x000/000',
      '0/x001',
      '0/001/002',
      '0/000.p/0',
      '0/000.p/256',
      '0/000.p/01',
      '0/000.p/',
      'entries/0',
      'entries/000.p/300',
      'data/000',
      '0/000/..',
      '0/%30%30%30',
      '0/x999/x999/x999/x999/x999/x999/999',
    ])
      assert.equal(parseTilePath(path), undefined, path);
  });

  it('hold entries behind their length, and nothing that is cut or doubled is read', () => {
    const entries = [Buffer.from(''), Buffer.from('one'), Buffer.alloc(65_535, 7)];
    const bytes = encodeEntries(entries);
    assert.deepEqual(
      decodeEntries(bytes, 3)?.map((entry) => Buffer.from(entry)),
      entries,
    );
    assert.equal(decodeEntries(bytes, 2), undefined);
    assert.equal(decodeEntries(bytes.subarray(0, -1), 3), undefined);
    assert.equal(decodeEntries(Buffer.concat([bytes, Buffer.of(0)]), 3), undefined);
    assert.throws(() => encodeEntries([Buffer.alloc(65_536)]), RangeError);
    assert.equal(tileHashesOf(Buffer.alloc(33), 1), undefined);
  });

  it('make every node that proofs need, over the edges of tiles', () => {
    const leaves = Array.from({ length: 66_000 }, (_, index) => leafHash(Buffer.from(`leaf ${index}`)));
    const whole = memoryNodes(leaves);
    const tiled = (size: number): ReturnType<typeof nodesFromTiles> =>
      nodesFromTiles((level, index) => {
        const width = 256 ** level;
        const full = Math.floor(size / width);
        const from = index * 256;
        return Array.from({ length: Math.max(0, Math.min(256, full - from)) }, (_, at) =>
          whole.get(level * 8, from + at),
        );
      });
    for (const size of [1, 2, 255, 256, 257, 511, 512, 513, 65_535, 65_536, 65_537, 66_000]) {
      assert.deepEqual(rootAt(size, tiled(size)), rootAt(size, whole), String(size));
      for (const index of [0, 1, 255, 256, 257, 65_535, size - 1].filter((index) => index < size))
        assert.deepEqual(inclusionProofAt(index, size, tiled(size)), inclusionProofAt(index, size, whole));
      for (const first of [1, 2, 255, 256, 257, 511, 65_536, size].filter((first) => first <= size))
        assert.deepEqual(consistencyProofAt(first, size, tiled(size)), consistencyProofAt(first, size, whole));
    }
    assert.throws(() => tiled(256).get(0, 256), RangeError);
  }).timeout(20_000);
});
