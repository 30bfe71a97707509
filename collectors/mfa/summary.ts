/** What a person reads first: plain facts. Whether a second factor is really required is the judge's to say. */
import type { AccountKeys, Fact, SshConnectionClass, SshServer, Text } from '../../schemas/generated/types.ts';
import type { Drafts, SummaryRow } from '../collector.ts';
import { windowsRows } from './windows/summary.ts';

/** Modules that ask for something held or of the body (pam.d(5) of each). */
const secondFactorModules =
  /pam_(?:google_authenticator|oath|u2f|duo|yubico|pkcs11|p11|radius_auth|radius|okta\w*|rsa|securid|privacyidea|multiotp|fprintd|howdy)\b/;

export function summariseMfa({ mfa }: Drafts): readonly SummaryRow[] {
  if (mfa === undefined) return [];
  const rows = [
    seen(mfa.sshServers, serverRow),
    seen(mfa.pamStacks, (stacks) => {
      const with2 = stacks.filter(
        ({ content }) =>
          content.status === 'observed' &&
          content.value.lines.some(({ module }) => typeof module === 'string' && secondFactorModules.test(module)),
      );
      return plain(
        'PAM',
        `${stacks.length} files; second-factor modules in: ${listed(
          with2.map(({ service }) => service),
          'none',
        )}`,
      );
    }),
    seen(mfa.authorizedKeys, keyRow),
    seen(mfa.enrolments, (all) => {
      const there = all.filter(({ enrolled }) => enrolled.status === 'observed' && enrolled.value).length;
      return plain('Enrolments', `${there} of ${all.length} places that were looked at`);
    }),
    seen(mfa.webConsoles, (all) =>
      all.length === 0 ? undefined : plain('Web consoles', all.map(({ kind }) => kind).join(', ')),
    ),
    seen(mfa.consoles, (all) => {
      const open = all.flatMap(({ automaticLogin }) => (automaticLogin === undefined ? [] : [automaticLogin]));
      if (open.length === 0) return undefined;
      return { label: 'Consoles', text: `log in without asking: ${listed(open, '')}`, tone: 'attention' };
    }),
  ];
  return [...rows.filter((row) => row !== undefined), ...windowsRows(mfa)];
}

function seen<T>(fact: Fact<T>, row: (value: T) => SummaryRow | undefined): SummaryRow | undefined {
  return fact.status === 'observed' ? row(fact.value) : undefined;
}

function plain(label: string, text: string): SummaryRow {
  return { label, text, tone: 'plain' };
}

function serverRow(servers: readonly SshServer[]): SummaryRow {
  if (servers.length === 0) return plain('SSH servers', 'none');
  return plain(
    'SSH servers',
    servers
      .map(
        ({ id, connectionClasses }) =>
          `${id} (${connectionClasses.status === 'observed' ? methodsOf(connectionClasses.value) : 'settings not seen'})`,
      )
      .join('; '),
  );
}

function methodsOf(classes: readonly SshConnectionClass[]): string {
  const methods = new Set(
    classes.flatMap(({ settings }) =>
      settings.status === 'observed' ? [(settings.value['authenticationmethods'] ?? []).map(shown).join(' or ')] : [],
    ),
  );
  return methods.size === 0 ? 'nobody is known who may log in' : `login methods: ${[...methods].join('; ')}`;
}

function keyRow(accounts: readonly AccountKeys[]): SummaryRow {
  const keys = accounts.flatMap(({ keys: fact }) => (fact.status === 'observed' ? fact.value : []));
  const hardware = keys.filter(({ type }) => type.startsWith('sk-') || type.startsWith('webauthn-sk-'));
  const unseen = accounts.filter(({ keys: fact }) => fact.status !== 'observed' && fact.status !== 'absent').length;
  const text = `${keys.length} of ${accounts.length} administrators' accounts, ${hardware.length} of them on security keys`;
  return plain('Public keys', unseen === 0 ? text : `${text}; not seen for ${unseen} accounts`);
}

function listed(names: readonly Text[], none: string): string {
  if (names.length === 0) return none;
  return names.slice(0, 8).map(shown).join(', ') + (names.length > 8 ? ` and ${names.length - 8} more` : '');
}

function shown(name: Text): string {
  return typeof name === 'string' ? name : `(not UTF-8: ${name.bytes})`;
}
