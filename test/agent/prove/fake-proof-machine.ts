/** A machine in memory that a proof may act on, with a scanner that does what the test says. */
import type { Raw, RawRun } from '../../../agent/host/machine.ts';
import type { ProofCommand } from '../../../agent/prove/programs.ts';
import type { FolderLook, ProofMachine, Touch } from '../../../agent/prove/proof-machine.ts';

export type FakeProof = {
  /** Folders that are there, with how they look; root's and 0755 where nothing is said. */
  readonly folders?: Readonly<Record<string, Partial<FolderLook>>>;
  /** What the scanner makes of a file that is touched, by its path. */
  readonly touched?: (path: string, files: Map<string, Uint8Array>, elapsedMs: number) => Touch | undefined;
  readonly runs?: (command: ProofCommand, files: Map<string, Uint8Array>) => Raw<RawRun>;
  readonly logs?: Map<string, string>;
  /** Files that cannot be removed. */
  readonly stuck?: (path: string) => boolean;
};

export type FakeProofMachine = ProofMachine & {
  readonly files: Map<string, Uint8Array>;
  readonly made: readonly string[];
  readonly commands: readonly ProofCommand[];
};

const usualFolders = ['/', '/var', '/var/tmp', '/tmp', '/opt', '/opt/scan'];

export function fakeProofMachine(fake: FakeProof = {}): FakeProofMachine {
  const files = new Map<string, Uint8Array>();
  const folders = new Map<string, Partial<FolderLook>>([
    ...usualFolders.map((path) => [path, path.endsWith('tmp') ? { mode: 0o1777 } : {}] as const),
    ...Object.entries(fake.folders ?? {}),
  ]);
  const made: string[] = [];
  const commands: ProofCommand[] = [];
  let clock = 0;
  return {
    files,
    made,
    commands,
    uid: 0,
    realPath: (path) => (folders.has(path) ? path : undefined),
    look: (path) => {
      const folder = folders.get(path);
      if (folder !== undefined) return { uid: 0, mode: 0o755, directory: true, ...folder };
      return files.has(path) ? { uid: 0, mode: 0o644, directory: false } : undefined;
    },
    makeFolder: (path) => {
      made.push(path);
      folders.set(path, {});
    },
    write: (path, bytes) => {
      made.push(path);
      files.set(path, bytes);
      return { state: 'whole' };
    },
    touch: (path, expected) => {
      const answer = fake.touched?.(path, files, clock);
      if (answer !== undefined) return answer;
      const found = files.get(path);
      if (found === undefined) return { state: 'gone' };
      return { state: Buffer.compare(found, expected) === 0 ? 'whole' : 'changed' };
    },
    remove: (path) => {
      if (fake.stuck?.(path) === true) return false;
      // rmdir(2): ENOTEMPTY.
      if ([...files.keys()].some((file) => file.startsWith(`${path}/`))) return false;
      files.delete(path);
      folders.delete(path);
      return true;
    },
    sizeOf: (path) => fake.logs?.get(path)?.length,
    readFrom: (path, offset) => fake.logs?.get(path)?.slice(offset) ?? '',
    run: (command) => {
      commands.push(command);
      return Promise.resolve(fake.runs?.(command, files) ?? { outcome: 'absent', reason: 'no-such-program' });
    },
    wait: (milliseconds) => {
      clock += milliseconds;
      return Promise.resolve();
    },
    now: () => new Date('2026-11-23T12:00:00.000Z'),
    monotonicMs: () => clock,
  };
}

export function ran(exitCode: number, stdout = ''): Raw<RawRun> {
  return {
    outcome: 'ok',
    value: { stdout: Buffer.from(stdout), stderr: new Uint8Array(), exitCode, signal: undefined, truncated: false },
  };
}
