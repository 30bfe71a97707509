/** OpenSSH on Windows, and accounts that demand a smart card: what asks for a password lets in by one factor, what was not read never passes. */
import assert from 'node:assert/strict';
import type { Host } from '../../agent/host/host.ts';
import type { Draft } from '../../collectors/collector.ts';
import { observed, unseen } from '../../collectors/fact.ts';
import { readWindowsSsh } from '../../collectors/mfa/windows/ssh.ts';
import { judgeExchange } from '../../judge/mfa/windows-exchange.ts';
import { judgeWindowsSsh } from '../../judge/mfa/windows-ssh.ts';

const source = 'query:services';
const sid = 'S-1-5-21-1-2-3-1104';
const service = {
  name: 'sshd',
  running: true,
  startType: 'automatic' as const,
  state: 'Running',
  path: String.raw`C:\Windows\System32\OpenSSH\sshd.exe`,
  account: 'LocalSystem',
  exitCode: 0,
};
type Services = Parameters<typeof readWindowsSsh>[1];

function hostWith(text: string | undefined): Host {
  const file = { status: 'observed', value: { text, truncated: false }, source: 'file:sshd_config' };
  const gone = { status: 'absent', reason: 'no-such-file', source: 'file:sshd_config' };
  return { readFile: () => Promise.resolve(text === undefined ? gone : file) } as unknown as Host;
}

async function read(text: string | undefined, services: Services): Promise<Draft<'mfa'>> {
  const mfa: Partial<Draft<'mfa'>> = {
    sshServers: await readWindowsSsh(hostWith(text), services),
    smartCardAccounts: observed([{ id: sid, smartCardRequired: false }], source),
  };
  return mfa as Draft<'mfa'>;
}

const running = observed(new Map([['sshd', service]]), source);
const judged = async (text: string | undefined, services: Services = running, more: Partial<Draft<'mfa'>> = {}) =>
  judgeWindowsSsh({ ...(await read(text, services)), ...more }, { id: sid, groups: [] })?.requirement;
/** As the service writes it at its first start: nearly all is a comment. */
const usual = `#PasswordAuthentication yes
AuthorizedKeysFile	.ssh/authorized_keys
Subsystem	sftp	sftp-server.exe
Match Group administrators
       AuthorizedKeysFile __PROGRAMDATA__/ssh/administrators_authorized_keys
`;

describe('OpenSSH on Windows', () => {
  it('takes a password alone as it is installed', async () => {
    assert.equal(await judged(usual), 'notRequired');
  });

  it('takes it wherever one line says so, and never by a later line less', async () => {
    assert.equal(
      await judged(`PasswordAuthentication no\nMatch Group helpdesk\n  PasswordAuthentication yes\n`),
      'notRequired',
    );
    assert.equal(await judged(`Match Address 10.0.0.0/8\n  PasswordAuthentication no\n`), 'notRequired');
  });

  for (const [what, text] of [
    ['keys alone, which are not read', `PasswordAuthentication no\n${usual}`],
    ['methods in a list', `AuthenticationMethods publickey,password\n`],
    ['certain groups alone', `AllowGroups corp\\admins\n`],
    ['what another file says', `Include other.conf\n`],
    ['a file that sshd would refuse', `PasswordAuthentication "no\n`],
    ['no file', undefined],
  ] as const)
    it(`is not known where it takes ${what}`, async () => {
      assert.equal(await judged(text), 'undetermined');
    });

  it('is not known where the service names a file or an option of its own (symptom: the usual file, which it does not read, was judged)', async () => {
    const none = 'PasswordAuthentication no\nPubkeyAuthentication no\n';
    for (const [path, known] of [
      [String.raw`"C:\Program Files\OpenSSH\sshd.exe"`, 'pathDisabled'],
      [String.raw`"C:\Program Files\OpenSSH\sshd.exe" -f D:\ssh\sshd_config`, 'undetermined'],
      [String.raw`C:\ssh\sshd.exe -dof C:\x`, 'undetermined'],
      [String.raw`C:\ssh\sshd -4 -oPasswordAuthentication=yes`, 'undetermined'],
    ] as const)
      assert.equal(await judged(none, observed(new Map([['sshd', { ...service, path }]]), source)), known, path);
  });

  it('is no way where neither key nor password is taken, where it does not run, and where there is none', async () => {
    assert.equal(await judged('PasswordAuthentication no\nPubkeyAuthentication no\n'), 'pathDisabled');
    const stopped = observed(new Map([['sshd', { ...service, running: false }]]), source);
    assert.equal(await judged(usual, stopped), 'pathDisabled');
    assert.equal(await judged(usual, observed(new Map([['winrm', service]]), source)), undefined);
  });

  it('is not known where services were not seen, or another product listens', async () => {
    assert.equal(await judged(usual, unseen('denied', 'access-denied', [source])), 'undetermined');
    const other = observed(new Map([['bvsshserver', service]]), source);
    assert.equal(await judged(usual, other), 'undetermined');
  });

  it('takes no password of an account that demands a smart card', async () => {
    const card = { smartCardAccounts: observed([{ id: sid, smartCardRequired: true }], source) };
    assert.notEqual(await judged('PubkeyAuthentication no\n', running, card), 'notRequired');
    const unknown = { smartCardAccounts: unseen('failed', 'no-answer', [source]) };
    assert.equal(await judged('PubkeyAuthentication no\n', running, unknown), 'undetermined');
  });
});

describe('Exchange for an account that demands a smart card', () => {
  const none = unseen('absent', 'none', [source]);
  const mfa = (authentication: readonly string[]): Draft<'mfa'> =>
    ({
      exchangeVirtualDirectories: observed([{ kind: 'owa', authentication }], source),
      exchangeMailProtocols: observed(
        [{ protocol: 'imap', name: '1', running: true, authentication: ['plain'] }],
        source,
      ),
      exchangeAuthenticationPolicies: none,
      exchangeModernAuthentication: none,
    }) as unknown as Draft<'mfa'>;
  const requirements = (authentication: readonly string[], cardOnly: boolean): string[] =>
    judgeExchange(mfa(authentication), undefined, cardOnly).map(
      ({ way, judged: { requirement } }) => `${way} ${requirement}`,
    );

  it('knows that nobody has its password, and that its ticket comes from the card', () => {
    assert.deepEqual(requirements(['basic', 'forms'], false), ['owa notRequired', 'imap notRequired']);
    assert.deepEqual(requirements(['basic', 'forms'], true), ['owa pathDisabled', 'imap pathDisabled']);
    assert.deepEqual(requirements(['windows-integrated'], true), ['owa requiredWithBypass', 'imap pathDisabled']);
  });
});
