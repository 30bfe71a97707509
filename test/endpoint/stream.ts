/** Agents that post one bundle after the other, each over connections of its own kind, until they are told to stop. */
import assert from 'node:assert/strict';
import { Agent as HttpAgent, request } from 'node:http';
import { Agent as HttpsAgent, request as requestTls } from 'node:https';
import type { TLSSocket } from 'node:tls';
import type { Receipt } from '../../schemas/generated/types.ts';
import type { Agent, Made } from './agent.ts';
import type { Given } from './nothing-lost.ts';
import { bundleHeaders } from './running.ts';

export type Answered = { readonly status: number; readonly text: string; readonly retryAfter: string | undefined };

export type Stream = {
  /** By bundle digest. */
  readonly sent: Map<string, Made & { agent: Agent }>;
  readonly given: Map<string, Given>;
  /** Bundles whose last post got no answer. */
  readonly unanswered: Map<string, { readonly agent: Agent; readonly made: Made }>;
  /** How many were told to come later. */
  throttled(): number;
  /** Fingerprints of the certificates that clients saw. */
  readonly certificates: Set<string>;
  /** Resolves when so many more receipts were given. */
  more(count: number): Promise<void>;
  /** Each agent ends with the bundle that it is at. */
  stop(): Promise<void>;
};

export type StreamOptions = {
  /** A certificate authority, where the endpoint speaks TLS. */
  readonly ca?: string;
  /** Whether the first that gets no answer ends its agent: for an endpoint that is ending. */
  readonly untilCut?: boolean;
};

export function startStream(url: URL, agents: readonly Agent[], { ca, untilCut = false }: StreamOptions = {}): Stream {
  const sent: Stream['sent'] = new Map();
  const given: Stream['given'] = new Map();
  const unanswered: Stream['unanswered'] = new Map();
  const certificates = new Set<string>();
  const waiting: { at: number; wake: () => void }[] = [];
  let throttled = 0;
  const over = new AbortController();

  async function keepPosting(agent: Agent, isKept: boolean): Promise<void> {
    const connections = connectionsOf(isKept, ca);
    while (!over.signal.aborted) {
      const made = agent.make();
      sent.set(made.digest, { ...made, agent });
      for (;;) {
        const heard = await post(url, agent, made.wire, connections, certificates).catch(() => undefined);
        if (heard === undefined) {
          unanswered.set(made.digest, { agent, made });
          if (untilCut) return;
          continue;
        }
        if (heard.status === 429) {
          assert.match(heard.retryAfter ?? '', /^[1-9][0-9]*$/);
          throttled += 1;
          continue;
        }
        assert.ok(heard.status === 201 || heard.status === 200, heard.text);
        given.set(made.digest, { agent, made, receipt: JSON.parse(heard.text) as Receipt });
        unanswered.delete(made.digest);
        break;
      }
      for (const { wake } of waiting.filter(({ at }) => at <= given.size)) wake();
    }
    connections.destroy();
  }

  const posting = Promise.all(agents.map((agent, index) => keepPosting(agent, index % 2 === 0)));
  return {
    sent,
    given,
    unanswered,
    throttled: () => throttled,
    certificates,
    more: (count) =>
      Promise.race([
        new Promise<void>((wake) => waiting.push({ at: given.size + count, wake })),
        posting.then(() => assert.fail('the stream ended')),
      ]),
    async stop() {
      over.abort();
      await posting;
    },
  };
}

function connectionsOf(keepAlive: boolean, ca: string | undefined): HttpAgent {
  if (ca === undefined) return new HttpAgent({ keepAlive });
  // Whoever the certificate names: the test changes it on purpose.
  return new HttpsAgent({ keepAlive, ca, maxCachedSessions: 0, checkServerIdentity: () => undefined });
}

export function post(
  url: URL,
  agent: Agent,
  wire: Uint8Array,
  connections: HttpAgent,
  certificates = new Set<string>(),
): Promise<Answered> {
  return new Promise((resolve, reject) => {
    const send = url.protocol === 'https:' ? requestTls : request;
    const headers = bundleHeaders(agent, { 'content-length': String(wire.length) });
    const asked = send(new URL('/v1/bundles', url), { method: 'POST', headers, agent: connections }, (answer) => {
      const chunks: Buffer[] = [];
      if (url.protocol === 'https:') certificates.add((answer.socket as TLSSocket).getPeerCertificate().fingerprint256);
      answer.on('data', (chunk: Buffer) => chunks.push(chunk));
      answer.on('error', reject);
      answer.on('end', () =>
        resolve({
          status: answer.statusCode ?? 0,
          text: Buffer.concat(chunks).toString('utf8'),
          retryAfter: answer.headers['retry-after'],
        }),
      );
    });
    asked.on('error', reject);
    asked.end(wire);
  });
}
