import type { IncomingMessage } from 'node:http';
import { ok, type Result, refuse } from '../evidence/result.ts';

/** Counts what all requests together hold in memory. */
export type Budget = {
  /** Whether the bytes fit; if so they are held until they are given back. */
  take(bytes: number): boolean;
  giveBack(bytes: number): void;
};

export function makeBudget(maxBytes: number): Budget {
  let held = 0;
  return {
    take(bytes) {
      if (held + bytes > maxBytes) return false;
      held += bytes;
      return true;
    },
    giveBack(bytes) {
      held -= bytes;
    },
  };
}

/**
 * The whole body, or a refusal as soon as it is clear: `too-large`, `overloaded` (the budget is spent),
 * `cut-short` (the client went away). What the body takes from the budget is the caller's to give back,
 * only when it was read.
 */
export function readBody(request: IncomingMessage, maxBytes: number, budget: Budget): Promise<Result<Uint8Array>> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let length = 0;

    function finish(result: Result<Uint8Array>): void {
      request.off('data', onData).off('end', onEnd).off('error', onCut).off('close', onCut);
      if (!result.ok) {
        budget.giveBack(length);
        chunks.length = 0;
        // An aborted request emits an error later, which nobody else listens to.
        request.on('error', () => {});
      }
      resolve(result);
    }
    function onData(chunk: Buffer): void {
      if (length + chunk.length > maxBytes)
        return finish(refuse('too-large', `the body is larger than ${maxBytes} bytes`));
      if (!budget.take(chunk.length)) return finish(refuse('overloaded', 'too many bodies at once'));
      length += chunk.length;
      chunks.push(chunk);
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
