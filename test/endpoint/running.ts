/** A running endpoint for tests: a real server on loopback over a real store in a folder that goes away. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { type IncomingHttpHeaders, request } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Endpoint, type EndpointOptions, startEndpoint } from '../../endpoint/server.ts';
import { openSqliteStore } from '../../endpoint/store/sqlite.ts';
import type { Store } from '../../endpoint/store/store.ts';
import type { TrustedKey, TrustedKeys } from '../../endpoint/trust.ts';
import { packMediaType } from '../../evidence/pack.ts';
import type { Problem, Receipt } from '../../schemas/generated/types.ts';
import { problem as isProblem } from '../../schemas/generated/validators.js';
import { type SampleLog, sampleLog, valueOf } from '../evidence/sample.ts';
import type { Agent } from './agent.ts';
import { heldToContract } from './contract.ts';

/** An endpoint as far as its answers go, in this process or in another. */
export type Reachable = Pick<Endpoint, 'port'>;

export type Running = {
  readonly endpoint: Endpoint;
  readonly store: Store;
  readonly log: SampleLog;
  readonly folder: string;
  stop(): Promise<void>;
};

export function trusting(...agents: readonly Agent[]): TrustedKeys {
  return new Map(agents.map(({ key }): [string, TrustedKey] => [key.keyId, { ...key, role: 'agent' }]));
}

export async function startRunning(trustedKeys: TrustedKeys, more: Partial<EndpointOptions> = {}): Promise<Running> {
  const folder = mkdtempSync(join(tmpdir(), 'affiant-endpoint-'));
  const log = sampleLog();
  const now = (): Date => new Date('2026-11-23T10:00:05Z');
  const store =
    more.store ??
    valueOf(await openSqliteStore(join(folder, 'endpoint.db'), { logSigner: more.logSigner ?? log.signer, now }));
  const endpoint = valueOf(
    await startEndpoint({
      store,
      logSigner: log.signer,
      trustedKeys,
      listen: { host: '127.0.0.1', port: 0 },
      acceptReplay: false,
      now,
      ...more,
    }),
  );
  async function stop(): Promise<void> {
    await endpoint.close();
    await store.close();
    rmSync(folder, { recursive: true, force: true });
  }
  return { endpoint, store, log, folder, stop };
}

export type Heard = {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  readonly bytes: Uint8Array;
  receipt(): Receipt;
  /** The problem, held to its schema. */
  problem(): Problem;
};

/** One request by node:http, on a connection of its own. */
export function ask(
  { port }: Reachable,
  method: string,
  path: string,
  headers: Record<string, string> = {},
  body?: Uint8Array,
): Promise<Heard> {
  return new Promise((resolve, reject) => {
    const sent = request({ host: '127.0.0.1', port, method, path, headers, agent: false }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => {
        const bytes = Buffer.concat(chunks);
        const text = bytes.toString('utf8');
        const status = response.statusCode ?? 0;
        try {
          heldToContract(method, path, status, response.headers, text);
        } catch (error) {
          reject(error);
          return;
        }
        resolve({
          status,
          headers: response.headers,
          text,
          bytes,
          receipt: () => JSON.parse(text) as Receipt,
          problem() {
            const value: unknown = JSON.parse(text);
            if (response.headers['content-type'] !== 'application/problem+json' || !isProblem(value))
              throw new Error(`no problem: ${text}`, { cause: isProblem.errors });
            return value;
          },
        });
      });
      response.on('error', reject);
    });
    sent.on('error', reject);
    sent.end(body);
  });
}

export function bundleHeaders(agent: Agent, more: Record<string, string> = {}): Record<string, string> {
  return { 'affiant-key': agent.key.keyId, 'content-type': packMediaType, 'content-encoding': 'zstd', ...more };
}

export function postWire(
  endpoint: Reachable,
  agent: Agent,
  wire: Uint8Array,
  more: Record<string, string> = {},
): Promise<Heard> {
  return ask(endpoint, 'POST', '/v1/bundles', bundleHeaders(agent, more), wire);
}

/** Says the bytes on a bare socket and gives what comes back until the other side closes or `until` was heard. */
export function sayRaw(port: number, bytes: string | Uint8Array, until?: RegExp): Promise<string> {
  return new Promise((resolve, reject) => {
    let heard = '';
    const socket = connect(port, '127.0.0.1', () => socket.write(bytes));
    socket.on('data', (chunk) => {
      heard += chunk.toString('latin1');
      if (until?.test(heard) === true) socket.destroy();
    });
    socket.on('close', () => resolve(heard));
    socket.on('error', reject);
  });
}

/** The head of a POST of a bundle, for a bare socket. */
export function postHead(headers: Record<string, string>): string {
  const lines = Object.entries({ host: 'x', ...headers }).map(([name, value]) => `${name}: ${value}\r\n`);
  return `POST /v1/bundles HTTP/1.1\r\n${lines.join('')}\r\n`;
}

export const problemPrefix = 'urn:affiant:problem:';

/** Holds an answer to be this problem, and the store of the endpoint to be as empty as before. */
export async function rejectedUnstored({ store }: Running, heard: Heard, status: number, code: string): Promise<void> {
  assert.equal(heard.status, status, heard.text);
  assert.equal(heard.problem().type, problemPrefix + code);
  assert.equal(heard.problem().status, status);
  const checkpoint = await store.checkpoint();
  assert.ok(checkpoint.ok && checkpoint.value.size === 0, 'nothing is stored before it verifies');
}

/** Waits until it is so; fails, and ends, where it never is. */
export async function until(isSo: () => boolean): Promise<void> {
  const patience = AbortSignal.timeout(15_000);
  while (!isSo()) {
    if (patience.aborted) assert.fail(`it never came to be: ${isSo.toString()}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
