/**
 * Whether a folder is safe to keep keys and evidence in: nobody but this user and root may be able to
 * change it, or to put another in its place (osquery CVE-2019-3567 began with a folder that others
 * could write). Windows has owners and access rules in the place of modes: windows-folder.ts looks at them.
 */
import { basename, dirname, join, parse, resolve, sep } from 'node:path';
import type { DurableFiles, FileLook } from './durable.ts';
import { fail } from './fault.ts';

const sticky = 0o1000;
const writableByGroup = 0o020;
const writableByAll = 0o002;
/** As the kernel does (path_resolution(7)). */
const maxLinks = 40;

/** Who we are; injected in tests. */
export type Owner = {
  readonly uid: number;
  readonly gid: number;
  /** Further groups. */
  readonly groups?: readonly number[];
};

/** The effective user of this process; a fault where the platform has no such thing. */
export function currentOwner(): Owner {
  // Windows has no such numbers: there Node gives 0 for every file, and windows-folder.ts looks at the rules.
  if (process.platform === 'win32') return { uid: 0, gid: 0 };
  const uid = process.geteuid?.();
  const gid = process.getegid?.();
  if (uid === undefined || gid === undefined)
    fail('platform-unsupported', `state folders are not supported on ${process.platform} yet`);
  return { uid, gid, groups: process.getgroups?.() ?? [] };
}

/**
 * The real path of the folder that holds `path`, each component of which was looked at, links
 * included: owned by root or by us, and writable by nobody else unless sticky, as /tmp is.
 * Components that do not exist yet end the walk. Faults: `folder-unsafe`.
 */
export function safeParent(files: DurableFiles, path: string, owner: Owner): string {
  const parent = dirname(resolve(path));
  const { root } = parse(parent);
  const rest = parent.slice(root.length).split(sep).filter(Boolean);
  let real = root;
  let links = 0;
  checkAncestor(files.look(root), root, owner);
  for (let name = rest.shift(); name !== undefined; name = rest.shift()) {
    const next = join(real, name);
    const look = files.look(next);
    if (look === undefined) return join(next, ...rest);
    checkAncestor(look, next, owner);
    if (look.type !== 'link') real = next;
    else {
      links += 1;
      if (links > maxLinks) fail('folder-unsafe', `${path} leads through too many links`);
      const target = resolve(real, files.readLink(next));
      real = parse(target).root;
      rest.unshift(...target.slice(real.length).split(sep).filter(Boolean));
    }
  }
  return real;
}

function checkAncestor(look: FileLook | undefined, path: string, owner: Owner): void {
  if (look === undefined) return;
  if (look.uid !== 0 && look.uid !== owner.uid)
    fail(
      'folder-unsafe',
      `${path} belongs to another user (uid ${look.uid}), who could replace what is in it`,
      'choose a folder of your own: --state DIR',
    );
  if (look.type === 'link') return;
  if (look.type !== 'folder')
    fail('not-a-folder', `${path} is not a folder`, 'choose another state folder: --state DIR');
  if ((look.mode & sticky) === 0 && othersCanWrite(look, owner))
    fail(
      'folder-unsafe',
      `others can write to ${path} (mode ${octal(look.mode)}) and so replace what is in it`,
      `chmod go-w ${path}, or choose another state folder: --state DIR`,
    );
}

/**
 * A group counts as others, except root's and the user's own private one: where every user has a
 * group of the same number, a umask of 002 is usual, and such folders are written by their user alone.
 * POSIX ACLs need no look of their own: what they grant at most shows in the group bits (acl(5)).
 */
function othersCanWrite(look: FileLook, owner: Owner): boolean {
  if ((look.mode & writableByAll) !== 0) return true;
  if ((look.mode & writableByGroup) === 0) return false;
  return look.gid !== 0 && !(look.gid === owner.gid && owner.gid === owner.uid);
}

/**
 * The folder itself, or one inside it: a real folder of ours that nobody else can write, but for the group that the
 * folder is shared with (sharing.ts). Faults: `folder-unsafe`, `not-a-folder`.
 */
export function checkOwnFolder(look: FileLook, path: string, owner: Owner, group?: number): void {
  if (look.type === 'link')
    fail('folder-unsafe', `${path} is a symbolic link`, 'name the folder that it leads to: --state DIR');
  if (look.type !== 'folder')
    fail('not-a-folder', `${path} is not a folder`, 'choose another state folder: --state DIR');
  if (look.uid !== owner.uid)
    fail(
      'folder-unsafe',
      `${path} belongs to another user (uid ${look.uid})`,
      `run as that user (setpriv --reuid ${look.uid} --regid ${look.gid} --clear-groups affiant …), or choose a folder of your own: --state DIR`,
    );
  const others = look.gid === group ? writableByAll : writableByAll | writableByGroup;
  if ((look.mode & others) !== 0)
    fail(
      'folder-unsafe',
      `others can write to ${path} (mode ${octal(look.mode)})`,
      `look whether its content is still yours, then chmod 0700 ${path}`,
    );
}

/** A secret in the folder: a regular file of ours that nobody else can read. Fault: `secret-exposed`. */
export function checkSecretFile(look: FileLook, path: string, owner: Owner): void {
  if (look.type !== 'file') fail('secret-exposed', `${path} is not a regular file`, 'restore it from a backup');
  if (look.uid !== owner.uid && look.uid !== 0)
    fail(
      'secret-exposed',
      `${path} belongs to another user (uid ${look.uid})`,
      `chown it to the user who runs affiant`,
    );
  if ((look.mode & 0o077) !== 0)
    fail(
      'secret-exposed',
      `others can open ${path} (mode ${octal(look.mode)}): ${basename(path)} may be known to them`,
      `if nobody else had access, chmod 0600 ${path}; if somebody had, begin a new state folder: --state DIR`,
    );
}

function octal(mode: number): string {
  return mode.toString(8).padStart(4, '0');
}
