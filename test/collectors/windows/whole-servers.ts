/**
 * Whole Windows servers: host, updates, protection, administrators and second factors of the same machine.
 * No server was recorded: each is composed. Fields, classes, error codes and states are those of Microsoft's
 * documentation and of published outputs (test/slow/recordings-windows.test.ts holds the parsers to these);
 * accounts, dates and paths are ours. `test/fixtures/windows` holds the half about host and updates.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { WindowsMachine } from '../../powershell/engine-machine.ts';
import { hklm, key } from './base-registry.ts';
import { computerOf, elsewhere, joined } from './compose.ts';
import { naming } from './directory.ts';
import { filetime } from './identities.ts';
import type { Language } from './languages.ts';
import { memberServer } from './member-server.ts';
import { domainController, exchangeServer } from './other-servers.ts';
import { machineFolder } from './servers.ts';

type Kind = 'member' | 'controller' | 'exchange';

export type WholeServer = { readonly name: string; readonly at: string; readonly described: WindowsMachine };

/** The day for which the other half is written. */
const written = Date.parse('2026-11-29T00:00:00Z');

function wholeServer(name: string, kind: Kind, language: Language, at: string): WholeServer {
  const path = join(machineFolder(name), '../../windows', `${name}.json`);
  const half = JSON.parse(readFileSync(path, 'utf8')) as WindowsMachine;
  const days = Math.floor((written - Date.parse(at)) / 86_400_000);
  const member = memberServer(language);
  const other = elsewhere(kind === 'controller' ? domainController(language) : member, days, computerOf(half));
  const server =
    kind === 'exchange'
      ? oldLaps(elsewhere(exchangeServer(language, other), 0, computerOf(half)), computerOf(half), at)
      : other;
  return { name, at, described: { ...joined(half, server), at, computer: computerOf(half) } };
}

/** In 2021 the LAPS of Windows itself was not there: the older one kept the password. */
function oldLaps(server: ReturnType<typeof exchangeServer>, computer: string, at: string): typeof server {
  const { [String.raw`${hklm}\SOFTWARE\Microsoft\Windows\CurrentVersion\Policies\LAPS`]: _, ...registry } =
    server.registry ?? {};
  const expires = [filetime(new Date(Date.parse(at) + 20 * 86_400_000).toISOString())];
  return {
    ...server,
    registry: {
      ...registry,
      [String.raw`${hklm}\SOFTWARE\Policies\Microsoft Services\AdmPwd`]: key({ AdmPwdEnabled: 1, PasswordAgeDays: 30 }),
    },
    ldap: {
      ...server.ldap,
      [`${naming}|(&(objectCategory=computer)(sAMAccountName=${computer}$))|Subtree`]: [
        { 'ms-Mcs-AdmPwdExpirationTime': expires },
      ],
    },
  };
}

export const wholeServers: readonly WholeServer[] = [
  wholeServer('windows-2019-de', 'member', 'de', '2026-08-25T12:00:00Z'),
  wholeServer('windows-2022-ja', 'member', 'ja', '2026-08-25T12:00:00Z'),
  wholeServer('windows-dc-fr', 'controller', 'fr', '2026-08-25T12:00:00Z'),
  wholeServer('windows-exchange-en', 'exchange', 'en', '2021-12-01T12:00:00Z'),
];
