/**
 * Paths can carry the names of persons. A document gets the kind of place, and a keyed digest of the
 * whole so that a change shows.
 */
import type { PathClass, ProtectionExclusion } from '../../schemas/generated/types.ts';
import type { Digests } from '../collector.ts';

const systemFolders = /^\/(?:bin|sbin|lib|lib32|lib64|boot|dev|proc|sys|run|etc|usr)(?:\/|$)/;

/** The order counts: the first pattern that matches names the class. */
const classes: readonly (readonly [RegExp, PathClass])[] = [
  [/^\/*$/, 'whole-system'],
  [/^[*?/.]+$|^\/[^/]*[*?[][^/]*\/?$/, 'wildcard-only'],
  // Folders with those of many programs or people in them; /var holds /var/tmp and /var/www.
  [/^\/(?:var|var\/lib|opt)\/*(?:\*\/*)?$/, 'shared-folder'],
  [/^\/(?:tmp|var\/tmp|dev\/shm|run\/shm)(?:\/|$)/, 'temporary-folder'],
  [
    /^\/(?:var\/www|srv|usr\/share\/nginx|usr\/local\/apache2?|var\/lib\/tomcat[0-9]*\/webapps|opt\/[^/]+\/(?:htdocs|webapps|wwwroot))(?:\/|$)/,
    'web-root',
  ],
  [/^\/home\/*$|^\/home\/\*\/?$/, 'home'],
  [/^\/(?:home|root|Users)(?:\/|$)/, 'user-profile'],
  [/^\/var\/lib\/(?:docker|containers|containerd|kubelet|lxc|lxd|incus)(?:\/|$)/, 'container-storage'],
  [
    /^\/var\/lib\/(?:mysql|mariadb|postgresql|pgsql|mongodb|redis|elasticsearch|opensearch)(?:\/|$)|^\/(?:opt|u01)\/oracle(?:\/|$)/,
    'database-data',
  ],
  [/^\/var\/(?:spool\/)?(?:mail|vmail|postfix|exim4?)(?:\/|$)/, 'mail-data'],
  [/^\/var\/log(?:\/|$)/, 'log-folder'],
  [/^\/(?:backup|backups|var\/backups)(?:\/|$)/, 'backup'],
  [/^\/(?:nfs|net|cifs|smb)(?:\/|$)/, 'network-share'],
  [/^\/(?:media|mnt)(?:\/|$)/, 'removable-medium'],
  [/^\/(?:opt|usr)\/(?:lib\/)?affiant(?:\/|$)/, 'own-product'],
  [systemFolders, 'system-folder'],
  [/^\/opt(?:\/|$)/, 'program-folder'],
  [/^\/var\/lib(?:\/|$)/, 'program-data'],
];

/** What kind of place a path of Linux is in. */
export function pathClassOf(path: string): PathClass {
  return classes.find(([pattern]) => pattern.test(path))?.[1] ?? 'other';
}

/** Programs whose exclusion lets through whatever they are made to do (dictionary of risky exclusions). */
const wellKnownPrograms = new Set(
  'sh bash dash zsh ksh python python2 python3 perl ruby php php-fpm node java pwsh curl wget nc ncat socat tar rsync scp sshd httpd apache2 nginx mysqld mariadbd postgres mongod redis-server dockerd containerd runc cat cp mv find xargs'.split(
    ' ',
  ),
);

type Given = Omit<ProtectionExclusion, 'keyedDigest' | 'pathClass' | 'name' | 'wildcard'>;

/** An exclusion as a document holds it: what it is, where, and the keyed digest of its full value. */
export function exclusionOf(value: string, given: Given, digests: Digests): ProtectionExclusion {
  const path = value.startsWith('/') || /^[*?]/.test(value) ? value : undefined;
  const exclusion: ProtectionExclusion = {
    ...given,
    keyedDigest: digests.keyed(`edr exclusion\n${given.kind}\n${value}`),
  };
  if ((given.kind === 'path' || given.kind === 'process' || given.kind === 'mount') && path !== undefined)
    exclusion.pathClass = pathClassOf(path);
  if (/[*?[]/.test(value)) exclusion.wildcard = true;
  const name =
    given.kind === 'extension' ? extensionOf(value) : given.kind === 'process' ? programOf(value) : undefined;
  if (name !== undefined) exclusion.name = name;
  return exclusion;
}

function extensionOf(value: string): string | undefined {
  const bare = value.replace(/^\*?\./, '').toLowerCase();
  return /^[a-z0-9]{1,16}$/.test(bare) ? bare : undefined;
}

function programOf(value: string): string | undefined {
  const base = value.slice(value.lastIndexOf('/') + 1);
  const plain = base.replace(/[0-9.]+$/, '');
  return wellKnownPrograms.has(base) || wellKnownPrograms.has(plain) ? base : undefined;
}
