/** A machine whose queries and registry are answered by the real engine over a recorded Windows. */
import type { Machine, Raw } from '../../../agent/host/machine.ts';
import { querySpec } from '../../../agent/host/queries.ts';
import { createRegistryReader } from '../../../agent/host/windows/registry-batch.ts';
import { encodeText } from '../../../collectors/text.ts';
import { type Engine, fakesFor, openEngine, type RecordedWindows } from '../../powershell/engine.ts';

export type EngineMachine = { readonly machine: Machine; readonly engine: Engine };

/** `files` by path; every other file, and every program, is not there. */
export function engineMachine(
  program: string,
  recorded: RecordedWindows,
  files: Readonly<Record<string, string>> = {},
): EngineMachine {
  // The directory is read at a moment that does not change.
  const clock = `function Get-Date { return [datetime]::SpecifyKind([datetime]'2026-11-29T00:00:00', 'Utc') }\n\n`;
  const engine = openEngine(program, fakesFor(recorded) + clock);
  const spec = querySpec('registry-keys');
  if (spec === undefined) throw new Error('no query registry-keys');
  const registry = createRegistryReader((keys, limits) => engine.query(spec, { keys }, limits));
  const gone = <T>(reason: string): Promise<Raw<T>> => Promise.resolve({ outcome: 'absent', reason });
  return {
    engine,
    machine: {
      os: 'windows',
      privilege: () => 'system',
      identity: () =>
        Promise.resolve({
          outcome: 'ok',
          value: {
            hostname: 'SRV1',
            kernelRelease: '10.0.20348',
            kernelVersion: 'Windows Server 2022 Standard',
            architecture: 'x64',
            user: String.raw`NT AUTHORITY\SYSTEM`,
            elevated: true,
          },
        }),
      readFile(path) {
        const text = files[path];
        return text === undefined
          ? gone('no-such-file')
          : Promise.resolve({ outcome: 'ok', value: { bytes: encodeText(text), truncated: false } });
      },
      list: () => gone('no-such-file'),
      stat: () => gone('no-such-file'),
      readLink: () => gone('no-such-file'),
      run: () => gone('no-such-program'),
      registry,
      query(name, limits, parameters) {
        const own = querySpec(name);
        return own === undefined
          ? Promise.resolve({ outcome: 'unsupported', reason: 'no-such-query' })
          : engine.query(own, parameters, limits);
      },
      system: () => Promise.resolve({ outcome: 'unsupported', reason: 'told-by-query' }),
    },
  };
}
