/** The commands with their one-line summaries; the modules behind them are loaded when asked for. */
import { auditCommands } from './command-table-audit.ts';
import { identityCommands, stateOptionTexts as state } from './command-table-identity.ts';
import { readerCommands } from './command-table-readers.ts';
import { sweepCommands } from './command-table-sweep.ts';
import type { Io } from './io.ts';

export type CommandModule = { readonly run: (args: readonly string[], io: Io) => Promise<number> };
export type Command = {
  readonly summary: string;
  readonly usage: string;
  readonly options: Readonly<Record<string, string>>;
  readonly hidden?: true;
  load(): Promise<CommandModule>;
};

const format = { '--format FORM': 'table (the default) or json' };
const keys = {
  '--key FILE': 'a public key (PEM) that is trusted to sign; may be repeated',
  '--log-key FILE': 'the log key, a verifier line, to check the receipt against',
};

const mfaSource = {
  '--pack PACK': 'judge what a pack says; unverified unless a key is given',
  '--state DIR': 'judge the newest bundle of this state folder; unverified unless a key is given',
  '--host HOST': 'local (the default) or replay:DIR, a recorded machine; nothing is signed or kept',
  ...keys,
};

const auditSource = {
  '--packs DIR': 'a folder of packs (*.pack.json); may be repeated',
  ...keys,
  '--stamp-ca FILE': 'certificates (PEM) of the authority that is trusted to stamp the log with the time (RFC 3161)',
  '--inventory FILE': 'exposure, roles and owners of servers; its signature lies beside it as FILE.sigstore.json',
  '--attestations DIR': 'signed statements of persons, by keys given with --key',
  '--policies PATH': 'own policies, a file or a folder, beside those that come with the program',
  '--policy NAME': 'these policies alone; may be repeated. Without it those in force',
  '--at DAY': 'the day of the audit; today without it. Nothing later is known to it',
  '--host NAME': 'one server alone, by name or by the beginning of its id',
  '--cache DIR': 'a folder of your own that keeps what was read from verified packs; it may be deleted at any time',
};
export const commandTable: Readonly<Record<string, Command>> = {
  start: {
    summary: 'Collect evidence of this machine, sign it, hand it to an endpoint on loopback, verify it, and show it.',
    usage: '[--format table|json] [--state DIR] [--config FILE]',
    options: { ...format, ...state },
    load: () => import('./commands/start.ts'),
  },
  collect: {
    summary: 'Collect evidence, sign it, and keep it in the spool until an endpoint has it.',
    usage:
      '[--only NAME,…] [--raw] [--out FILE] [--format table|json] [--host local|replay:DIR] [--strict] [--scheduled [--every TIME]] [--state DIR] [--config FILE]',
    options: {
      '--only NAME,…': 'run these collectors alone; the bundle says which were not asked',
      '--raw': 'attach what the sources gave, redacted and capped, as further documents raw/<n> for auditors',
      '--out FILE': 'also write the pack to FILE (a folder: under its usual name)',
      ...format,
      '--host HOST':
        'local (the default) or replay:DIR, a recorded machine; a replay is signed with a throw-away key and not spooled',
      '--strict': 'exit with 3 where parts were not seen',
      '--scheduled': 'for timers: one line for the log in place of the report',
      '--every TIME': "for timers without a memory (cron): nothing before this server's turn in each 24h, 7d …",
      ...state,
    },
    load: () => import('./commands/collect.ts'),
  },
  ...sweepCommands,
  post: {
    summary: 'Send what waits in the spool, or packs carried by hand, to the endpoint.',
    usage: '[PACK…] [--endpoint URL] [--scheduled] [--format table|json] [--state DIR] [--config FILE]',
    options: {
      ...format,
      '--endpoint URL': 'the endpoint, instead of the configured one',
      '--scheduled': 'for timers: lines for the log in place of the report',
      ...state,
    },
    load: () => import('./commands/post.ts'),
  },
  status: {
    summary: 'Say how the agent is doing here: last run, last receipt, what waits, what rests, when it goes on.',
    usage: '[--format table|json] [--state DIR] [--config FILE]',
    options: { ...format, ...state },
    load: () => import('./commands/status.ts'),
  },
  completion: {
    summary: 'Print what bash or zsh needs to complete these commands.',
    usage: 'bash|zsh',
    options: {},
    load: () => import('./commands/completion.ts'),
  },
  service: {
    summary: 'Install what runs by itself (systemd, cron, a Windows service or task), take it away, or say how it is.',
    usage: 'install|uninstall|status [--as-root] [--task] [--dry-run] [--format table|json] [--config FILE]',
    options: {
      '--as-root': 'Linux: collect as root; docs/operate.md says what that adds and costs',
      '--task': 'Windows: a scheduled task in place of the service',
      '--dry-run': 'print each step and each file, and do nothing',
      ...format,
      ...state,
    },
    load: () => import('./commands/service.ts'),
  },
  run: {
    summary: 'Stay and collect once in each interval, posting what waits: for containers, and as the Windows service.',
    usage: '[--every TIME] [--state DIR] [--config FILE]',
    options: {
      '--every TIME': 'how often: 24h (the default), 6h, 7d …; the moment in it differs between servers',
      ...state,
    },
    load: () => import('./commands/run.ts'),
  },
  prove: {
    summary: 'Prove that detection works: a harmless test file for the scanner, a message through the audit system.',
    usage:
      '[--only eicar,auditd,amsi,eventlog] [--folder DIR] [--scheduled] [--format table|json] [--state DIR] [--config FILE]',
    options: {
      '--only NAME,…':
        'eicar, auditd: these proofs alone; on Windows eicar, amsi, eventlog, which run only where they are named',
      '--folder DIR': 'where the test file goes; never among data, in homes, document roots or shares',
      '--scheduled': 'for timers: does nothing unless prove.enable is set and the newest proof is old enough',
      ...format,
      ...state,
    },
    load: () => import('./commands/prove.ts'),
  },
  verify: {
    summary:
      'Verify packs offline: signature, documents, receipt; of a sweep its summary, with every pack that it names. Exit 0 when all verify, 1 otherwise.',
    usage:
      'PACK…|sweep.json --key FILE [--log-key FILE] [--records FILE] [--stamp-ca FILE] [--consistency FILE…] [--format table|json]',
    options: {
      ...keys,
      '--records FILE': 'the records of the log: the key must have been in good standing at its place in the log',
      '--stamp-ca FILE':
        'certificates (PEM) of the authority that is trusted to stamp the log with the time (RFC 3161)',
      '--consistency FILE':
        'proofs that the trees in the receipts continue each other: answers of /v1/log/consistency, one a line; may be repeated',
      ...format,
    },
    load: () => import('./commands/verify.ts'),
  },
  show: {
    summary: 'Show what a pack says; unverified unless a key is given.',
    usage: 'PACK [--key FILE] [--log-key FILE] [--format table|json]',
    options: { ...keys, ...format },
    load: () => import('./commands/show.ts'),
  },
  mfa: {
    summary: 'Print whether a second factor is really required, for each administrator on each way in.',
    usage: '[--pack PACK [--key FILE] | --state DIR | --host local|replay:DIR] [--format table|json]',
    options: { ...mfaSource, ...format },
    load: () => import('./commands/mfa.ts'),
  },
  explain: {
    summary:
      'Show how somebody gets in with the least, or what a finding rests on: rule, clock, each piece of evidence.',
    usage:
      'finding ID --packs DIR --key FILE… | mfa --account NAME --way WAY [--pack PACK [--key FILE] | --state DIR | --host local|replay:DIR] [--format table|json]',
    options: {
      '--account NAME': 'the administrator',
      '--way WAY': 'ssh, console, su, sudo, polkit, rescue, or another that `affiant mfa` names',
      ...mfaSource,
      ...format,
    },
    load: () => import('./commands/explain.ts'),
  },
  report: {
    summary:
      'Report what is wrong, since when, by which clock too late: one server or a fleet, in the terminal or as HTML.',
    usage:
      '--packs DIR… --key FILE… [--log-key FILE] [--stamp-ca FILE] [--inventory FILE] [--attestations DIR] [--policies PATH] [--plan FILE] [--at DAY] [--host NAME] [--out FILE.html|DIR/] [--format table|json]',
    options: {
      ...auditSource,
      '--plan FILE': 'the action plan, shown with its burn-up chart',
      '--out FILE': 'one self-contained HTML file; DIR/: the fleet and one file a server',
      ...format,
    },
    load: () => import('./commands/report.ts'),
  },
  plan: {
    summary: 'Check an action plan against evidence: done, holding, open, at risk, overdue, not known.',
    usage: 'check --plan FILE --packs DIR… --key FILE… [--attestations DIR] [--at DAY] [--format table|json]',
    options: { '--plan FILE': 'the action plan, YAML', ...auditSource, ...format },
    load: () => import('./commands/plan.ts'),
  },
  export: {
    summary: 'Export findings as OSCAL, OCSF or CycloneDX, or all evidence of a server for a regulator.',
    usage:
      'oscal|ocsf|cyclonedx|evidence-pack --packs DIR… --key FILE… [--host NAME] [--from DAY] [--to DAY] [--out FILE|DIR/ [--format table|json]]',
    options: {
      ...auditSource,
      '--from DAY': 'evidence-pack: the first day',
      '--to DAY': 'evidence-pack: the last day; also the day of the audit unless --at is given',
      '--out FILE': 'the file to write; DIR/: one a server. Text goes to standard output without it',
      '--format FORM': 'with --out: what is said of the files written, table (the default) or json',
    },
    load: () => import('./commands/export.ts'),
  },
  directory: {
    summary: 'Ask an identity provider, once per tenant, whether administrators must show a second factor.',
    usage: 'entra|okta|requests [--out FILE] [--format table|json] [--strict] [--state DIR] [--config FILE]',
    options: {
      '--out FILE': 'also write the pack to FILE (a folder: under its usual name)',
      ...format,
      '--strict': 'exit with 3 where parts were not seen',
      ...state,
    },
    load: () => import('./commands/directory.ts'),
  },
  unpack: {
    summary: 'Write the documents of a pack in their canonical bytes, with the bundle, for sha256sum and cosign.',
    usage: 'PACK DIR [--format table|json]',
    options: format,
    load: () => import('./commands/unpack.ts'),
  },
  ...identityCommands,
  serve: {
    summary: 'Run the central endpoint.',
    usage: '[--trust-key FILE…] [--listen HOST:PORT] [--state DIR] [--config FILE]',
    options: {
      '--trust-key FILE': 'a public key (PEM) whose bundles are taken without enrolment; may be repeated',
      '--listen HOST:PORT': 'where to listen (127.0.0.1:8620); plain HTTP on loopback only',
      ...state,
    },
    load: () => import('./commands/serve.ts'),
  },
  backup: {
    summary: 'At the endpoint: copy the embedded store while it is in use.',
    usage: 'FILE [--format table|json] [--state DIR] [--config FILE]',
    options: { ...format, ...state },
    load: () => import('./commands/backup.ts'),
  },
  prune: {
    summary: 'At the endpoint: remove documents whose time is over. Statements and proofs stay.',
    usage: '[--older-than DAYSd] [--dry-run] [--format table|json] [--state DIR] [--config FILE]',
    options: {
      '--older-than DAYSd': 'documents that no bundle of the last days names (serve.retention.documentDays, 760)',
      '--dry-run': 'only count them',
      ...format,
      ...state,
    },
    load: () => import('./commands/prune.ts'),
  },
  erase: {
    summary: 'At the endpoint: remove the documents of a server, of a key, or all that name a person.',
    usage:
      '--target ID | --key ID | --account NAME --reason TEXT [--operator NAME] [--format table|json] [--state DIR] [--config FILE]',
    options: {
      '--target ID': 'the documents of this server',
      '--key ID': 'the documents that this key sent',
      '--account NAME': 'every document that names this account, whatever its case and domain',
      '--reason TEXT': 'why; it stands in the log, so it names nobody',
      '--operator NAME': 'who does it, instead of the user that runs the command',
      ...format,
      ...state,
    },
    load: () => import('./commands/erase.ts'),
  },
  hold: {
    summary:
      'At the endpoint: a legal hold on servers, so that nothing of them is pruned or erased; without a name, those in force.',
    usage:
      '[NAME --reason TEXT [--target ID…] [--release] [--operator NAME]] [--format table|json] [--state DIR] [--config FILE]',
    options: {
      '--reason TEXT': 'why it begins, or ends',
      '--target ID': 'a server; may be repeated; none holds everything',
      '--release': 'ends the hold',
      '--operator NAME': 'who orders it, instead of the user that runs the command',
      ...format,
      ...state,
    },
    load: () => import('./commands/hold.ts'),
  },
  record: {
    summary: 'Record this machine into a folder, redacted, to be replayed elsewhere.',
    usage: 'DIR [--only NAME,…] [--format table|json]',
    options: { '--only NAME,…': 'what these collectors ask, alone', ...format },
    load: () => import('./commands/record.ts'),
  },
  commands: {
    summary: 'List every command that Affiant may ever run on a server.',
    usage: '[--format table|json]',
    options: { ...format },
    load: () => import('./commands/commands.ts'),
  },
  doctor: {
    summary: 'Say what can be seen with the present privilege, what cannot, and what would help.',
    usage: '[--deep] [--format table|json] [--state DIR] [--config FILE]',
    options: {
      '--deep':
        'on Windows, in place of the facts: each query by itself, a name that could become code, a query that hangs',
      ...format,
      ...state,
    },
    load: () => import('./commands/doctor.ts'),
  },
  ...auditCommands,
  ...readerCommands,
};
