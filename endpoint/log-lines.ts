/** The endpoint's own log: one JSON object a line. */
import type { Handled } from './handle.ts';
import { makeBuckets } from './quota.ts';

export type LogValue = string | number | boolean | undefined;
export type Logger = (
  level: 'info' | 'warning' | 'error',
  event: string,
  fields?: Readonly<Record<string, LogValue>>,
) => void;

/** Lines of trouble at once, and a second: an attacker decides how much trouble there is, not how much disk it takes. */
const troubleBurst = 200;
const troublePerSecond = 20;

/**
 * `write` gets whole lines in printable ASCII: whatever a value holds, a reader of the log sees one
 * object a line, and a terminal no control character. Past a bound, lines of trouble are counted and
 * the next one says how many (`suppressed`).
 */
export function makeLogger(write: (line: string) => void, now: () => Date): Logger {
  const trouble = makeBuckets({
    capacity: troubleBurst,
    perSecond: troublePerSecond,
    maxNames: 8,
    now: () => now().getTime(),
  });
  let suppressed = 0;
  return (level, event, fields = {}) => {
    if (level === 'warning' && trouble.take(event, 1) !== undefined) {
      suppressed += 1;
      return;
    }
    const line = { time: now().toISOString(), level, event, ...fields, ...(suppressed > 0 && { suppressed }) };
    suppressed = 0;
    write(`${asciiJson(line)}\n`);
  };
}

/**
 * Gathers the lines of one turn of the event loop into one write: what answered together is written together. `flush`
 * writes what waits, for whoever ends the process.
 */
export function gatherLines(write: (text: string) => void): {
  readonly write: (line: string) => void;
  readonly flush: () => void;
} {
  let waiting = '';
  function flush(): void {
    const text = waiting;
    waiting = '';
    if (text !== '') write(text);
  }
  return {
    write(line) {
      if (waiting === '') setImmediate(flush);
      waiting += line;
    },
    flush,
  };
}

function asciiJson(value: object): string {
  return JSON.stringify(value).replace(
    /[^\x20-\x7e]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** A request as it stands in the log: ids, digests, outcome, duration; nothing of a body, no header. */
export function logRequest(log: Logger, request: Handled): void {
  const { notes, status } = request;
  log(status >= 500 ? 'error' : status >= 400 ? 'warning' : 'info', 'request', {
    request: request.id,
    method: request.method,
    route: request.route,
    status,
    problem: request.code,
    durationMs: Math.round(request.seconds * 1e6) / 1000,
    remote: request.remoteAddress,
    key: notes.keyId,
    bundle: notes.bundle,
    reader: notes.reader,
    bodyBytes: notes.bodyBytes,
    answerBytes: request.answerBytes,
  });
}
