/** The commands over many bundles. */
import type { Command } from './command-table.ts';

const audit = {
  '--packs DIR': 'the folder with packs (*.pack.json), of one server or of many',
  '--key FILE': 'a public key (PEM) that is trusted to sign; may be repeated',
  '--log-key FILE': 'the log key, a verifier line, to check receipts against',
  '--stamp-ca FILE': 'certificates (PEM) of the authority that is trusted to stamp the log with the time (RFC 3161)',
  '--inventory FILE': 'inventory.yaml: exposure, role, owner; signed by FILE.sigstore.json beside it',
  '--attestations DIR': 'signed statements of persons',
  '--policies DIR': 'own policies, beside those that come with the program or instead of them',
  '--policy NAME': 'only this policy; may be repeated',
  '--host HOST': 'one server, by name or by the beginning of its id',
  '--cache DIR': 'a folder of your own that keeps what was read from verified packs; it may be deleted at any time',
  '--format FORM': 'table (the default) or json',
};
const auditUsage =
  '--packs DIR --key FILE… [--log-key FILE] [--stamp-ca FILE] [--inventory FILE] [--attestations DIR] [--policies DIR] [--host HOST] [--cache DIR] [--format table|json]';

export const auditCommands: Readonly<Record<string, Command>> = {
  findings: {
    summary:
      'Judge verified packs against clocks and controls: what is wrong, since when, by which rule. Exit 1 where a breach is open.',
    usage: `${auditUsage} [--unchanged-by stat|hash] [--threads N] [--at DAY]`,
    options: {
      ...audit,
      '--unchanged-by WAY':
        'with --cache: know a pack that was verified before by the times of its file (stat), or read it (hash); without it stat on file systems of this machine that keep them, hash elsewhere',
      '--threads N': 'so many threads verify and judge, each its own folders; without it one a processor, at most 4',
      '--at DAY': 'as of this day; today without it',
    },
    load: () => import('./commands/findings.ts'),
  },
  history: {
    summary: 'Show the verified bundles of each server: days, changes, gaps, silence, contradictions.',
    usage: `${auditUsage} [--at DAY]`,
    options: { ...audit, '--at DAY': 'as of this day; today without it' },
    load: () => import('./commands/history.ts'),
  },
  'as-of': {
    summary: 'Say what was true of a server on a day, with both bounds of the time of the evidence.',
    usage: `DAY ${auditUsage}`,
    options: audit,
    load: () => import('./commands/as-of.ts'),
  },
  diff: {
    summary: 'Say what changed on a server between two days.',
    usage: `DAY DAY ${auditUsage}`,
    options: audit,
    load: () => import('./commands/diff.ts'),
  },
  investigate: {
    summary:
      'After a compromise: exploitable fixes missing, detections, exclusions, changes of administrators, blind spots, dwell time.',
    usage: `--from DAY --to DAY ${auditUsage}`,
    options: { '--from DAY': 'the first day', '--to DAY': 'the last day', ...audit },
    load: () => import('./commands/investigate.ts'),
  },
  policy: {
    summary: 'List and show the rule books, and run the tests of own ones.',
    usage: 'list|show ID|test [--policies DIR] [--format table|json]',
    options: { '--policies DIR': 'own policies: a folder or a file', '--format FORM': 'table (the default) or json' },
    load: () => import('./commands/policy.ts'),
  },
};
