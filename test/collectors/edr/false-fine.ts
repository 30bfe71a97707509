/** Looks for the worst that the judge can do: to pass a server because something could not be seen. */
import type { Host } from '../../../agent/host/host.ts';
import { edr } from '../../../collectors/edr/index.ts';
import { judgeEdr } from '../../../judge/edr.ts';
import { digests, type Interference, spoilt } from '../each-source-denied.ts';

const ways: readonly Interference[] = ['denied', 'timed-out', 'failed', 'unsupported', 'truncated', 'garbled'];

/** Every source that the collector asks for, spoilt in every way that tells nothing. `wrong` names what then passes and did not before. */
export async function falseFines(host: () => Host, at: string): Promise<{ cases: number; wrong: string[] }> {
  const sources = new Set<string>();
  const before = await verdictsOf(watched(host(), sources), at);
  const wrong: string[] = [];
  let cases = 0;
  for (const source of sources)
    for (const how of ways) {
      const after = await verdictsOf(spoilt(host(), source, how), at);
      for (const [name, outcome] of Object.entries(after))
        if (outcome === 'pass' && before[name as keyof typeof before] !== 'pass')
          wrong.push(`${source} ${how}: ${name} passes`);
      cases += 1;
    }
  return { cases, wrong };
}

async function verdictsOf(host: Host, at: string) {
  const { edr: draft } = await edr.collect(host, digests);
  if (draft === undefined) throw new Error('the collector gave no document');
  const { outcome, audit, forwarding } = judgeEdr(draft, { at });
  return { protection: outcome, audit: audit.outcome, forwarding: forwarding.outcome };
}

/** Notes the source of every answer. */
export function watched(host: Host, sources: Set<string>): Host {
  const note = async <T extends { source: string }>(asked: Promise<T>): Promise<T> => {
    const answer = await asked;
    sources.add(answer.source);
    return answer;
  };
  return {
    os: host.os,
    identity: () => note(host.identity()),
    readFile: (path, options) => note(host.readFile(path, options)),
    list: (path) => note(host.list(path)),
    stat: (path) => note(host.stat(path)),
    readLink: (path) => note(host.readLink(path)),
    processes: () => note(host.processes()),
    exec: (command, ...args) => note(host.exec(command, ...args)),
    registry: (key) => note(host.registry(key)),
    query: (name, parameters) => note(host.query(name, parameters)),
    system: (name) => note(host.system(name)),
  };
}
