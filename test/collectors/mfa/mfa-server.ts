/** An invented Debian server with second factors here and there: all that the mfa collector asks for. */
import { debianServer } from '../debian-server.ts';
import type { FakeMachine } from '../fake-host.ts';

const key = 'AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f';

const unit = (id: string, state: string, enabled: string, more = ''): string =>
  `Id=${id}\nLoadState=loaded\nActiveState=${state}\nUnitFileState=${enabled}\n${more}`;

const sshdT = `port 22
usepam yes
permitrootlogin without-password
pubkeyauthentication yes
passwordauthentication no
kbdinteractiveauthentication yes
hostbasedauthentication no
gssapiauthentication no
kerberosauthentication no
permitemptypasswords no
authenticationmethods publickey,keyboard-interactive
authorizedkeysfile .ssh/authorized_keys
trustedusercakeys none
authorizedkeyscommand none
pubkeyauthoptions none
pubkeyacceptedalgorithms ssh-ed25519,sk-ssh-ed25519@openssh.com
`;

export const spec = (user: string): string =>
  `sshd-effective /etc/ssh/sshd_config user=${user},host=203.0.113.7,addr=203.0.113.7,laddr=192.0.2.1,lport=22`;

export const mfaServer: FakeMachine = {
  ...debianServer,
  files: {
    ...debianServer.files,
    '/etc/ssh/sshd_config':
      'Include /etc/ssh/sshd_config.d/*.conf\nUsePAM yes\nPasswordAuthentication no\nAllowGroups root sudo docker ops\n',
    '/etc/ssh/sshd_config.d/mfa.conf':
      'AuthenticationMethods publickey,keyboard-interactive\nAuthorizedKeysFile .ssh/authorized_keys\n',
    '/etc/default/ssh': 'SSHD_OPTS=\n',
    '/etc/pam.d/sshd':
      'auth required pam_google_authenticator.so\n@include common-auth\naccount required pam_permit.so\n',
    '/etc/pam.d/common-auth': 'auth required pam_unix.so\n',
    '/etc/pam.d/login': '@include common-auth\n',
    '/etc/pam.d/sudo': '@include common-auth\n',
    '/etc/pam.d/su': 'auth sufficient pam_rootok.so\n@include common-auth\n',
    '/etc/pam.d/other': 'auth required pam_deny.so\n',
    '/root/.ssh/authorized_keys': `ssh-ed25519 ${key} admin\n`,
    '/home/alice/.ssh/authorized_keys': `verify-required ssh-ed25519 ${key} alice@home\n`,
    '/etc/cockpit/cockpit.conf': '[WebService]\nLoginTo = false\nLoginTitle = hello\n',
    '/etc/webmin/miniserv.conf': 'port=10000\ntwofactor_provider=totp\nsecret=abc\n',
    '/etc/webmin/miniserv.users': 'root:x:0::::0:0:0:0:totp:1:SECRETKEY\nalice:x:0\n',
    '/etc/krb5.conf': '[libdefaults]\n default_realm = EXAMPLE.ORG\n',
    '/proc/cmdline': 'BOOT_IMAGE=/vmlinuz root=/dev/sda1 ro quiet\n',
    '/boot/grub/grub.cfg':
      'set superusers="root"\npassword_pbkdf2 root grub.pbkdf2.sha512.10000.AB\nmenuentry \'Debian\' {\n}\n',
    '/usr/lib/systemd/system/rescue.service': '[Service]\nExecStart=-/usr/lib/systemd/systemd-sulogin-shell rescue\n',
    '/usr/lib/systemd/system/emergency.service':
      '[Service]\nExecStart=-/usr/lib/systemd/systemd-sulogin-shell emergency\n',
  },
  lists: {
    ...debianServer.lists,
    '/etc/ssh/sshd_config.d': ['mfa.conf'],
    '/etc/pam.d': ['common-auth', 'login', 'other', 'sshd', 'su', 'sudo'],
    '/usr/lib/x86_64-linux-gnu/security': [
      'pam_deny.so',
      'pam_google_authenticator.so',
      'pam_permit.so',
      'pam_rootok.so',
      'pam_unix.so',
    ],
  },
  stats: {
    ...debianServer.stats,
    '/usr/sbin/sshd': { mode: 0o755 },
    '/usr/bin/su': { mode: 0o4755 },
    '/usr/bin/pkexec': { mode: 0o4755 },
    '/usr/bin/cockpit-bridge': { mode: 0o755 },
    '/etc/webmin/miniserv.conf': {},
    '/boot/grub/grub.cfg': { mode: 0o600 },
    '/home/alice/.google_authenticator': { mode: 0o400, uid: 1000 },
    '/home/alice': { type: 'directory', uid: 1000 },
    '/home/bob': { type: 'directory', uid: 1001 },
    '/root': { type: 'directory' },
  },
  commands: {
    ...debianServer.commands,
    'systemctl-login-units': [
      unit(
        'ssh.service',
        'active',
        'enabled',
        'ExecStart={ path=/usr/sbin/sshd ; argv[]=/usr/sbin/sshd -D $SSHD_OPTS ; ignore_errors=no ; pid=700 }\n',
      ),
      unit('cockpit.socket', 'active', 'enabled', 'Listen=[::]:9090 (Stream)\n'),
      unit('webmin.service', 'inactive', 'disabled'),
      unit(
        'getty@tty1.service',
        'active',
        'enabled',
        'ExecStart={ path=/sbin/agetty ; argv[]=/sbin/agetty -o -p -- \\u --noclear - linux ; pid=1 }\n',
      ),
      unit(
        'serial-getty@ttyS0.service',
        'active',
        'enabled',
        'ExecStart={ path=/sbin/agetty ; argv[]=/sbin/agetty --autologin root 115200 ttyS0 ; pid=2 }\n',
      ),
      unit('vsftpd.service', 'inactive', 'disabled'),
      'Id=dropbear.service\nLoadState=not-found\nActiveState=inactive\nUnitFileState=\n',
    ].join('\n'),
    'ssh-processes': '700 sshd: /usr/sbin/sshd -D [listener] 0 of 10-100 startups\n812 sshd: alice [priv]\n',
    'listening-tcp':
      'LISTEN 0 128 0.0.0.0:22 0.0.0.0:* users:(("sshd",pid=700,fd=3))\nLISTEN 0 128 [::]:22 [::]:* users:(("sshd",pid=700,fd=4))\nLISTEN 0 128 127.0.0.1:25 0.0.0.0:* users:(("master",pid=9,fd=3))\n',
    'sshd-version': { stderr: 'OpenSSH_9.2p1 Debian-2+deb12u7, OpenSSL 3.0.16 11 Feb 2025\n' },
    [spec('root')]: sshdT,
    [spec('alice')]: sshdT,
  },
};
