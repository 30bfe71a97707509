/** Which directories this server has joined: sssd's configuration, and what realmd says. */
import type { Host } from '../../agent/host/host.ts';
import type { DirectoryDomain, Fact } from '../../schemas/generated/types.ts';
import { fromAnswer, missed, observed, unparsed, unseen } from '../fact.ts';
import { parseRealmList } from './realm-list.ts';
import { parseSssdConf } from './sssd-conf.ts';
import { maxSources } from './unread.ts';

const conf = '/etc/sssd/sssd.conf';
const confFolder = '/etc/sssd/conf.d';
type Stop = Exclude<Fact<never>, { status: 'observed' }>;

/**
 * Absent where there is neither sssd nor realmd. realmd, whose answer costs a start of its service, is asked
 * only where sssd is configured; what it does not answer takes nothing from what sssd's files say.
 */
export async function readDirectoryDomains(host: Host): Promise<Fact<DirectoryDomain[]>> {
  const files = await sssdFiles(host);
  if ('status' in files) return files;
  if (files.texts.length === 0) return unseen('absent', 'no-directory-client', files.sources);
  const domains = parseSssdConf(files.texts);
  if (!domains.ok) return unseen('failed', domains.reason, files.sources, domains.detail);
  const realm = await host.exec('realm-list');
  const joined = fromAnswer(realm, ({ stdout, truncated }) =>
    truncated ? unparsed('output-truncated') : parseRealmList(stdout),
  );
  const more = joined.status === 'observed' ? joined.value : [];
  return observed([...domains.value, ...more], ...files.sources, ...joined.sources);
}

async function sssdFiles(host: Host): Promise<{ texts: string[]; sources: string[] } | Stop> {
  const names = await host.list(confFolder);
  if (names.status !== 'observed' && names.status !== 'absent') return missed(names);
  const more = names.status === 'observed' ? names.value.filter((name) => /^[^.].*\.conf$/s.test(name)) : [];
  const texts: string[] = [];
  const sources: string[] = [names.source];
  for (const path of [conf, ...more.map((name) => `${confFolder}/${name}`)]) {
    // Passwords of the directory can stand in these files.
    const file = await host.readFile(path, { secret: true });
    if (file.status !== 'observed' && file.status !== 'absent') return missed(file);
    if (sources.length < maxSources) sources.push(file.source);
    if (file.status !== 'observed') continue;
    if (file.value.truncated) return unseen('failed', 'truncated', [file.source]);
    texts.push(file.value.text);
  }
  return { texts, sources };
}
