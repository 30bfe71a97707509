/** An agent, its endpoint, and what may stand in the endpoint's place. */
import type { RequestListener } from 'node:http';
import { type PostOptions, postPending } from '../../../agent/post/post.ts';
import type { PostReport } from '../../../agent/post/report.ts';
import { type Agent, makeAgent } from '../../endpoint/agent.ts';
import { type Running, startRunning, trusting } from '../../endpoint/running.ts';
import { valueOf } from '../../evidence/sample.ts';
import { answering, type Fake } from './fake-servers.ts';
import type { MemoryOutbox } from './memory-outbox.ts';

export const now = (): Date => new Date('2026-11-23T10:00:05Z');

export type Scene = {
  readonly agent: Agent;
  readonly running: Running;
  /** Milliseconds of each wait between tries; none of them is really waited for. */
  readonly slept: number[];
  post(outbox: MemoryOutbox, url: string, more?: Partial<PostOptions>): Promise<PostReport>;
  /** The URL of an endpoint whose bundles are answered otherwise; everything else goes its way. */
  instead(listener: RequestListener): Promise<string>;
  /** Closes it with the scene. */
  keep(fake: Fake): Fake;
  end(): Promise<void>;
};

export async function makeScene(): Promise<Scene> {
  const agent = makeAgent();
  const running = await startRunning(trusting(agent));
  const slept: number[] = [];
  const fakes: Fake[] = [];

  async function post(outbox: MemoryOutbox, url: string, more: Partial<PostOptions> = {}): Promise<PostReport> {
    const sleep = async (ms: number): Promise<void> => {
      slept.push(ms);
    };
    return valueOf(await postPending(outbox, { url, timeoutSeconds: 5 }, { now, random: () => 0.5, sleep, ...more }));
  }
  function keep(fake: Fake): Fake {
    fakes.push(fake);
    return fake;
  }
  async function instead(listener: RequestListener): Promise<string> {
    const fake = await answering((request, response) => {
      if (request.url === '/v1/bundles') return listener(request, response);
      fetch(`${running.endpoint.url}${request.url}`)
        .then((real) => real.text())
        .then((text) => response.setHeader('content-type', 'application/json').end(text))
        .catch(() => response.destroy());
    });
    return keep(fake).url;
  }
  async function end(): Promise<void> {
    await Promise.all(fakes.map((fake) => fake.close()));
    await running.stop();
  }
  return { agent, running, slept, post, instead, keep, end };
}

/** What became of each pack: its fate, or why it waits on. */
export function reasons(report: PostReport): string[] {
  return report.packs.map((pack) => (pack.fate === 'kept' ? pack.why.code : pack.fate));
}
