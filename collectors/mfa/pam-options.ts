/**
 * Options of PAM modules. Some modules take passwords as options (pam_mysql, pam_exec's command): of
 * modules that are not known here only well-known flags and the names of options are kept.
 */
import type { PamOption } from '../../schemas/generated/types.ts';
import { toText } from '../text.ts';

const maxOptions = 256;

/** Modules none of whose options can carry a secret, but for those that `secretKey` names. */
const open = new Set(
  `access cap cracklib deny duo echo env fail faildelay faillock fprintd ftp google_authenticator gnome_keyring group
  issue keyinit krb5 kwallet5 lastlog limits listfile localuser loginuid mail mkhomedir motd namespace nologin oath
  oddjob_mkhomedir p11 permit pkcs11 pwhistory pwquality radius_auth reauthorize rhosts rootok securetty selinux
  sepermit shells sss succeed_if systemd systemd_home tally tally2 time timestamp tty_audit u2f umask unix unix2 userdb
  usertype warn wheel winbind xauth yubico yubico_fido passwdqc ssh_agent_auth sshauth lwidentity ecryptfs okta
  ldap krb5_ccache debug matrix`.split(/\s+/),
);

const secretKey = /pass(?:wd|word|phrase)?$|secret$|token$|^key$|apikey|skey$/i;
/** Paths and flags, though they sound otherwise. */
const openKeys = new Set(['google_authenticator.secret', 'cracklib.use_first_pass', 'u2f.pinverification']);
const flags =
  /^(?:debug|nullok|try_first_pass|use_first_pass|use_authtok|forward_pass|quiet|silent|likeauth|nodelay|audit|expose_authtok|seteuid|stdout|no_warn|required|optional)$/;
const openValues = /^(?:type|conf|config|config_file|configuration|conffile)$/;

/** The module's name without folder, `pam_` and `.so`: `unix` for `/lib/security/pam_unix.so`. */
export function pamModuleName(path: string): string {
  return path
    .slice(path.lastIndexOf('/') + 1)
    .replace(/\.so(?:\.\d+)*$/, '')
    .replace(/^pam_/, '');
}

export function pamOptions(module: string, args: readonly string[]): PamOption[] {
  const name = pamModuleName(module);
  const kept = args.slice(0, maxOptions).map((arg) => option(name, arg));
  const last = kept[maxOptions - 1];
  return args.length > maxOptions && last !== undefined ? [...kept.slice(0, -1), { key: '', withheld: true }] : kept;
}

function option(module: string, arg: string): PamOption {
  const at = arg.indexOf('=');
  const key = at < 0 ? arg : arg.slice(0, at);
  const known = open.has(module) && (!secretKey.test(key) || openKeys.has(`${module}.${key}`));
  if (at < 0) return known || flags.test(arg) ? { key: toText(arg) } : { key: '', withheld: true };
  // A long text before the first `=` is no name.
  if (!known && !/^[A-Za-z0-9_.-]{1,64}$/.test(key)) return { key: '', withheld: true };
  return known || openValues.test(key)
    ? { key: toText(key), value: toText(arg.slice(at + 1)) }
    : { key: toText(key), withheld: true };
}
