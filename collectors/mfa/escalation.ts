/** Programs that turn a login into another account, and the Kerberos keys of this machine. */
import type { Answer, FileStat, Host } from '../../agent/host/host.ts';
import type { EscalationProgram, Fact } from '../../schemas/generated/types.ts';
import { missed, observed, unseen } from '../fact.ts';

const places: readonly (readonly [EscalationProgram['kind'], readonly string[]])[] = [
  ['su', ['/usr/bin/su', '/bin/su', '/run/wrappers/bin/su']],
  ['sudo', ['/usr/bin/sudo', '/usr/local/bin/sudo', '/run/wrappers/bin/sudo', '/run/setuid-programs/sudo']],
  ['pkexec', ['/usr/bin/pkexec', '/run/wrappers/bin/pkexec']],
  ['doas', ['/usr/bin/doas', '/usr/local/bin/doas', '/run/wrappers/bin/doas']],
];

/** A program that is listed nowhere is in none of its usual places. */
export async function readEscalationPrograms(host: Host): Promise<Fact<EscalationProgram[]>> {
  const found: EscalationProgram[] = [];
  const sources: string[] = [];
  for (const [kind, paths] of places)
    for (const path of paths) {
      const stat: Answer<FileStat> = await host.stat(path);
      sources.push(stat.source);
      if (stat.status === 'absent') continue;
      if (stat.status !== 'observed') return missed(stat);
      const { mode, uid } = stat.value;
      found.push({ kind, path, setUserId: uid === 0 && (mode & 0o4000) !== 0, openToAll: (mode & 0o001) !== 0 });
      break;
    }
  return observed(found, ...sources);
}

/** Where KRB5_KTNAME or krb5.conf name another file, that is not seen here. */
export async function readKerberosKeytab(host: Host): Promise<Fact<boolean>> {
  const stat = await host.stat('/etc/krb5.keytab');
  if (stat.status === 'observed') return observed(true, stat.source);
  if (stat.status !== 'absent') return missed(stat);
  const conf = await host.readFile('/etc/krb5.conf');
  if (conf.status === 'absent') return observed(false, stat.source, conf.source);
  if (conf.status !== 'observed') return missed(conf);
  // An include or another name leaves it open.
  if (
    conf.value.truncated ||
    /^[ \t]*(?:default_keytab_name\s*=|include)/m.test(conf.value.text) ||
    !/^[ \t]*\[/m.test(conf.value.text)
  )
    return unseen('unsupported', 'keytab-elsewhere', [stat.source, conf.source]);
  return observed(false, stat.source, conf.source);
}
