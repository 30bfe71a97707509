/**
 * What no endpoint can leave out, measured alone on one thread in CPU time: each step as the plainest code does it,
 * with nothing of ours around. The endpoint's own CPU time a bundle is held against the sum.
 */
import { createHash, verify } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { constants, zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import { canonicalText } from '../../evidence/canonical-json.ts';
import { preAuthEncoding } from '../../evidence/dsse.ts';
import { logSteps } from './floor-log.ts';
import { isValidPack } from './valid.ts';

export type Floor = { readonly steps: readonly (readonly [string, number])[]; readonly totalMs: number };

type Sent = { readonly wire: Uint8Array; readonly publicKey: import('node:crypto').KeyObject };

function cpuMs(work: () => void): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

/** CPU milliseconds a bundle, by step. */
export async function measureFloor(sent: readonly Sent[], receipt: string): Promise<Floor> {
  const folder = mkdtempSync(join(tmpdir(), 'affiant-floor-'));
  const raw = sent.map(({ wire }) => zstdDecompressSync(wire));
  const texts = raw.map((bytes) => bytes.toString('utf8'));
  const packs = raw.map((bytes) => JSON.parse(bytes.toString('utf8')) as Record<string, never>);
  const encodings = packs.map(
    ({ bundle }: { bundle?: { dsseEnvelope: { payload: string; signatures: { sig: string }[] } } }) => {
      const envelope = bundle?.dsseEnvelope;
      return {
        payload: Buffer.from(envelope?.payload ?? '', 'base64'),
        pae: preAuthEncoding('application/vnd.in-toto+json', Buffer.from(envelope?.payload ?? '', 'base64')),
        sig: Buffer.from(envelope?.signatures[0]?.sig ?? '', 'base64'),
      };
    },
  );
  const documents = packs.map(({ documents = {} }: { documents?: Record<string, object> }) =>
    Object.values(documents).map((document) => Buffer.from(canonicalText(document))),
  );
  const keys = sent.map(({ publicKey }) => publicKey);
  const steps: [string, number][] = [
    [
      'zstd out',
      cpuMs(() => sent.forEach(({ wire }, index) => zstdDecompressSync(wire, inOneChunk(raw[index] ?? Buffer.of())))),
    ],
    ['JSON.parse', cpuMs(() => raw.forEach((bytes) => JSON.parse(bytes.toString('utf8')) as unknown))],
    ['schema', cpuMs(() => packs.forEach((pack) => isValidPack(pack)))],
    ['canonical form', cpuMs(() => packs.forEach((pack, index) => isSame(JSON.stringify(pack), texts[index])))],
    ['SHA-256', cpuMs(() => raw.forEach((bytes) => createHash('sha256').update(bytes).digest()))],
    [
      'P-256 verify',
      cpuMs(() =>
        encodings.forEach(({ pae, sig }, index) =>
          verify('sha256', pae, { key: keys[index] ?? missingKey(), dsaEncoding: 'der' }, sig),
        ),
      ),
    ],
    [
      'zstd in',
      cpuMs(() =>
        documents.forEach((list) =>
          list.forEach((bytes) =>
            zstdCompressSync(bytes, { ...inOneChunk(bytes), params: { [constants.ZSTD_c_compressionLevel]: 3 } }),
          ),
        ),
      ),
    ],
    ...logSteps(encodings.map(({ payload }) => payload)),
    [
      'SQLite, 64 a flush',
      insertAll(
        folder,
        sent,
        documents.map((list) => list.map((bytes) => zstdCompressSync(bytes))),
        raw,
      ),
    ],
    ['HTTP both sides of node:http, halved', (await http(sent, receipt)) / 2],
  ];
  rmSync(folder, { recursive: true });
  const each = steps.map(([name, ms]) => [name, ms / sent.length] as const);
  return { steps: each, totalMs: each.reduce((sum, [, ms]) => sum + ms, 0) };
}

/** Node's own 16 KiB cost a 60 KB pack half of its time again. */
function inOneChunk({ length }: Uint8Array): { readonly chunkSize: number } {
  return { chunkSize: Math.max(length + 64, 1024) };
}

/** The engine writes canonical JSON where members are in order, so that no other writer is unavoidable. */
function isSame(text: string, sent: string | undefined): void {
  if (text !== sent) throw new Error('a pack is not in canonical form');
}

function missingKey(): never {
  throw new Error('a bundle has no key');
}

function insertAll(
  folder: string,
  sent: readonly Sent[],
  documents: readonly Uint8Array[][],
  raw: readonly Uint8Array[],
): number {
  const database = new DatabaseSync(join(folder, 'floor.db'));
  database.exec(
    'PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; CREATE TABLE bundle (id INTEGER PRIMARY KEY, digest BLOB UNIQUE, chain TEXT, sequence INTEGER, target TEXT, payload BLOB); CREATE INDEX place ON bundle (chain, sequence); CREATE INDEX target ON bundle (target, id); CREATE TABLE leaf (id INTEGER PRIMARY KEY, hash BLOB, body BLOB); CREATE TABLE document (id INTEGER PRIMARY KEY, sha BLOB UNIQUE, zstd BLOB)',
  );
  const bundle = database.prepare(
    'INSERT INTO bundle (digest, chain, sequence, target, payload) VALUES (?, ?, ?, ?, ?)',
  );
  const leaf = database.prepare('INSERT INTO leaf (hash, body) VALUES (?, ?)');
  const known = database.prepare('SELECT id FROM bundle WHERE digest = ?');
  const before = database.prepare('SELECT digest FROM bundle WHERE chain = ? AND sequence = ?');
  const document = database.prepare('INSERT OR IGNORE INTO document (sha, zstd) VALUES (?, ?)');
  const rows = sent.map((_, index) => ({
    digest: createHash('sha256').update(String(index)).digest(),
    payload: (raw[index] ?? Buffer.of()).subarray(0, 3000),
    body: (raw[index] ?? Buffer.of()).subarray(0, 500),
    chain: createHash('md5')
      .update(String(index % 32))
      .digest('hex'),
    sequence: Math.trunc(index / 32),
    documents: documents[index] ?? [],
  }));
  const spent = cpuMs(() => {
    for (let from = 0; from < rows.length; from += 64) {
      database.exec('BEGIN IMMEDIATE');
      for (const row of rows.slice(from, from + 64)) {
        known.get(row.digest);
        before.get(row.chain, row.sequence - 1);
        bundle.run(row.digest, row.chain, row.sequence, row.chain, row.payload);
        leaf.run(row.digest, row.body);
        for (const bytes of row.documents) document.run(row.digest, bytes);
      }
      database.exec('COMMIT');
    }
  });
  database.close();
  return spent;
}

/** A server that reads the body and answers with a receipt's bytes, and its client, in this process: both together. */
async function http(sent: readonly Sent[], receipt: string): Promise<number> {
  const server = createServer((incoming, response) => {
    incoming.resume();
    incoming.on('end', () => response.writeHead(201, { 'content-type': 'application/json' }).end(receipt));
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const { Agent } = await import('node:http');
  const agent = new Agent({ keepAlive: true, maxSockets: 16 });
  const before = process.cpuUsage();
  await Promise.all(
    sent.map(
      ({ wire }) =>
        new Promise<void>((done, failed) => {
          const asked = request(
            { port, host: '127.0.0.1', method: 'POST', agent, headers: { 'content-length': wire.length } },
            (response) => {
              response.resume();
              response.on('end', done);
            },
          );
          asked.on('error', failed);
          asked.end(wire);
        }),
    ),
  );
  const { user, system } = process.cpuUsage(before);
  agent.destroy();
  server.close();
  return (user + system) / 1000;
}
