/**
 * A disk with a page cache, in memory. What was not fsynced may or may not survive a power cut: the
 * entries of a folder in any subset, the content of a file wholly or not at all. Harsher than any
 * journaling file system, and all that POSIX promises.
 */
import { dirname, join } from 'node:path';
import type { DurableFiles, FileLook } from '../../../agent/spool/durable.ts';

type Node = {
  type: 'file' | 'folder';
  mode: number;
  data: Uint8Array;
  /** What is on the disk. */
  durable: Uint8Array;
  entries: Map<string, Node>;
  durableEntries: Map<string, Node>;
  /** Changes of entries since the last fsync, in order. */
  unsynced: { name: string; node: Node | undefined }[];
};

export type Disk = DurableFiles & {
  /** Called before each operation that changes something; throwing makes it fail. */
  before: (operation: string, path: string) => void;
  /** The names of all files below a folder, with their content. */
  contents(): Map<string, Uint8Array>;
  /** Changes a file behind everyone's back, on the disk too. */
  overwrite(path: string, bytes: Uint8Array): void;
  /** The disks that a power cut at this moment can leave. */
  afterPowerCut(limit?: number): Disk[];
  /** The disk that kill -9 at this moment leaves. */
  afterKill(): Disk;
};

function newNode(type: 'file' | 'folder', mode: number): Node {
  const empty = new Uint8Array();
  return { type, mode, data: empty, durable: empty, entries: new Map(), durableEntries: new Map(), unsynced: [] };
}

function errno(code: string, path: string): Error {
  return Object.assign(new Error(`${code}: ${path}`), { code, path });
}

export function memoryDisk(root: Node = newNode('folder', 0o755)): Disk {
  const handles: { node: Node; path: string }[] = [];

  function find(path: string): Node | undefined {
    let node: Node | undefined = root;
    for (const name of path.split('/').filter(Boolean)) node = node?.entries.get(name);
    return node;
  }
  function parentOf(path: string): Node {
    return find(dirname(path)) ?? fault('ENOENT', path);
  }
  function fault(code: string, path: string): never {
    throw errno(code, path);
  }
  function set(path: string, node: Node | undefined): void {
    const parent = parentOf(path);
    const name = path.slice(path.lastIndexOf('/') + 1);
    if (node === undefined) parent.entries.delete(name);
    else parent.entries.set(name, node);
    parent.unsynced.push({ name, node });
  }
  function open(handle: number): { node: Node; path: string } {
    return handles[handle] ?? fault('EBADF', String(handle));
  }
  function step(operation: string, path: string): void {
    disk.before(operation, path);
  }

  const disk: Disk = {
    before: () => undefined,
    look(path): FileLook | undefined {
      const node = find(path);
      if (node === undefined) return undefined;
      const uid = process.getuid?.() ?? 0;
      return { type: node.type, mode: node.mode, uid, gid: 0, size: node.data.length };
    },
    read: (path) => find(path)?.data,
    checkWritable: () => undefined,
    readLink: (path) => fault('EINVAL', path),
    list: (folder) => [...(find(folder) ?? fault('ENOENT', folder)).entries.keys()].toSorted(),
    makeFolder(path, mode) {
      step('mkdir', path);
      if (find(path) !== undefined) fault('EEXIST', path);
      set(path, newNode('folder', mode));
    },
    create(path, mode) {
      step('create', path);
      if (find(path) !== undefined) fault('EEXIST', path);
      const node = newNode('file', mode);
      set(path, node);
      return handles.push({ node, path }) - 1;
    },
    write(handle, bytes) {
      const { node, path } = open(handle);
      step('write', path);
      node.data = new Uint8Array(Buffer.concat([node.data, bytes]));
    },
    sync(handle) {
      const { node, path } = open(handle);
      step('fsync', path);
      node.durable = node.data;
    },
    close: () => undefined,
    rename(from, to) {
      step('rename', to);
      set(to, find(from) ?? fault('ENOENT', from));
      set(from, undefined);
    },
    link(from, to) {
      step('link', to);
      if (find(to) !== undefined) fault('EEXIST', to);
      set(to, find(from) ?? fault('ENOENT', from));
    },
    unlink(path) {
      step('unlink', path);
      if (find(path) === undefined) fault('ENOENT', path);
      set(path, undefined);
    },
    syncFolder(folder) {
      step('fsync', folder);
      const node = find(folder) ?? fault('ENOENT', folder);
      node.durableEntries = new Map(node.entries);
      node.unsynced = [];
    },
    contents() {
      const files = new Map<string, Uint8Array>();
      (function walk(node: Node, path: string): void {
        for (const [name, child] of node.entries)
          if (child.type === 'folder') walk(child, join(path, name));
          else files.set(join(path, name), child.data);
      })(root, '/');
      return files;
    },
    overwrite(path, bytes) {
      const node = find(path) ?? fault('ENOENT', path);
      node.data = bytes;
      node.durable = bytes;
    },
    afterPowerCut: (limit = 16) =>
      subsets(countUnsynced(root), limit).map((keeps) => memoryDisk(rebooted(root, keeps))),
    afterKill: () => memoryDisk(rebooted(root, () => true)),
  };
  return disk;
}

function countUnsynced(root: Node): number {
  let count = 1;
  (function walk(node: Node): void {
    count += node.unsynced.length;
    for (const child of node.entries.values()) walk(child);
  })(root);
  return count;
}

/** Which of `count` changes survive: all choices, or where those are too many, none, all, each alone, all but each. */
function subsets(count: number, limit: number): ((change: number) => boolean)[] {
  if (2 ** count <= limit)
    return Array.from({ length: 2 ** count }, (_, bits) => (change: number) => ((bits >> change) & 1) === 1);
  const single = Array.from({ length: count }, (_, kept) => (change: number) => change === kept);
  const allBut = Array.from({ length: count }, (_, lost) => (change: number) => change !== lost);
  return [() => false, () => true, ...single, ...allBut];
}

/** A copy of the tree as it is after the cut. Change 0 is whether file content that was not fsynced survives. */
function rebooted(root: Node, keeps: (change: number) => boolean): Node {
  const copies = new Map<Node, Node>();
  let change = 0;
  function copy(node: Node): Node {
    const known = copies.get(node);
    if (known !== undefined) return known;
    const data = keeps(0) ? node.data : node.durable;
    const fresh = { ...newNode(node.type, node.mode), data, durable: data };
    copies.set(node, fresh);
    const entries = new Map(node.durableEntries);
    for (const { name, node: entry } of node.unsynced) {
      change += 1;
      if (!keeps(change)) continue;
      if (entry === undefined) entries.delete(name);
      else entries.set(name, entry);
    }
    fresh.entries = new Map([...entries].map(([name, entry]) => [name, copy(entry)]));
    fresh.durableEntries = new Map(fresh.entries);
    return fresh;
  }
  return copy(root);
}
