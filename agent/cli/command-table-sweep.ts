/** The commands that look at servers from elsewhere, or once: the sweep over SSH, and the auditor's run. */
import type { Command } from './command-table.ts';
import { stateOptionTexts as state } from './command-table-identity.ts';

export const sweepCommands: Readonly<Record<string, Command>> = {
  sweep: {
    summary: 'Collect from many servers over SSH, leaving nothing on them: one pack each, and one signed summary.',
    usage:
      'HOSTS.yaml --out DIR [--accept-new] [--only NAME,…] [--again] [--format table|json] [--state DIR] [--config FILE]',
    options: {
      '--out DIR': 'the folder of this sweep; called again with it, the sweep asks those that failed or are missing',
      '--accept-new': 'take the key of a server that stands in no known_hosts; the summary and the pack record it',
      '--only NAME,…': 'run these collectors alone; the bundle says which were not asked',
      '--again': 'ask every server anew, as a sweep of its own',
      '--format FORM': 'table (the default) or json',
      ...state,
    },
    load: () => import('./commands/sweep.ts'),
  },
  'audit-run': {
    summary:
      'For auditors: collect once, from read-only media and without a trace, into one pack; the key travels apart.',
    usage: '--out DIR [--key-out FILE] [--only NAME,…] [--raw] [--format table|json] [--strict]',
    options: {
      '--out DIR': 'where the pack goes: a folder of your own medium',
      '--key-out FILE':
        'also write the public key of this run to FILE, on another medium than the pack; it is printed in any case',
      '--only NAME,…': 'run these collectors alone; the bundle says which were not asked',
      '--raw': 'attach what the sources gave, redacted and capped, as further documents raw/<n>',
      '--format FORM': 'table (the default) or json',
      '--strict': 'exit with 3 where parts were not seen',
    },
    load: () => import('./commands/audit-run.ts'),
  },
  sudoers: {
    summary: 'Print the rules of sudo that a sweep needs on a server: exact commands, no wildcard.',
    usage: '[--user NAME] [--password] [--format table|json]',
    options: {
      '--user NAME': 'the login of the sweep; affiant without it',
      '--password': 'for a sweep that gives a password: without NOPASSWD',
      '--format FORM': 'table (the default) or json',
    },
    load: () => import('./commands/sudoers.ts'),
  },
};
