/**
 * The steps of the floor in a process of their own, which holds nothing else that would have to be collected, and one
 * batch of bundles at a time: FILE KEYS KEPT. FILE is one of `load.ts`, KEYS a folder of public keys by their ids, KEPT
 * how many bundles the tables hold before. Says in JSON the CPU milliseconds a bundle, by step. All of it is done once
 * before it counts: an engine that still compiles is slower than one that has.
 */
import { createHash, createPublicKey, type KeyObject, verify } from 'node:crypto';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { constants, zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import { canonicalText } from '../../evidence/canonical-json.ts';
import { preAuthEncoding } from '../../evidence/dsse.ts';
import { logSteps } from './floor-log.ts';
import { makeTables, type Tables } from './floor-tables.ts';
import { isValidPack } from './valid.ts';

const [file = '', keysFolder = '', keptText = '0'] = process.argv.slice(2);
/** As many as the load keeps under way, so that no more can ever be flushed together. */
const batch = 32;

type Sent = { readonly wire: Uint8Array; readonly key: KeyObject };

const keys = new Map<string, KeyObject>();
function keyOf(id: string): KeyObject {
  const key = keys.get(id) ?? createPublicKey(readFileSync(join(keysFolder, `${id}.pem`), 'utf8'));
  keys.set(id, key);
  return key;
}

const sent: Sent[] = readFileSync(file, 'utf8')
  .trimEnd()
  .split('\n')
  .map((line) => {
    const { key, wire } = JSON.parse(line) as { key: string; wire: string };
    return { key: keyOf(key), wire: Buffer.from(wire, 'base64') };
  });

type Envelope = { readonly payload: string; readonly signatures: readonly { readonly sig: string }[] };

function stepsOf(part: readonly Sent[], from: number, tables: Tables, logFile: number): [string, () => void][] {
  const raw = part.map(({ wire }) => zstdDecompressSync(wire));
  const texts = raw.map((bytes) => bytes.toString('utf8'));
  const packs = texts.map((text) => JSON.parse(text) as { bundle: { dsseEnvelope: Envelope }; documents: object });
  const envelopes = packs.map(({ bundle }) => bundle.dsseEnvelope);
  const payloads = envelopes.map(({ payload }) => Buffer.from(payload, 'base64'));
  const encodings = payloads.map((payload) => preAuthEncoding('application/vnd.in-toto+json', payload));
  const signatures = envelopes.map(({ signatures: [signature] }) => Buffer.from(signature?.sig ?? '', 'base64'));
  const documents = packs.map((pack) =>
    Object.values(pack.documents).map((document: object) => Buffer.from(canonicalText(document))),
  );
  const compressed = documents.map((list) => list.map((bytes) => zstdCompressSync(bytes)));
  return [
    [
      'zstd out',
      () => {
        for (const [index, { wire }] of part.entries()) zstdDecompressSync(wire, inOneChunk(raw[index] ?? wire));
      },
    ],
    [
      'JSON.parse',
      () => {
        for (const bytes of raw) JSON.parse(bytes.toString('utf8'));
      },
    ],
    [
      'schema',
      () => {
        for (const pack of packs) if (!isValidPack(pack)) throw new Error('no pack');
      },
    ],
    [
      'canonical form',
      // The engine writes canonical JSON where members are in order, so that no other writer is unavoidable.
      () => {
        for (const [index, pack] of packs.entries())
          if (JSON.stringify(pack) !== texts[index]) throw new Error('a pack is not in canonical form');
      },
    ],
    [
      'SHA-256',
      () => {
        for (const bytes of raw) createHash('sha256').update(bytes).digest();
      },
    ],
    [
      'P-256 verify',
      () => {
        for (const [index, { key }] of part.entries())
          if (!verify('sha256', encodings[index] ?? Buffer.of(), key, signatures[index] ?? Buffer.of()))
            throw new Error('a signature does not verify');
      },
    ],
    [
      'zstd in',
      () => {
        for (const bytes of documents.flat())
          zstdCompressSync(bytes, { ...inOneChunk(bytes), params: { [constants.ZSTD_c_compressionLevel]: 3 } });
      },
    ],
    ...logSteps(payloads, batch),
    [
      'SQLite',
      () => {
        tables.insert(from, payloads, compressed);
      },
    ],
    // The contract: each answer names its request in the endpoint's log. All of a flush are answered together.
    [
      'a line of log',
      () => {
        const lines = payloads.map((_, index) => JSON.stringify({ time: new Date(), id: index, of: 'x'.repeat(300) }));
        writeSync(logFile, `${lines.join('\n')}\n`);
      },
    ],
  ];
}

/** Node's own 16 KiB cost a 60 KB pack half of its time again. */
function inOneChunk({ length }: Uint8Array): { readonly chunkSize: number } {
  return { chunkSize: Math.max(length + 64, 1024) };
}

function cpuMs(work: () => void): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

const folder = mkdtempSync(join(tmpdir(), 'affiant-floor-'));
const logFile = openSync(join(folder, 'log'), 'w');
const tables = makeTables(folder, Number(keptText));
const spent = new Map<string, number>();
for (const counts of [false, true])
  for (let from = 0; from < sent.length; from += batch)
    for (const [name, work] of stepsOf(sent.slice(from, from + batch), from, tables, logFile)) {
      const ms = cpuMs(work);
      if (counts) spent.set(name, (spent.get(name) ?? 0) + ms / sent.length);
    }
tables.close();
closeSync(logFile);
rmSync(folder, { recursive: true });
process.stdout.write(JSON.stringify([...spent]));
