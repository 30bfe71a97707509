/** Which modules the files name, and whether libpam finds them. */
import type { Host } from '../../agent/host/host.ts';
import type { Fact, PamModule, PamStack } from '../../schemas/generated/types.ts';
import { missed, observed, unseen } from '../fact.ts';
import { toText } from '../text.ts';

/** Where modules lie: one folder a distribution, Debian's by architecture and /lib/security besides. */
const folders = [
  '/usr/lib/x86_64-linux-gnu/security',
  '/usr/lib/aarch64-linux-gnu/security',
  '/usr/lib64/security',
  '/usr/lib/security',
  '/lib/x86_64-linux-gnu/security',
  '/lib/aarch64-linux-gnu/security',
  '/lib64/security',
  '/lib/security',
] as const;
const maxModules = 2_000;

/** A module that could not be looked for is left out; one that no folder has is not present. */
export async function readPamModules(host: Host, stacks: Fact<PamStack[]>): Promise<Fact<PamModule[]>> {
  if (stacks.status !== 'observed') return unseen(stacks.status, stacks.reason, stacks.sources);
  const wanted = new Set<string>();
  for (const { content } of stacks.value)
    if (content.status === 'observed')
      for (const { module } of content.value.lines) if (typeof module === 'string') wanted.add(module);
  const listed = [];
  for (const path of folders) listed.push({ path, answer: await host.list(path) });
  const blind = listed.find(({ answer }) => answer.status !== 'observed' && answer.status !== 'absent');
  const anyFolder = listed.some(({ answer }) => answer.status === 'observed');
  if (!anyFolder && blind !== undefined && blind.answer.status !== 'observed') return missed(blind.answer);
  const modules: PamModule[] = [];
  const sources = listed.map(({ answer }) => answer.source);
  for (const module of [...wanted].toSorted().slice(0, maxModules)) {
    const found = listed.find(({ answer }) => answer.status === 'observed' && answer.value.includes(module));
    if (module.includes('/')) {
      const present = module.startsWith('/') ? await exists(host, module) : undefined;
      if (present !== undefined) modules.push({ module: toText(module), present });
    } else if (found !== undefined)
      modules.push({ module: toText(module), present: true, path: toText(`${found.path}/${module}`) });
    // No folder of ours at all: it lies where nobody looked.
    else if (blind === undefined && anyFolder) modules.push({ module: toText(module), present: false });
  }
  if (modules.length === 0 && wanted.size > 0 && blind !== undefined && blind.answer.status !== 'observed')
    return missed(blind.answer);
  return observed(modules, ...sources);
}

async function exists(host: Host, path: string): Promise<boolean | undefined> {
  const answer = await host.stat(path);
  return answer.status === 'observed' ? true : answer.status === 'absent' ? false : undefined;
}
