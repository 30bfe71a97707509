/** Named configurations of sshd with the PAM files beside them, and what is said of each. */
import type { Requirement } from '../../judge/mfa/requirement.ts';
import { account } from './sshd-lab.ts';

const accountPart = ['account required pam_permit.so', 'session required pam_permit.so'];
const password = ['auth required pam_unix.so nodelay', ...accountPart];
const passwordAndCode = [
  'auth required pam_unix.so nodelay',
  'auth required pam_google_authenticator.so secret=@secret user=root no_strict_owner',
  ...accountPart,
];
const code = ['auth required pam_google_authenticator.so secret=@secret user=root no_strict_owner', ...accountPart];
const codeOrPassword = [
  'auth sufficient pam_google_authenticator.so secret=@secret user=root no_strict_owner',
  ...password,
];
const keys = 'AuthorizedKeysFile @/keys/%u';
const pam = ['UsePAM yes', keys];

export type Case = {
  readonly name: string;
  readonly pam: readonly string[];
  readonly config: readonly string[];
  readonly expected: Requirement;
  readonly user?: 'root';
  /** Clients are tried from the second loopback address too. */
  readonly addresses?: true;
  /** Further files of the lab's folder. */
  readonly files?: Readonly<Record<string, string>>;
};

export const cases: readonly Case[] = [
  { name: 'a plain server', pam: password, config: pam, expected: 'notRequired' },
  {
    name: 'key login beside TOTP',
    pam: passwordAndCode,
    config: [...pam, 'PasswordAuthentication no', 'KbdInteractiveAuthentication yes'],
    expected: 'optional',
  },
  {
    name: 'password and TOTP without keys',
    pam: passwordAndCode,
    config: [...pam, 'PubkeyAuthentication no', 'PasswordAuthentication no', 'KbdInteractiveAuthentication yes'],
    expected: 'required',
  },
  {
    name: 'password and TOTP, with the method password on too',
    pam: passwordAndCode,
    config: [...pam, 'PubkeyAuthentication no', 'PasswordAuthentication yes', 'KbdInteractiveAuthentication yes'],
    expected: 'required',
  },
  {
    name: 'UsePAM no',
    pam: passwordAndCode,
    config: ['UsePAM no', keys, 'PubkeyAuthentication no', 'KbdInteractiveAuthentication yes'],
    expected: 'notRequired',
  },
  {
    name: 'publickey,keyboard-interactive with a code alone',
    pam: code,
    config: [...pam, 'AuthenticationMethods publickey,keyboard-interactive'],
    expected: 'notRequired',
  },
  {
    name: 'publickey,keyboard-interactive with a password',
    pam: password,
    config: [...pam, 'AuthenticationMethods publickey,keyboard-interactive'],
    expected: 'required',
  },
  {
    name: 'publickey,keyboard-interactive:pam with password and code',
    pam: passwordAndCode,
    config: [...pam, 'AuthenticationMethods publickey,keyboard-interactive:pam'],
    expected: 'required',
  },
  {
    name: 'any beside password and TOTP',
    pam: passwordAndCode,
    config: [...pam, 'AuthenticationMethods any', 'KbdInteractiveAuthentication yes'],
    expected: 'optional',
  },
  {
    name: 'publickey,publickey with one key',
    pam: password,
    config: [...pam, 'AuthenticationMethods publickey,publickey'],
    expected: 'pathDisabled',
  },
  {
    name: 'two lists, both with two factors',
    pam: password,
    config: [...pam, 'AuthenticationMethods publickey,password publickey,keyboard-interactive'],
    expected: 'required',
  },
  {
    name: 'two lists, one with a key alone',
    pam: password,
    config: [...pam, 'AuthenticationMethods publickey,password publickey'],
    expected: 'optional',
  },
  {
    name: 'a list whose second method is switched off',
    pam: password,
    config: [
      ...pam,
      'AuthenticationMethods publickey,keyboard-interactive',
      `Match User ${account}`,
      'KbdInteractiveAuthentication no',
    ],
    expected: 'pathDisabled',
  },
  {
    name: 'a list that is left when another has a method that is off',
    pam: password,
    config: [
      ...pam,
      'AuthenticationMethods publickey,keyboard-interactive publickey,password',
      'KbdInteractiveAuthentication no',
    ],
    expected: 'required',
  },
  {
    name: 'Match User takes the second factor away',
    pam: password,
    config: [
      ...pam,
      'AuthenticationMethods publickey,password',
      `Match User ${account}`,
      'AuthenticationMethods publickey',
    ],
    expected: 'notRequired',
  },
  {
    name: 'Match User for somebody else',
    pam: password,
    config: [
      ...pam,
      'AuthenticationMethods publickey,password',
      'Match User somebodyelse',
      'AuthenticationMethods publickey',
    ],
    expected: 'required',
  },
  {
    name: 'Match Group demands it',
    pam: password,
    config: [...pam, 'Match Group sudo', 'AuthenticationMethods publickey,password'],
    expected: 'required',
  },
  {
    name: 'Match Address lets one address in with less',
    pam: password,
    config: [
      ...pam,
      'AuthenticationMethods publickey,password',
      'Match Address 127.0.0.2',
      'AuthenticationMethods publickey',
    ],
    expected: 'conditional',
    addresses: true,
  },
  {
    name: 'Match Address with a network and an exception',
    pam: password,
    config: [
      ...pam,
      'AuthenticationMethods publickey',
      'Match Address !127.0.0.2,127.0.0.0/8',
      'AuthenticationMethods publickey,password',
    ],
    expected: 'conditional',
    addresses: true,
  },
  {
    name: 'PasswordAuthentication no, but PAM asks for the password all the same',
    pam: password,
    config: [...pam, 'PubkeyAuthentication no', 'PasswordAuthentication no', 'KbdInteractiveAuthentication yes'],
    expected: 'notRequired',
  },
  {
    name: 'security keys alone, and a plain key',
    pam: password,
    config: [...pam, 'PubkeyAcceptedAlgorithms sk-*', 'PasswordAuthentication no', 'KbdInteractiveAuthentication no'],
    expected: 'pathDisabled',
  },
  {
    name: 'AllowGroups that leaves the account out',
    pam: password,
    config: [...pam, 'AllowGroups nogroup'],
    expected: 'pathDisabled',
  },
  {
    name: 'AllowGroups with a pattern that takes it in',
    pam: password,
    config: [...pam, 'AllowGroups nogroup su*'],
    expected: 'notRequired',
  },
  {
    name: 'AllowUsers from one address alone',
    pam: password,
    config: [...pam, `AllowUsers ${account}@127.0.0.2`],
    expected: 'notRequired',
    addresses: true,
  },
  { name: 'DenyUsers', pam: password, config: [...pam, `DenyUsers root ${account}`], expected: 'pathDisabled' },
  {
    name: 'a code that is sufficient before the password',
    pam: codeOrPassword,
    config: [...pam, 'PubkeyAuthentication no', 'KbdInteractiveAuthentication yes'],
    expected: 'optional',
  },
  {
    name: 'an included file that speaks first',
    pam: password,
    config: ['Include @/first.conf', ...pam, 'AuthenticationMethods publickey'],
    files: { 'first.conf': 'AuthenticationMethods publickey,password\n' },
    expected: 'required',
  },
  {
    name: 'an included file within a Match that does not hold',
    pam: password,
    config: [...pam, 'AuthenticationMethods publickey,password', 'Match User nobody', 'Include @/loose.conf'],
    files: { 'loose.conf': 'AuthenticationMethods publickey\nMatch all\nAuthenticationMethods publickey\n' },
    expected: 'required',
  },
  {
    name: 'root, PermitRootLogin prohibit-password, and a key',
    user: 'root',
    pam: password,
    config: [...pam, 'PermitRootLogin prohibit-password'],
    expected: 'notRequired',
  },
  {
    name: 'root, prohibit-password, and a list whose second step is PAM',
    user: 'root',
    pam: code,
    config: [...pam, 'PermitRootLogin prohibit-password', 'AuthenticationMethods publickey,keyboard-interactive'],
    expected: 'pathDisabled',
  },
  {
    name: 'root, PermitRootLogin yes, and a key',
    user: 'root',
    pam: password,
    config: [...pam, 'PermitRootLogin yes'],
    expected: 'notRequired',
  },
  {
    name: 'root, PermitRootLogin no',
    user: 'root',
    pam: password,
    config: [...pam, 'PermitRootLogin no'],
    expected: 'pathDisabled',
  },
  {
    name: 'root, forced-commands-only, and a key without a command',
    user: 'root',
    pam: password,
    config: [...pam, 'PermitRootLogin forced-commands-only'],
    expected: 'pathDisabled',
  },
];
