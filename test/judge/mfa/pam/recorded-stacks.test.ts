/** PAM files that others published, with what is known of them; read in place where they are at hand. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { observed } from '../../../../collectors/fact.ts';
import type { Requirement } from '../../../../judge/mfa/pam/judge-pam.ts';
import { judge } from './judge-named.ts';
import { usualFacts } from './named-stack.ts';

const folder = join(import.meta.dirname, '../../../../../shared/recordings/mfa');
const debian = 'auth [success=1 default=ignore] pam_unix.so\nauth requisite pam_deny.so\nauth required pam_permit.so\n';
const password = 'auth required pam_unix.so\n';
const end = 'auth requisite pam_deny.so\nauth required pam_permit.so\n';
const duo = {
  pamModuleSettings: observed(
    [{ module: 'pam_duo', file: '/etc/duo/pam_duo.conf', section: 'duo', settings: { failmode: 'secure' } }],
    'file:/etc/duo/pam_duo.conf',
  ),
};

/** Where the publication is an excerpt: what stands before and after it. */
type Recorded = {
  readonly before?: string;
  readonly after?: string;
  readonly requires: Requirement;
  readonly account?: 'bob';
};

const recorded: Readonly<Record<string, Recorded>> = {
  'pam-password-auth-el7-ldap.txt': { requires: 'notRequired' },
  'pam-system-auth-el7-sss.txt': { requires: 'notRequired' },
  'pam-su-l-sss-domains.txt': { requires: 'undetermined' },
  'pam-sshd-duo-after-common-auth.txt': { requires: 'required' },
  'pam-sshd-duo-only-with-key.txt': { requires: 'notRequired' },
  'pam-system-auth-duo-salt.txt': { after: end, requires: 'required' },
  'pam-sshd-gauth-sufficient-nullok-top-WRONG.txt': { after: `\n${debian}`, requires: 'optional' },
  'pam-sshd-gauth-invalid-user-option-WRONG.txt': { after: `\n${debian}`, requires: 'optional' },
  'pam-sshd_mfa-gauth-ok-with-key.txt': { requires: 'notRequired' },
  'pam-sudo-group-gauth-sufficient-nullok-WRONG.txt': { requires: 'optional' },
  'pam-two-sufficient-WRONG.txt': { requires: 'optional' },
  'pam-u2f-or-gauth-both-sufficient.txt': { requires: 'notRequired' },
  'gauth_pam-line-bracket-arg.txt': { before: password, requires: 'required' },
  'gauth_pam-line-nullok.txt': { before: password, requires: 'notRequired', account: 'bob' },
  'u2f_pam-passwordless-sufficient.txt': { after: password, requires: 'optional' },
  'u2f_pam-second-factor.txt': { before: password, requires: 'required' },
  'u2f_pam-two-sufficient-biometric.txt': { after: password, requires: 'optional' },
  'yubico_pam-openvpn.txt': { requires: 'required' },
  'yubico_pam-sshd-el.txt': { requires: 'required' },
  'yubico_pam-radiusd-sufficient-WRONG.txt': { after: password, requires: 'optional' },
  'insights_pam-sshd-rhel7.txt': { requires: 'notRequired' },
  'insights_pam-password-auth-faillock-after-deny.txt': { requires: 'notRequired' },
};

describe('recorded PAM files', () => {
  for (const [name, { before = '', after = '', requires, account = 'alice' }] of Object.entries(recorded))
    it(`${name}: ${requires}`, function () {
      const path = join(folder, name);
      // Not part of the project: whoever has no recordings passes without them.
      if (!existsSync(path)) return void this.skip();
      const text = readFileSync(path, 'latin1');
      const files = {
        svc: `${before}${text}${after}\n${/^\s*account/m.test(text) ? 'account required pam_permit.so\n' : ''}`,
        'common-auth': debian,
        'common-account': 'account required pam_permit.so\n',
        'common-session-noninteractive': '',
        'system-auth': `${password}account required pam_permit.so\n`,
        'password-auth': `${password}account required pam_permit.so\n`,
        postlogin: '',
      };
      const verdict = judge(files, { ...usualFacts, ...duo }, account);
      assert.equal(verdict.requirement, requires, JSON.stringify(verdict, undefined, 1));
    });
});
