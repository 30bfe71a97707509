/** Reads doas' rules: /etc/doas.conf, and where Alpine keeps more, /etc/doas.d/*.conf. */
import type { Host } from '../../agent/host/host.ts';
import type { DoasRule, Fact } from '../../schemas/generated/types.ts';
import { missed, observed, unseen } from '../fact.ts';
import { parseDoas } from './doas.ts';
import { fileFact } from './file-fact.ts';
import { maxSources } from './unread.ts';
import { installedProgram } from './usual-programs.ts';

const main = '/etc/doas.conf';
const folder = '/etc/doas.d';

export async function readDoas(host: Host): Promise<{ installed: Fact<boolean>; rules: Fact<DoasRule[]> }> {
  return { installed: await installedProgram(host, 'doas'), rules: await rulesOf(host) };
}

/** All files or none: the last rule that matches wins. Absent where there is no file at all. */
async function rulesOf(host: Host): Promise<Fact<DoasRule[]>> {
  const names = await host.list(folder);
  if (names.status !== 'observed' && names.status !== 'absent') return missed(names);
  const more = names.status === 'observed' ? names.value.filter((name) => name.endsWith('.conf')) : [];
  const sources: string[] = [names.source];
  const rules: DoasRule[] = [];
  let files = 0;
  for (const path of [main, ...more.map((name) => `${folder}/${name}`)]) {
    const fact = fileFact(await host.readFile(path), (text) => parseDoas(text, path));
    sources.push(...fact.sources);
    if (fact.status === 'absent') continue;
    if (fact.status !== 'observed')
      return { ...fact, sources: [...new Set([...fact.sources, ...sources])].slice(0, maxSources) };
    files += 1;
    rules.push(...fact.value);
  }
  const most = sources.slice(0, maxSources);
  return files === 0 ? unseen('absent', 'no-doas-file', most) : observed(rules, ...most);
}
