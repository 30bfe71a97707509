/** Documents for tests of the judge, out of a few settings. */
import { windowsFacts } from '../../../collectors/admins/index.ts';
import type { Draft } from '../../../collectors/collector.ts';
import type { PamVerdict } from '../../../judge/mfa/pam/judge-pam.ts';
import type { Category } from '../../../judge/mfa/pam/outcome.ts';
import type { JudgePam } from '../../../judge/mfa/pam-judge.ts';
import type { Fact, LoginKey, SshConnectionClass, SudoRule, Unseen } from '../../../schemas/generated/types.ts';

export function seen<T>(value: T): Fact<T> {
  return { status: 'observed', value, sources: ['file:/test'] };
}

export function unseen(status: Unseen['status'], reason = 'permission-denied'): Unseen {
  return { status, reason, sources: ['file:/test'] };
}

const none = unseen('not-applicable', 'not-here');

export const emptyMfa: Draft<'mfa'> = {
  pamLookup: none,
  pamStacks: none,
  pamModules: none,
  pamModuleSettings: none,
  accessRules: none,
  listFiles: none,
  conditionGroups: none,
  enrolments: none,
  sshServers: seen([]),
  authorizedKeys: seen([]),
  userCertificateAuthorities: seen([]),
  loginServices: seen([]),
  consoles: seen([]),
  escalationPrograms: seen([]),
  kerberosKeytab: seen(false),
  webConsoles: seen([]),
  rescue: seen({ bootLoader: 'grub', bootLoaderPassword: true, passwordForced: true }),
  smartCardPolicy: none,
  smartCardAccounts: none,
  credentialProviders: none,
  credentialProviderFilters: none,
  logonAgents: none,
  remoteDesktop: none,
  winRm: none,
  networkLogon: none,
  npsExtension: none,
  exchangeVirtualDirectories: none,
  exchangeAuthenticationPolicies: none,
  exchangeModernAuthentication: none,
  exchangeMailProtocols: none,
};

type Settings = Readonly<Record<string, readonly string[]>>;

const usual: Settings = {
  usepam: ['yes'],
  pubkeyauthentication: ['yes'],
  passwordauthentication: ['yes'],
  kbdinteractiveauthentication: ['yes'],
  permitrootlogin: ['without-password'],
  permitemptypasswords: ['no'],
  authenticationmethods: ['any'],
  authorizedkeysfile: ['/etc/ssh/keys/%u'],
  pubkeyauthoptions: ['none'],
  pubkeyacceptedalgorithms: ['ssh-ed25519', 'sk-ssh-ed25519@openssh.com', 'ssh-ed25519-cert-v01@openssh.com'],
  trustedusercakeys: ['none'],
  authorizedkeyscommand: ['none'],
};

export const classOf = (
  settings: Settings,
  addresses: readonly string[] = ['203.0.113.7'],
  accounts: readonly string[] = ['root', 'alice'],
): SshConnectionClass => ({
  accounts: [...accounts],
  connection: { user: accounts[0] ?? '', host: addresses[0] ?? '', address: addresses[0] ?? '', localPort: 22 },
  addresses: [...addresses],
  answeredBy: 'sshd',
  settings: seen(
    Object.fromEntries(Object.entries({ ...usual, ...settings }).map(([name, words]) => [name, [...words]])),
  ),
});

export const plainKey: LoginKey = { line: 1, type: 'ssh-ed25519', fingerprint: `SHA256:${'A'.repeat(43)}` };
export const securityKey: LoginKey = { ...plainKey, type: 'sk-ssh-ed25519@openssh.com' };

/** One OpenSSH server with these classes, and these keys of alice and root. */
export function ssh(
  classes: readonly SshConnectionClass[],
  keys: readonly LoginKey[] = [plainKey],
  more: Partial<Draft<'mfa'>> = {},
): Draft<'mfa'> {
  return {
    ...emptyMfa,
    sshServers: seen([
      {
        id: 'ssh.service',
        implementation: 'openssh',
        program: '/usr/sbin/sshd',
        configFile: '/etc/ssh/sshd_config',
        version: seen('OpenSSH_9.2p1'),
        running: seen(true),
        listens: seen([]),
        directives: seen([]),
        connectionClasses: seen([...classes]),
        classesLeftOut: 0,
      },
    ]),
    authorizedKeys: seen(
      ['root', 'alice'].map((account) => ({
        account,
        keys: keys.length === 0 ? unseen('absent', 'no-such-file') : seen([...keys]),
      })),
    ),
    ...more,
  };
}

const rule: SudoRule = {
  definedIn: '/etc/sudoers',
  line: 1,
  users: ['%sudo'],
  hosts: ['ALL'],
  runAsUsers: ['ALL'],
  commands: [{ command: 'ALL' }],
  tags: [],
};

const others = Object.fromEntries(
  [
    'doasInstalled',
    'doasRules',
    'suGuards',
    'polkitRules',
    'controlSockets',
    'dockerListeners',
    'fileCapabilities',
    'setIdFiles',
    'sshKeySettings',
    'authorizedKeys',
    'directoryGroups',
    'directoryDomains',
    'sudoListings',
    'writableRootJobs',
    'outOfBandAgents',
    'lastLogins',
    ...windowsFacts,
  ].map((name) => [name, none]),
) as Draft<'admins'>;

export const admins: Draft<'admins'> = {
  ...others,
  accounts: seen([
    { name: 'root', uid: 0, gid: 0, home: '/root', shell: '/bin/bash' },
    { name: 'alice', uid: 1000, gid: 1000, home: '/home/alice', shell: '/bin/bash' },
  ]),
  accountSources: seen({ passwd: ['files'], group: ['files'] }),
  nisEntries: seen([]),
  passwordStates: seen([
    { name: 'root', state: 'locked' },
    { name: 'alice', state: 'set' },
  ]),
  groups: seen([{ name: 'sudo', gid: 27, members: ['alice'] }]),
  sudoInstalled: seen(true),
  sudoRules: seen([rule]),
  sudoDefaults: seen([]),
};

/** An interpreter of PAM that always gives the same ways. */
export function pamWith(...ways: readonly (readonly Category[])[]): JudgePam {
  const witness = [{ file: '/etc/pam.d/test', line: 1, module: 'pam_test.so', outcome: 'success' }];
  const verdict: PamVerdict = {
    requirement: ways.length === 0 ? 'pathDisabled' : ways.some((way) => way.length < 2) ? 'notRequired' : 'required',
    ways: ways.map((factors) => ({ factors, certainty: 'can', when: [], witness })),
    stops: [],
    reasons: [],
  };
  return () => verdict;
}
