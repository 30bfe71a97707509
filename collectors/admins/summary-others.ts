/** The other ways to root, a line each where there is something to say: what stands in the document, no verdict. */

import type { Fact, Text } from '../../schemas/generated/types.ts';
import type { Draft, SummaryRow } from '../collector.ts';

type Admins = Draft<'admins'>;

export function otherRows(admins: Admins): SummaryRow[] {
  return [
    row(admins.doasRules, 'doas rules', ({ length }) => (length === 0 ? '' : String(length))),
    row(admins.polkitRules, 'polkit', ({ files }) => {
      const named = [...new Set(files.flatMap(({ adminIdentities }) => adminIdentities.map(shown)))];
      return named.length === 0 ? '' : `administrators: ${named.join(', ')}`;
    }),
    row(admins.authorizedKeys, 'SSH keys', ({ files, unread }) => {
      const keys = files.reduce((sum, file) => sum + file.keys.length, 0);
      const left = unread.length === 0 ? '' : `; ${unread.length} places not seen`;
      return keys === 0 && left === '' ? '' : `${keys} in ${files.length} files of root and administrators${left}`;
    }),
    row(admins.setIdFiles, 'Set-id programs', ({ length }) => String(length)),
    row(admins.fileCapabilities, 'Capabilities', (files) =>
      files.length === 0
        ? ''
        : files
            .map(({ path, capabilities }) => `${shown(path)} ${shown(capabilities)}`)
            .slice(0, 4)
            .join(', '),
    ),
    row(admins.controlSockets, 'Sockets of root', ({ sockets }) =>
      sockets.map(({ path, mode, gid }) => `${shown(path)} (${mode}, group ${gid})`).join(', '),
    ),
    alarm(admins.dockerListeners, 'Docker on network', (list) =>
      list.map(({ address, port }) => `${address}:${port}`).join(', '),
    ),
    alarm(admins.writableRootJobs, 'Jobs of root', (jobs) =>
      jobs.length === 0
        ? ''
        : `${jobs.length} that others can change: ${jobs
            .map(({ definedIn }) => shown(definedIn))
            .slice(0, 4)
            .join(', ')}`,
    ),
    row(admins.directoryDomains, 'Directories', (domains) =>
      [...new Set(domains.map(({ name }) => shown(name)))].join(', '),
    ),
    row(admins.outOfBandAgents, 'Agents of others', ({ agents }) => agents.map(({ id }) => id).join(', ')),
    row(admins.lastLogins, 'Logins recorded', ({ logins }) => {
      const newest = logins
        .map(({ at }) => at)
        .toSorted()
        .at(-1);
      return newest === undefined ? 'none' : `${logins.length} accounts, the newest ${newest}`;
    }),
  ].filter((each) => each !== undefined);
}

/** Nothing where there is nothing to say. */
function row<T>(fact: Fact<T>, label: string, text: (value: T) => string): SummaryRow | undefined {
  const words = fact.status === 'observed' ? text(fact.value) : '';
  return words === '' ? undefined : { label, text: words, tone: 'plain' };
}

function alarm<T>(fact: Fact<T>, label: string, text: (value: T) => string): SummaryRow | undefined {
  const plain = row(fact, label, text);
  return plain === undefined ? undefined : { ...plain, tone: 'attention' };
}

function shown(text: Text): string {
  return typeof text === 'string' ? text : `(not UTF-8: ${text.bytes})`;
}
