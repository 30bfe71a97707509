/** A recorded Windows behind the real engine, as a machine that the door can open: every query is the product's own script. */

import type { Identity } from '../../agent/host/host.ts';
import type { Machine, Raw } from '../../agent/host/machine.ts';
import { queries, querySpec } from '../../agent/host/queries.ts';
import { readWindowsIdentity } from '../../agent/host/windows/identity.ts';
import { createRegistryReader } from '../../agent/host/windows/registry-batch.ts';
import { encodeText } from '../../collectors/text.ts';
import { type Engine, fakesFor, openEngine, type RecordedWindows } from './engine.ts';

/** A whole Windows machine as a fixture describes it. */
export type WindowsMachine = RecordedWindows & {
  readonly note: string;
  readonly identity: Identity;
  /** What its environment calls it; SRV1 where nothing is said. */
  readonly computer?: string;
  /** The moment at which it was looked at: its clock stands still. */
  readonly at?: string;
};

export type EngineMachine = { readonly machine: Machine; readonly engine: Engine };

/** `setup` is PowerShell that runs after the fakes. */
export function engineMachine(program: string, described: WindowsMachine, setup = ''): EngineMachine {
  const { at, computer } = described;
  const clock = at === undefined ? '' : `function Get-Date { return ([datetimeoffset]'${at}').UtcDateTime }\n\n`;
  const engine = openEngine(program, fakesFor(described) + clock + setup, computer);
  const registry = createRegistryReader((keys, limits) => engine.query(queries['registry-keys'], { keys }, limits));
  const {
    user = '',
    sid = '',
    elevated = false,
  } = described.caller !== undefined && 'user' in described.caller ? described.caller : {};
  const known = readWindowsIdentity({ caller: { value: { user, sid, elevated } } }, described.identity);
  const absent: Raw<never> = { outcome: 'absent', reason: 'no-such-file' };
  const find = <T>(table: Readonly<Record<string, T>> | undefined, path: string): T | undefined =>
    Object.entries(table ?? {}).find(([name]) => name.toLowerCase() === path.toLowerCase())?.[1];
  const machine: Machine = {
    os: 'windows',
    privilege: () => known.privilege,
    identity: async () => ({ outcome: 'ok', value: known.identity }),
    async readFile(path, { maxBytes }) {
      const file = find(described.files, path);
      const text = file !== undefined && 'text' in file ? file.text : undefined;
      if (text === undefined) return absent;
      const bytes = encodeText(text);
      return { outcome: 'ok', value: { bytes: bytes.subarray(0, maxBytes), truncated: bytes.length > maxBytes } };
    },
    async list(path) {
      const names = find(described.folders, path);
      return names === undefined ? absent : { outcome: 'ok', value: names.map(encodeText) };
    },
    stat: async () => absent,
    readLink: async () => absent,
    async run({ programs, args }) {
      const [program, told] =
        programs
          .map((each) => [each, find(described.programs, `${each} ${args.join(' ')}`)] as const)
          .find(([, answer]) => answer !== undefined) ?? [];
      if (program === undefined || told === undefined || 'hang' in told)
        return { outcome: 'absent', reason: 'no-such-program' };
      const end = { exitCode: 0, signal: undefined, truncated: false };
      return { outcome: 'ok', value: { stdout: encodeText(told.stdout), stderr: Buffer.alloc(0), ...end, program } };
    },
    registry,
    async query(name, limits, parameters) {
      const spec = querySpec(name);
      if (spec === undefined) throw new RangeError(`no query ${name}`);
      return engine.query(spec, parameters, limits);
    },
    system: async () => ({ outcome: 'unsupported', reason: 'told-by-query' }),
    close: () => engine.close(),
  };
  return { machine, engine };
}
