import type { IncomingMessage } from 'node:http';
import type { Result } from '../evidence/result.ts';
import type { TargetState } from '../schemas/generated/types.ts';
import type { Answer } from './answer.ts';
import type { BundlesContext } from './bundles.ts';
import type { Health } from './health.ts';
import type { Readers } from './readers/readers-file.ts';
import type { TargetSummary } from './store/store.ts';

/** What a handler knows of its surroundings. */
export type EndpointContext = BundlesContext & {
  readonly health: Health;
  readonly readers: Readers;
  readonly metrics?: { readonly contentType: string; text(): Promise<string> };
  /** Whether everybody may read the log's tiles. */
  readonly publicLog?: boolean;
  /** Servers as readers see them, with the state of their reporting. */
  readonly describeTargets: (targets: readonly TargetSummary[]) => Promise<Result<readonly TargetState[]>>;
  /** Takes one of the places for packs on their way out; undefined when all are taken. */
  readonly enterPack: () => (() => void) | undefined;
};

/** One request on its way to an answer. */
export type Call = {
  readonly request: IncomingMessage;
  readonly context: EndpointContext;
  /** The route's path, with its parameters in braces. */
  readonly route: string;
  /** Says which request this was, in answer and log. */
  readonly id: string;
  /** The parts of the path that the route names, as they were sent. */
  readonly parameters: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  /** Tells a client that waits for it (Expect: 100-continue) to send its body. */
  readonly proceed: () => void;
  /** For the log line; a handler adds what it learns. Nothing secret, nothing that was not checked for its form. */
  readonly notes: CallNotes;
};

export type CallNotes = {
  /** The key that the request names; its id has been checked for its form only. */
  keyId?: string;
  /** The bundle digest, once the bundle verified. */
  bundle?: string;
  /** The name of the reader, once the token was found. */
  reader?: string;
  /** Bytes of the body, once it was read. */
  bodyBytes?: number;
};

export type Handler = (call: Call) => Promise<Answer>;

export type Method = 'GET' | 'POST' | 'PUT' | 'DELETE';

/** An address with one of its methods. Segments in braces are parameters: `/v1/targets/{id}`. GET answers HEAD too. */
export type Route = { readonly method: Method; readonly path: string; readonly handle: Handler };
