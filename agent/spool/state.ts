/** The state folder: opened, checked, laid out. */
import { basename, dirname, join, resolve } from 'node:path';
import type { Result } from '../../evidence/result.ts';
import { diskFiles } from './disk-files.ts';
import { type DurableFiles, isTemporary, moveDurably } from './durable.ts';
import { attempt, errnoOf, fail, faultAt } from './fault.ts';
import { checkOwnFolder, currentOwner, type Owner, safeParent } from './folder-safety.ts';
import { fileLock, type Lock } from './lock.ts';
import type { Sealing } from './sealing.ts';
import { checkGuest, forGroup, sharedParts, shareWithGroup, sharingGroup } from './sharing.ts';
import { checkWindowsFolder, makeClosedWindowsFolder, readWindowsDescriptors } from './windows-folder.ts';
import { windowsSealing } from './windows-sealing.ts';

/** How much may wait, and how much stays. */
export type SpoolLimits = {
  /** Bytes of the waiting packs together. */
  readonly maxBytes: number;
  /** Receipted packs that stay on this server; at least one. */
  readonly keepPacks: number;
};

/** An open state folder. Nothing of it is kept in memory: other processes work in it too. */
export type State = {
  /** Its real, absolute path. */
  readonly folder: string;
  readonly files: DurableFiles;
  readonly lock: Lock;
  readonly now: () => Date;
  readonly limits: SpoolLimits;
  readonly owner: Owner;
  /** Whether it belongs to another user, who shares it with us to send what waits: then we hold no key and move no head. */
  readonly guest: boolean;
  /** How the machine keeps a key for what lies here; undefined where it has no way. */
  readonly sealing?: Sealing;
};

/**
 * `spool` packs that wait for a receipt; `packs` those that have one; `quarantine` files that are
 * not what was signed or that the endpoint refused for good; `incidents` what the next statement must tell;
 * `prove` what proofs of detection found, and what they may have left; `post` what the one who sends remembers.
 */
export const subfolders = [...sharedParts, 'prove'] as const;

export type Subfolder = (typeof subfolders)[number];

export type OpenOptions = {
  /** Whether a folder that is not there is made. */
  readonly create: boolean;
  readonly now: () => Date;
  readonly limits?: Partial<SpoolLimits>;
  /** For tests: other files, another lock, another user. */
  readonly files?: DurableFiles;
  readonly lock?: Lock;
  readonly owner?: Owner;
  readonly sealing?: Sealing;
  readonly makeFolder?: MakeFolder;
};

const defaultLimits: SpoolLimits = { maxBytes: 256 * 1024 * 1024, keepPacks: 30 };

/**
 * Opens the state folder, makes it (0700) where told to, and removes what unfinished writes left.
 * Refuses with `state-missing`, `folder-unsafe` (a folder or a parent that others can change),
 * `not-a-folder`, `read-only`, `not-permitted`, `disk-full`, `state-locked`; each with a remedy.
 */
export function openState(folder: string, options: OpenOptions): Result<State> {
  return attempt(folder, () => {
    const plain = options.files ?? diskFiles;
    const owner = options.owner ?? currentOwner();
    const wanted = resolve(folder);
    const real = join(safeParent(plain, wanted, owner), basename(wanted));
    if (plain.look(real) === undefined && !options.create)
      fail(
        'state-missing',
        `there is no state folder ${wanted}`,
        'affiant collect makes it, or name another: --state DIR',
      );
    const look = plain.look(real);
    const group = look === undefined ? undefined : sharingGroup(look);
    const guest = look !== undefined && group !== undefined && look.uid !== owner.uid;
    const files = group === undefined ? plain : forGroup(plain, real);
    if (guest) checkGuest(files, real, { uid: look.uid, gid: group }, owner);
    else layOut(files, real, owner, options.makeFolder ?? makerFor(plain), group);
    const lockFile = join(real, 'lock');
    const sealing =
      options.sealing ?? (plain === diskFiles && process.platform === 'win32' ? windowsSealing() : undefined);
    const state: State = {
      folder: real,
      files,
      lock: options.lock ?? fileLock(lockFile),
      now: options.now,
      limits: { ...defaultLimits, ...options.limits },
      owner,
      guest,
      ...(sealing !== undefined && { sealing }),
    };
    state.lock(() => sweep(state));
    return state;
  });
}

/** Our own folder with all its parts, each looked at before anything in it is used. */
function layOut(
  files: DurableFiles,
  real: string,
  owner: Owner,
  makeFolder: MakeFolder,
  group: number | undefined,
): void {
  makeFolders(files, real, makeFolder);
  ownFolder(files, real, owner);
  if (files === diskFiles) checkOnWindows(real);
  // Said now rather than after a whole collection.
  files.checkWritable(real);
  for (const name of subfolders) {
    makeFolders(files, join(real, name), plainly(files));
    ownFolder(files, join(real, name), owner, name === 'prove' ? undefined : group);
  }
  for (const name of movedNotes) moveNote(files, real, name);
  makeLockFile(files, join(real, 'lock'));
  makeLockFile(files, join(real, 'run.lock'));
  if (group !== undefined) shareWithGroup(real, group);
}

/** Before folders could be shared, what the sender remembers lay in the folder itself. A pin that is lost would trust anyone. */
const movedNotes = ['log.vkey', 'checkpoint.json', 'acknowledged.json'] as const;

function moveNote(files: DurableFiles, real: string, name: string): void {
  const [from, to] = [join(real, name), join(real, 'post', name)];
  if (files.look(from)?.type === 'file' && files.look(to) === undefined) moveDurably(files, from, to);
}

/**
 * Makes a folder (0700) for keys and evidence that is none of the agent's own, such as the endpoint's,
 * and answers with its real path. Refuses as `openState` does.
 */
export function openSafeFolder(folder: string): Result<string> {
  return attempt(folder, () => {
    const owner = currentOwner();
    const wanted = resolve(folder);
    const real = join(safeParent(diskFiles, wanted, owner), basename(wanted));
    makeFolders(diskFiles, real, makerFor(diskFiles));
    ownFolder(diskFiles, real, owner);
    checkOnWindows(real);
    diskFiles.checkWritable(real);
    return real;
  });
}

/** How the state folder comes to be, and each above it that is missing: for this user alone. */
export type MakeFolder = (folder: string) => void;

/** Node knows neither owners nor access rules of Windows, where a new folder lets in whom the one above it lets in. */
function makerFor(files: DurableFiles): MakeFolder {
  return files === diskFiles && process.platform === 'win32' ? (at) => makeClosedWindowsFolder(at) : plainly(files);
}

function plainly(files: DurableFiles): MakeFolder {
  return (folder) => files.makeFolder(folder, 0o700);
}

/** A folder that was there may be somebody else's. */
function checkOnWindows(folder: string): void {
  if (process.platform === 'win32') checkWindowsFolder(folder, readWindowsDescriptors);
}

/** The path of something in the state folder. */
export function pathIn(state: State, ...names: readonly string[]): string {
  return join(state.folder, ...names);
}

/** mkdir -p with each new folder's name on the disk. */
function makeFolders(files: DurableFiles, folder: string, makeFolder: MakeFolder): void {
  if (files.look(folder) !== undefined) return;
  makeFolders(files, dirname(folder), makeFolder);
  try {
    makeFolder(folder);
    files.syncFolder(dirname(folder));
  } catch (error) {
    // Another process may have been quicker.
    if (errnoOf(error) !== 'EEXIST') throw faultAt(error, folder);
  }
}

function ownFolder(files: DurableFiles, folder: string, owner: Owner, group?: number): void {
  const look = files.look(folder);
  if (look !== undefined) checkOwnFolder(look, folder, owner, group);
}

/** SQLite would make it readable for all, and whoever can read it can lock it. */
function makeLockFile(files: DurableFiles, path: string): void {
  if (files.look(path) !== undefined) return;
  try {
    files.close(files.create(path, 0o600));
  } catch (error) {
    if (errnoOf(error) !== 'EEXIST') throw faultAt(error, path);
  }
}

/** Removes the unfinished writes of processes that died, inside the lock: acknowledged to nobody, so nothing is lost with them. */
export function sweep(state: State): void {
  for (const folder of state.guest ? sharedParts : ['', ...subfolders])
    for (const name of state.files.list(pathIn(state, folder)))
      if (isTemporary(name)) state.files.unlink(pathIn(state, folder, name));
}
