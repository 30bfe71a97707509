/**
 * Deadlines for accesses through a server that answers one request after the other: what hangs there (a dead
 * network share, say) would hold up everything behind it. So a session without an answer is given up, what stood
 * behind the culprit is asked again of a new one, and after a few such ends nothing more is asked.
 */
import { codeOf } from '../errno.ts';
import type { Raw } from '../machine.ts';
import { type SftpClient, SftpEnded } from './sftp-client.ts';

/** As many as may hang in the kernel when the look is from inside (access-guard.ts). */
const maxStuck = 2;
/** Accesses under way at once; the rest waits its turn. */
const maxAtOnce = 48;

export type SftpSessions = <T>(
  deadlineMs: number,
  work: (ask: SftpClient['ask']) => Promise<Raw<T>>,
) => Promise<Raw<T>>;

/** `open` starts another server; what it rejects with is a failure under its code. */
export function sftpSessions(first: SftpClient, open: () => Promise<SftpClient>): SftpSessions {
  let current: Promise<SftpClient> = Promise.resolve(first);
  let stuck = 0;
  let running = 0;
  const queue: (() => void)[] = [];

  const turn = async (): Promise<void> => {
    if (running >= maxAtOnce) await new Promise<void>((go) => queue.push(go));
    running += 1;
  };
  const done = (): void => {
    running -= 1;
    queue.shift()?.();
  };
  const giveUp = (client: SftpClient): void => {
    if (client.ended()) return;
    stuck += 1;
    client.close('stuck');
    if (stuck >= maxStuck) return;
    const next = open();
    // Whoever asks next is told.
    next.catch(() => undefined);
    current = next;
  };

  return async (deadlineMs, work) => {
    await turn();
    try {
      for (let tries = 0; ; tries += 1) {
        if (stuck >= maxStuck) return { outcome: 'timed-out', reason: 'storage-stuck' };
        const client = await current;
        const began = performance.now();
        const answer = await unlessLate(attempted(client, work), deadlineMs);
        if (answer === 'late') {
          if ((client.lastReplyAt() ?? 0) < began) giveUp(client);
          return { outcome: 'timed-out', reason: 'deadline' };
        }
        if (answer !== 'asked-in-vain') return answer;
        if (tries >= maxStuck) return { outcome: 'timed-out', reason: 'storage-stuck' };
      }
    } catch (error) {
      return { outcome: 'failed', reason: error instanceof SftpEnded ? error.reason : codeOf(error) };
    } finally {
      done();
    }
  };
}

/** The session was given up for the sake of another access; everything else passes through. */
async function attempted<T>(
  client: SftpClient,
  work: (ask: SftpClient['ask']) => Promise<Raw<T>>,
): Promise<Raw<T> | 'asked-in-vain'> {
  try {
    return await work((request) => client.ask(request));
  } catch (error) {
    if (error instanceof SftpEnded && error.reason === 'stuck') return 'asked-in-vain';
    throw error;
  }
}

async function unlessLate<T>(working: Promise<T>, milliseconds: number): Promise<T | 'late'> {
  const { promise, resolve } = Promise.withResolvers<'late'>();
  const timer = setTimeout(resolve, milliseconds, 'late');
  working.catch(() => undefined);
  try {
    return await Promise.race([working, promise]);
  } finally {
    clearTimeout(timer);
  }
}
