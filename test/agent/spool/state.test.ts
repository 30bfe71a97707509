import assert from 'node:assert/strict';
import { chmodSync, chownSync, mkdirSync, readdirSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { diskFiles } from '../../../agent/spool/disk-files.ts';
import type { DurableFiles, FileLook } from '../../../agent/spool/durable.ts';
import { type OpenOptions, openState } from '../../../agent/spool/state.ts';
import { must, refusalOf, scratchFolder } from './bundles.ts';

const options: OpenOptions = { create: true, now: () => new Date() };

/** The real disk, but some paths look otherwise: owners cannot be changed without being root. */
function looking(changes: Readonly<Record<string, Partial<FileLook>>>): DurableFiles {
  return {
    ...diskFiles,
    look(path) {
      const look = diskFiles.look(path);
      return look === undefined ? undefined : { ...look, ...changes[path] };
    },
  };
}

describe('the state folder', () => {
  let home: string;
  let folder: string;
  beforeEach(() => {
    home = scratchFolder();
    folder = join(home, 'state');
  });
  afterEach(() => {
    rmSync(home, { recursive: true });
  });

  it('is made for its owner alone, with all its parts, under parents that are made too', () => {
    const deep = join(home, 'a', 'b', 'state');
    const state = must(openState(deep, options));
    assert.equal(state.folder, deep);
    assert.deepEqual(readdirSync(deep), [
      'incidents',
      'lock',
      'packs',
      'post',
      'prove',
      'quarantine',
      'run.lock',
      'spool',
    ]);
    for (const path of [join(home, 'a'), deep, join(deep, 'spool'), join(deep, 'quarantine')])
      assert.equal(statSync(path).mode & 0o777, 0o700, path);
    assert.equal(statSync(join(deep, 'lock')).mode & 0o777, 0o600);
  });

  it('is made, with each folder above it that is missing, in the one way that closes it on this system', () => {
    const made: string[] = [];
    const makeFolder = (path: string): void => {
      made.push(path);
      mkdirSync(path, { mode: 0o700 });
    };
    const deep = join(home, 'Affiant', 'state');
    must(openState(deep, { ...options, makeFolder }));
    must(openState(deep, { ...options, makeFolder }));
    assert.deepEqual(made, [join(home, 'Affiant'), deep]);
  });

  it('is not made by a command that only reads', () => {
    const refusal = refusalOf(openState(folder, { ...options, create: false }));
    assert.equal(refusal.code, 'state-missing');
    assert.deepEqual(readdirSync(home), []);
  });

  for (const mode of [0o770, 0o777, 0o1777, 0o702])
    it(`is refused with mode ${mode.toString(8)}, as others could change it`, () => {
      mkdirSync(folder);
      chmodSync(folder, mode);
      const refusal = refusalOf(openState(folder, options));
      assert.equal(refusal.code, 'folder-unsafe');
      assert.match(refusal.message, new RegExp(folder));
      assert.match(refusal.remedy ?? '', /chmod 0700/);
      assert.deepEqual(readdirSync(folder), []);
    });

  it('is refused where a part of it is writable by others', () => {
    must(openState(folder, options));
    chmodSync(join(folder, 'packs'), 0o777);
    assert.match(refusalOf(openState(folder, options)).message, /packs/);
  });

  it('is refused where it is a symbolic link', () => {
    mkdirSync(join(home, 'real'));
    symlinkSync(join(home, 'real'), folder);
    assert.equal(refusalOf(openState(folder, options)).code, 'folder-unsafe');
  });

  it('is refused where it is a file', () => {
    writeFileSync(folder, '');
    assert.equal(refusalOf(openState(folder, options)).code, 'not-a-folder');
    assert.equal(refusalOf(openState(join(folder, 'below'), options)).code, 'not-a-folder');
  });

  it('is refused below a folder that others can write, unless that is sticky', () => {
    chmodSync(home, 0o777);
    const refusal = refusalOf(openState(folder, options));
    assert.equal(refusal.code, 'folder-unsafe');
    assert.match(refusal.message, new RegExp(`${home} `));
    chmodSync(home, 0o1777);
    must(openState(folder, options));
  });

  it('is refused where the folder above it belongs to another user, who could put another in its place', () => {
    const files = looking({ [home]: { uid: 12345 } });
    const refusal = refusalOf(openState(folder, { ...options, files }));
    assert.equal(refusal.code, 'folder-unsafe');
    assert.match(refusal.message, /uid 12345/);
  });

  it('is refused where it belongs to another user itself', () => {
    mkdirSync(folder, { mode: 0o700 });
    const files = looking({ [folder]: { uid: 12345 } });
    assert.equal(refusalOf(openState(folder, { ...options, files })).code, 'folder-unsafe');
  });

  it('is refused to a user in the sticky folder /tmp where somebody else made it first', () => {
    mkdirSync(folder, { mode: 0o700 });
    const owner = { uid: 4711, gid: 4711 };
    const files = looking({ [home]: { uid: 0, mode: 0o1777 }, [folder]: { uid: 0 } });
    assert.equal(refusalOf(openState(folder, { ...options, files, owner })).code, 'folder-unsafe');
  });

  it('is accepted below a folder that the group may write where the group is the user’s own or root’s', () => {
    const owner = { uid: process.geteuid?.() ?? 0, gid: process.geteuid?.() ?? 0 };
    const look = (gid: number): DurableFiles => looking({ [home]: { mode: 0o775, gid } });
    must(openState(folder, { ...options, files: look(owner.gid), owner }));
    must(openState(folder, { ...options, files: look(0), owner }));
    assert.equal(refusalOf(openState(folder, { ...options, files: look(50), owner })).code, 'folder-unsafe');
  });

  it('looks at where links above it lead, each step of the way', () => {
    const open = join(home, 'open');
    mkdirSync(join(open, 'inner'), { recursive: true });
    chmodSync(open, 0o777);
    symlinkSync(join(open, 'inner'), join(home, 'second'));
    symlinkSync('second', join(home, 'first'));
    const refusal = refusalOf(openState(join(home, 'first', 'state'), options));
    assert.match(refusal.message, /open /);
    chmodSync(open, 0o755);
    assert.equal(must(openState(join(home, 'first', 'state'), options)).folder, join(open, 'inner', 'state'));
  });

  it('ends at links that lead in a circle', () => {
    symlinkSync('two', join(home, 'one'));
    symlinkSync('one', join(home, 'two'));
    assert.equal(refusalOf(openState(join(home, 'one', 'state'), options)).code, 'folder-unsafe');
  });

  for (const [code, expected] of [
    ['EROFS', 'read-only'],
    ['EACCES', 'not-permitted'],
    ['ENOSPC', 'disk-full'],
  ] as const)
    it(`is refused with the path and another folder as remedy where it cannot be made (${code})`, () => {
      const files: DurableFiles = {
        ...diskFiles,
        makeFolder(path) {
          throw Object.assign(new Error(code), { code, path });
        },
      };
      const refusal = refusalOf(openState(folder, { ...options, files }));
      assert.equal(refusal.code, expected);
      assert.match(refusal.message, new RegExp(folder));
      assert.match(refusal.remedy ?? '', /--state DIR/);
    });

  it('is refused before anything is done where it cannot be written (a read-only file system)', () => {
    must(openState(folder, options));
    const files: DurableFiles = {
      ...diskFiles,
      checkWritable(path) {
        throw Object.assign(new Error('EROFS'), { code: 'EROFS', path });
      },
    };
    assert.equal(refusalOf(openState(folder, { ...options, files })).code, 'read-only');
  });

  it('is refused to root where it is a user’s, who could change it under root’s hands', function () {
    if (process.geteuid?.() !== 0) this.skip();
    mkdirSync(folder, { mode: 0o700 });
    chownSync(folder, 4711, 4711);
    assert.equal(refusalOf(openState(folder, options)).code, 'folder-unsafe');
  });

  it('loses the temporary files of a process that died', () => {
    must(openState(folder, options));
    writeFileSync(join(folder, 'spool', '.x.pack.json.99-1.tmp'), 'half');
    writeFileSync(join(folder, '.chain.json.99-2.tmp'), 'half');
    must(openState(folder, options));
    assert.deepEqual(readdirSync(join(folder, 'spool')), []);
    assert.ok(!readdirSync(folder).includes('.chain.json.99-2.tmp'));
  });
});
