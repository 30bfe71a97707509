/** The commands of those who read from an endpoint, and of those who bring packs to it. */
import type { Command } from './command-table.ts';

const state = { '--state DIR': 'the state folder (also AFFIANT_STATE)', '--config FILE': 'the configuration file' };
const asked = { '--endpoint URL': 'the endpoint, instead of the configured one' };
const format = { '--format FORM': 'table (the default) or json' };
const readerToken = { '--token-file FILE': 'a file with the bearer token of a reader' };

export const readerCommands: Readonly<Record<string, Command>> = {
  fetch: {
    summary: 'Fetch packs from the endpoint into a folder, those that came since the last time, each verified.',
    usage: 'DIR --token-file FILE [--endpoint URL] [--host TARGET] [--log-key FILE] [--format table|json]',
    options: {
      ...readerToken,
      ...asked,
      '--host TARGET': 'this server alone, by its id',
      '--log-key FILE': 'the log key, a verifier line; without it the first one seen is kept in DIR/log.vkey',
      ...format,
      ...state,
    },
    load: () => import('./commands/fetch.ts'),
  },
  hosts: {
    summary: 'List the servers that the endpoint knows, those that do not report as they should first.',
    usage: '--token-file FILE [--endpoint URL] [--format table|json]',
    options: { ...readerToken, ...asked, ...format, ...state },
    load: () => import('./commands/hosts.ts'),
  },
  import: {
    summary:
      'Bring packs of servers without a network to the endpoint, in the order of their chains, and say what became of each.',
    usage: 'PACK… --token-file FILE [--endpoint URL] [--note TEXT] [--format table|json]',
    options: {
      '--token-file FILE': 'a file with the bearer token of an uploader',
      ...asked,
      '--note TEXT': 'where the packs were collected or how they were carried; kept with them',
      ...format,
      ...state,
    },
    load: () => import('./commands/import.ts'),
  },
  reader: {
    summary: 'Make a token for somebody who reads from the endpoint.',
    usage: 'create NAME --role ROLE --out FILE [--target ID…] [--expires 90d] [--readers FILE] [--format table|json]',
    options: {
      '--role ROLE': 'reader, auditor, operator, or uploader',
      '--out FILE': 'where the token goes, once, with mode 0600',
      '--target ID': 'a server that it may see; may be repeated; all where it is left out',
      '--expires TIME': 'a number of days such as 90d (the default), or an instant',
      '--readers FILE': 'the readers file, instead of serve.readersFile',
      '--format FORM': 'table (the default) or json',
      ...state,
    },
    load: () => import('./commands/reader.ts'),
  },
};
