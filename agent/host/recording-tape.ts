/** Everything that was recorded of one machine, until it is written. */
import { toText } from '../../collectors/text.ts';
import type { RecordedCommandAnswer, RecordedMiss, Recording } from '../../schemas/generated/types.ts';
import type { Identity } from './host.ts';

/** Stands for what may not be kept. It replays as a failure with this reason, never as absent or empty. */
export const withheld: RecordedMiss = { outcome: 'failed', reason: 'withheld' };

/** A tape with a table for each section; of a command that ran more than once every answer is kept in order. */
export function createTape() {
  const section = (): Map<string, unknown> => new Map();
  const sections = {
    files: section(),
    stats: section(),
    links: section(),
    lists: section(),
    registry: section(),
    queries: section(),
    system: section(),
  };
  const commands = new Map<string, { argv: string[]; answers: RecordedCommandAnswer[] }>();
  let identity: Identity = {};
  return {
    ...sections,
    setIdentity(value: Identity): void {
      identity = value;
    },
    addCommand(argv: string[], answer: RecordedCommandAnswer): void {
      const key = JSON.stringify(argv);
      const command = commands.get(key);
      if (command === undefined) commands.set(key, { argv, answers: [answer] });
      else command.answers.push(answer);
    },
    recording(os: Recording['os']): { recording: Recording; entries: number; withheld: number } {
      const {
        hostname,
        kernelRelease,
        kernelVersion,
        architecture: arch,
        user,
        uid,
        elevated,
        capabilities,
      } = identity;
      const everything: unknown[] = Object.values(sections).flatMap((entries) => [...entries.values()]);
      for (const { answers } of commands.values()) everything.push(...answers);
      // Undefined members of a partial identity are left out by JSON.stringify.
      const recording = {
        format: 'affiant-recording/1',
        os,
        host: { hostname: asText(hostname), kernelRelease, kernelVersion, arch },
        user: { name: asText(user), uid, elevated, capabilities },
        ...Object.fromEntries(Object.entries(sections).map(([name, entries]) => [name, ordered(entries)])),
        commands: [...commands.values()].map(({ argv, answers }) =>
          answers.length === 1 ? { argv, ...answers[0] } : { argv, sequence: answers },
        ),
      } as unknown as Recording;
      return {
        recording,
        entries: everything.length,
        withheld: everything.filter((entry) => entry === withheld).length,
      };
    },
  };
}

function ordered(entries: ReadonlyMap<string, unknown>): object {
  return Object.fromEntries([...entries].toSorted(([left], [right]) => (left < right ? -1 : 1)));
}

function asText(text: string | undefined): ReturnType<typeof toText> | undefined {
  return text === undefined ? undefined : toText(text);
}
