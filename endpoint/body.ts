import type { IncomingMessage } from 'node:http';
import { ok, type Result, refuse } from '../evidence/result.ts';

export type BodyLimits = {
  readonly maxBytes: number;
  /** How long nothing may come, in milliseconds. */
  readonly stallTimeoutMs: number;
  /** Whether so many more bytes may be held; who gave them takes them back. */
  readonly take: (bytes: number) => boolean;
};

/**
 * The whole body, or a refusal as soon as it is clear: `too-large`, `overloaded` (no more bytes may be
 * held), `stalled`, `cut-short` (the client went away).
 */
export function readBody(request: IncomingMessage, limits: BodyLimits): Promise<Result<Uint8Array>> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let length = 0;
    const timer = setTimeout(() => finish(refuse('stalled', 'nothing came for too long')), limits.stallTimeoutMs);

    function finish(result: Result<Uint8Array>): void {
      clearTimeout(timer);
      request.off('data', onData).off('end', onEnd).off('error', onCut).off('close', onCut);
      if (!result.ok) {
        chunks.length = 0;
        // An aborted request emits an error later, which nobody else listens to.
        request.on('error', () => {});
      }
      resolve(result);
    }
    function onData(chunk: Buffer): void {
      if (length + chunk.length > limits.maxBytes)
        return finish(refuse('too-large', `the body is larger than ${limits.maxBytes} bytes`));
      if (!limits.take(chunk.length)) return finish(refuse('overloaded', 'too many bodies at once'));
      length += chunk.length;
      chunks.push(chunk);
      timer.refresh();
    }
    function onEnd(): void {
      finish(ok(Buffer.concat(chunks, length)));
    }
    function onCut(): void {
      finish(refuse('cut-short', 'the client went away before the end of the body'));
    }

    request.on('data', onData).on('end', onEnd).on('error', onCut).on('close', onCut);
  });
}

/** What a client may still send after its answer, so that it gets to read it: a closed socket would take the answer with it. */
const maxLeftoverBytes = 1024 * 1024;
const leftoverTimeoutMs = 5_000;

/** Lets the rest of an unread body pass, within bounds, and cuts the connection past them. */
export function discardRest(request: IncomingMessage): void {
  if (request.complete || request.destroyed) return;
  let left = maxLeftoverBytes;
  const timer = setTimeout(() => request.destroy(), leftoverTimeoutMs);
  timer.unref();
  request.on('data', (chunk: Buffer) => {
    left -= chunk.length;
    if (left < 0) request.destroy();
  });
  request.on('error', () => {});
  request.once('close', () => clearTimeout(timer));
}
