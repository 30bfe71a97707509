/**
 * Where a test file may be written, and where never: data of databases, mail, directories, shares, homes,
 * document roots and the system itself stay untouched, whoever asks.
 */
import { pathClassOf } from '../../collectors/edr/path-class.ts';
import type { PathClass } from '../../schemas/generated/types.ts';
import type { Host } from '../host/host.ts';
import type { ProofMachine } from './proof-machine.ts';

export type Place =
  | { readonly ok: true; readonly folder: string; readonly pathClass: PathClass }
  | { readonly ok: false; readonly reason: string; readonly pathClass: PathClass };

export const forbiddenClasses: ReadonlySet<PathClass> = new Set<PathClass>([
  'whole-system',
  'wildcard-only',
  'system-folder',
  'home',
  'user-profile',
  'web-root',
  'web-application',
  'exchange-frontend-auth',
  'exchange-install',
  'exchange-data',
  'iis-temporary',
  'iis-system',
  'database-data',
  'mail-data',
  'container-storage',
  'backup',
  'network-share',
  'removable-medium',
]);

/** Data of directories and further stores, by name anywhere in the path; Windows' too, for servers that share disks. */
export const forbiddenNames =
  /(?:^|\/)(?:ldap|openldap|slapd[^/]*|samba|dirsrv|krb5kdc|ipa|sss|ntds|sysvol|netlogon|exchange(?: server)?|inetpub|mysql|mariadb|postgres(?:ql)?|pgsql|mongo(?:db)?|oracle|oradata|db2|couchdb|cassandra|influxdb|elasticsearch|opensearch|redis|cyrus|dovecot|zimbra|vmail|htdocs|wwwroot|webapps|public_html|nextcloud|gitlab)(?:\/|$)/i;

/** Files that stand at the top of a database's or a directory's data. */
export const markers = [
  'PG_VERSION',
  'ibdata1',
  'mysql.ibd',
  'mongod.lock',
  'WiredTiger',
  'ntds.dit',
  'data.mdb',
  'DB_CONFIG',
];

const networkTypes =
  /^(?:nfs\d?|cifs|smb\w*|9p|afs|ceph|glusterfs|lustre|gpfs|beegfs|fuse\..*|davfs|ncpfs|vboxsf|virtiofs)$/;

/** Settings that name folders which others serve. Each pattern's first group is a path. */
const serving: readonly (readonly [file: string, pattern: RegExp])[] = [
  ['/etc/samba/smb.conf', /^\s*path\s*=\s*(\S.*?)\s*$/gm],
  ['/etc/exports', /^\s*"?(\/[^\s"]*)/gm],
];
const servingFolders: readonly (readonly [folder: string, pattern: RegExp])[] = [
  ['/etc/nginx/sites-enabled', /^\s*root\s+"?([^\s;"]+)/gm],
  ['/etc/nginx/conf.d', /^\s*root\s+"?([^\s;"]+)/gm],
  ['/etc/apache2/sites-enabled', /^\s*DocumentRoot\s+"?([^\s"]+)/gim],
  ['/etc/httpd/conf.d', /^\s*DocumentRoot\s+"?([^\s"]+)/gim],
];

/** Refuses with a reason in kebab-case. What could not be looked at refuses too: it could be one of those. */
export async function placeOf(asked: string, machine: ProofMachine, host: Host): Promise<Place> {
  const given = pathClassOf(asked);
  const folder = machine.realPath(asked);
  if (folder === undefined) return { ok: false, reason: 'no-such-folder', pathClass: given };
  const pathClass = pathClassOf(folder);
  const reason = forbidden(folder, pathClass) ?? unsafe(folder, machine) ?? (await served(folder, host));
  return reason === undefined ? { ok: true, folder, pathClass } : { ok: false, reason, pathClass };

  function forbidden(path: string, kind: PathClass): string | undefined {
    if (forbiddenClasses.has(kind)) return `forbidden-${kind}`;
    if (forbiddenNames.test(path)) return 'forbidden-data-folder';
    const above = ancestors(path);
    return above.some((each) => markers.some((marker) => machine.look(`${each}/${marker}`) !== undefined))
      ? 'forbidden-database-data'
      : undefined;
  }
}

/** Nobody but root and us may swap a folder on the way, or our folder in it. */
function unsafe(folder: string, machine: ProofMachine): string | undefined {
  for (const path of [...ancestors(folder), '/']) {
    const look = machine.look(path);
    if (look === undefined || !look.directory) return 'no-such-folder';
    const foreign = look.uid !== 0 && look.uid !== machine.uid;
    const sticky = (look.mode & 0o1000) !== 0;
    if (foreign || ((look.mode & 0o022) !== 0 && !sticky)) return 'folder-unsafe';
  }
  return undefined;
}

async function served(folder: string, host: Host): Promise<string | undefined> {
  const mounts = await host.readFile('/proc/self/mountinfo');
  if (mounts.status !== 'observed') return 'mounts-not-seen';
  if (networkTypes.test(fileSystemOf(folder, mounts.value.text))) return 'forbidden-network-share';
  const files = [...serving];
  for (const [parent, pattern] of servingFolders) {
    const names = await host.list(parent);
    if (names.status !== 'observed' && names.status !== 'absent') return 'shares-not-seen';
    if (names.status === 'observed')
      files.push(...names.value.slice(0, 500).map((name) => [`${parent}/${name}`, pattern] as const));
  }
  for (const [file, pattern] of files) {
    const content = await host.readFile(file);
    if (content.status === 'absent') continue;
    if (content.status !== 'observed') return 'shares-not-seen';
    const paths = [...content.value.text.matchAll(pattern)].map((match) => match[1] ?? '');
    if (paths.some((path) => path.startsWith('/') && path.length > 1 && isWithin(folder, path.replace(/\/+$/, ''))))
      return 'forbidden-served-folder';
  }
  return undefined;
}

export function isWithin(path: string, folder: string): boolean {
  return folder === '/' || path === folder || path.startsWith(`${folder}/`);
}

/** The type of the file system that a folder is on; the longest mount point counts, of equal ones the last (proc_pid_mountinfo(5)). */
function fileSystemOf(folder: string, mountinfo: string): string {
  let best = { point: '', type: '' };
  for (const line of mountinfo.split('\n')) {
    const [mount = '', filesystem = ''] = line.split(' - ');
    const point = (mount.split(' ')[4] ?? '').replace(/\\([0-7]{3})/g, (_, octal: string) =>
      String.fromCharCode(Number.parseInt(octal, 8)),
    );
    const [type = ''] = filesystem.split(' ');
    if (point !== '' && isWithin(folder, point) && point.length >= best.point.length) best = { point, type };
  }
  return best.type;
}

/** The folder itself and everything above it but the root. */
function ancestors(path: string): string[] {
  const parts = path.split('/').filter((part) => part !== '');
  return parts.map((_, at) => `/${parts.slice(0, at + 1).join('/')}`).toReversed();
}
