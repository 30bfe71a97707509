/** The commands of keys, tokens and attestations. */
import type { Command } from './command-table.ts';

/** What most commands take. */
export const stateOptionTexts = {
  '--state DIR': 'the state folder (also AFFIANT_STATE)',
  '--config FILE': 'the configuration file',
};
const state = stateOptionTexts;
const format = { '--format FORM': 'table (the default) or json' };

export const identityCommands: Readonly<Record<string, Command>> = {
  attest: {
    summary: 'Statements of persons: make a key, sign one into a file or hand it to the endpoint, list, show, verify.',
    usage:
      'key FILE --name NAME --role ROLE | KIND --key FILE [--from FILE.yaml] [--out FILE] [--post] | list|show FILE… | list --token-file FILE [--target ID] [--kind KIND] [--out DIR] | verify FILE… --records FILE --log-key FILE [--format table|json]',
    options: {
      KIND: 'detection-acknowledged, admins-reviewed, exception, break-glass, incident-aware, plan, claim, withdrawal',
      '--key FILE': "the person's key, as `affiant attest key` made it",
      '--passphrase-file FILE': 'a file with the passphrase of the key',
      '--from FILE.yaml': 'the members of the attestation; options go before it',
      '--target ID': 'a server; may be repeated',
      '--up-to INSTANT, --detection ID': 'detection-acknowledged: which; also --disposition, --outcome',
      '--bundle, --document DIGEST': 'admins-reviewed: what was looked at; also --decision, --outcome',
      '--about KIND:ID': 'exception: fix:CVE-…, control:…; also --reason, --compensating-measure, --owner',
      '--account NAME[@DIRECTORY]': 'break-glass: may be repeated; also --reason, --safeguards',
      '--aware-at INSTANT': 'incident-aware: since when; also --what, --incident',
      '--plan FILE': 'plan: the action plan',
      '--claim CLAIM': 'claim: updates-installed, fix-installed:CVE-…, admins-are:NAME,…; also --as-of, --words',
      '--attestation DIGEST': 'withdrawal: which; also --reason',
      '--expires TIME': 'until when it holds: 90d, or an instant; exception and break-glass must end',
      '--note TEXT': 'anything else',
      '--out FILE': 'where it goes, instead of standard output; list: a folder, a file each',
      '--post, --endpoint URL': 'hand it to the configured or the named endpoint; the file then has the receipt',
      '--records FILE, --log-key FILE': 'verify: the records and the log key that you trust',
      '--token-file FILE': "list: a reader's token; lists what the endpoint has, each proved to stand in its log",
      '--kind KIND': 'list: of this kind alone',
      ...format,
      ...state,
    },
    load: () => import('./commands/attest.ts'),
  },
  records: {
    summary: 'Fetch all records of an endpoint into a file: which keys were known when, for verify --records.',
    usage: 'FILE --token-file FILE [--endpoint URL] [--format table|json] [--state DIR] [--config FILE]',
    options: {
      '--token-file FILE': "a reader's token",
      '--endpoint URL': 'the endpoint, instead of the configured one',
      ...format,
      ...state,
    },
    load: () => import('./commands/records.ts'),
  },
  enroll: {
    summary: 'Enrol this server at an endpoint, with a one-use token from a file or a systemd credential.',
    usage: '--token-file FILE [--label NAME] [--format table|json] [--state DIR] [--config FILE]',
    options: {
      '--token-file FILE': 'what `affiant token create` wrote; without it the systemd credential affiant-token',
      '--label NAME': 'a name for people, instead of the host name',
      ...format,
      ...state,
    },
    load: () => import('./commands/enroll.ts'),
  },
  key: {
    summary:
      "Print this agent's public key, or rotate it; at the endpoint: list, add, approve, revoke keys, rotate its own.",
    usage:
      'show|rotate|list|add FILE|approve KEYID|revoke KEYID|rotate-registrar [--reason TEXT] [--role ROLE] [--target ID] [--format table|json] [--state DIR] [--config FILE]',
    options: {
      '--reason TEXT': 'revoke, approve: why; it stands in the log',
      '--compromised-since INSTANT': 'revoke: since when the key may have been in other hands',
      '--operator NAME': 'revoke, approve: who does it, instead of the user of this machine',
      '--role ROLE': 'add: agent, sweeper, auditor; reviewer, owner, officer for a person',
      '--target ID': "add: a server that the key speaks for, or '*'; may be repeated",
      '--name NAME': 'add: the person',
      '--kinds KIND,…': 'add: the attestations that the person may sign, instead of those of the role',
      '--label NAME': 'add: a name for people',
      '--standing STANDING': 'list: active, pending, superseded or revoked alone',
      ...format,
      ...state,
    },
    load: () => import('./commands/key.ts'),
  },
  token: {
    summary: 'At the endpoint: make one-use tokens to enrol with, list them, take them back.',
    usage:
      'create|list|revoke ID [--expires 24h] [--role ROLE] [--target ID…] [--endpoint URL] [--pin FILE…] [--out FILE] [--format table|json]',
    options: {
      '--expires TIME': 'how long it can be used: 30m, 24h (the default), 7d',
      '--role ROLE': 'agent (the default), sweeper, auditor; reviewer, owner, officer for a person',
      '--target ID':
        "a server that the key may speak for, or '*'; an agent without one enrols for the server that it is",
      '--name NAME': 'the person',
      '--kinds KIND,…': 'the attestations that the person may sign, instead of those of the role',
      '--label NAME': 'a name for people, where the server gives none',
      '--endpoint URL': 'where agents reach the endpoint, instead of serve.url',
      '--pin FILE': 'a further certificate or public key to pin, such as that after the next renewal; may be repeated',
      '--out FILE': 'write the token there (0600) instead of to standard output',
      ...format,
      ...state,
    },
    load: () => import('./commands/token.ts'),
  },
};
