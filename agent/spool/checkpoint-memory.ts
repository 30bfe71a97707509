/**
 * What this agent has seen of logs: the newest verified checkpoint of each origin, quoted in the next
 * statement (a lower bound of its time), and the log key of each endpoint, trusted on first use.
 */
import type { Result } from '../../evidence/result.ts';
import type { CheckpointSeen } from '../../schemas/generated/types.ts';
import { writeDurably } from './durable.ts';
import { attempt, fail, guarded } from './fault.ts';
import { instant, recordIncident } from './incidents.ts';
import { isRecord, readNote, writeNote } from './notes.ts';
import { pathIn, type State } from './state.ts';

/** A verified checkpoint: `root` in base64, `note` the signed note itself. */
export type SeenCheckpoint = CheckpointSeen & { readonly note: string };

/** In the part of the folder that whoever sends may write in (sharing.ts). */
const checkpoints = 'post/checkpoint.json';
const logKeys = 'post/log.vkey';

/**
 * Remembers a checkpoint whose signature the caller has verified, and its consistency with
 * `lastCheckpoint` where it could. A smaller tree changes nothing. Refuses with `log-diverged`, and
 * the next statement says so, where the same size has another root: then the log shows two histories.
 */
export function rememberCheckpoint(state: State, checkpoint: SeenCheckpoint): Result<undefined> {
  return guarded(state, () => {
    const known = load(state);
    const last = known.find(({ origin }) => origin === checkpoint.origin);
    if (last?.size === checkpoint.size && last.root !== checkpoint.root) {
      noteDivergence(state, checkpoint.origin);
      fail(
        'log-diverged',
        `the log ${checkpoint.origin} shows two roots for its size ${checkpoint.size}`,
        `ask the endpoint's operator; ${pathIn(state, checkpoints)} holds the signed checkpoint seen before`,
      );
    }
    if (last !== undefined && last.size >= checkpoint.size) return undefined;
    const { origin, size, root, note } = checkpoint;
    writeNote(state, checkpoints, [...known.filter((other) => other !== last), { origin, size, root, note }]);
    return undefined;
  });
}

/** Notes for the next statement that a log contradicted itself, found by whoever checked consistency. */
export function reportDivergence(state: State, origin: string): Result<undefined> {
  return guarded(state, () => noteDivergence(state, origin));
}

function noteDivergence(state: State, origin: string): undefined {
  recordIncident(state, { kind: 'log-diverged', at: instant(state), reason: 'log-diverged' }, { key: origin });
}

/** The newest checkpoint of an origin. */
export function lastCheckpoint(state: State, origin: string): Result<SeenCheckpoint | undefined> {
  return attempt(state.folder, () => load(state).find((checkpoint) => checkpoint.origin === origin));
}

/** The checkpoint remembered last, whatever its origin, as a statement quotes it. */
export function newestCheckpoint(state: State): CheckpointSeen | undefined {
  const newest = load(state).at(-1);
  return newest === undefined ? undefined : { origin: newest.origin, size: newest.size, root: newest.root };
}

/** A damaged file counts as none: the next receipt brings a newer one. */
function load(state: State): SeenCheckpoint[] {
  const note = readNote(state, checkpoints);
  return Array.isArray(note) ? note.filter(isCheckpoint) : [];
}

function isCheckpoint(value: unknown): value is SeenCheckpoint {
  if (!isRecord(value)) return false;
  const { origin, size, root, note } = value as { [K in keyof SeenCheckpoint]?: unknown };
  return (
    typeof origin === 'string' && Number.isSafeInteger(size) && typeof root === 'string' && typeof note === 'string'
  );
}

/**
 * Keeps the log key (a signed-note verifier key) that an endpoint shows first, and refuses any other
 * from then on with `log-key-changed`.
 */
export function pinLogKey(state: State, endpoint: string, verifierKey: string): Result<undefined> {
  return guarded(state, () => {
    const pins = loadPins(state);
    const pinned = pins.get(endpoint);
    if (pinned === verifierKey) return undefined;
    if (pinned !== undefined) failChanged(state, endpoint, `${endpoint} shows another log key than before`);
    if (/\s/.test(endpoint + verifierKey)) fail('log-key-invalid', 'a log key and an endpoint are one word each');
    const lines = [...pins, [endpoint, verifierKey]].map(([url, key]) => `${url} ${key}\n`);
    writeDurably(state.files, pathIn(state, logKeys), Buffer.from(lines.join('')));
    return undefined;
  });
}

/** Refuses as `pinLogKey` does where a key was kept that is not the one that a token names, before its secret is sent. */
export function checkLogKey(
  state: State,
  endpoint: string,
  isSame: (verifierKey: string) => boolean,
): Result<undefined> {
  return attempt(state.folder, () => {
    const pinned = loadPins(state).get(endpoint);
    if (pinned !== undefined && !isSame(pinned))
      failChanged(
        state,
        endpoint,
        `the token names another log key than ${endpoint} showed before; its secret was not sent`,
      );
    return undefined;
  });
}

function failChanged(state: State, endpoint: string, message: string): never {
  return fail(
    'log-key-changed',
    message,
    `ask its operator whether the log was replaced; if so, remove the line of ${endpoint} from ${pathIn(state, logKeys)}`,
  );
}

/** The log key that was kept for an endpoint. */
export function pinnedLogKey(state: State, endpoint: string): Result<string | undefined> {
  return attempt(state.folder, () => loadPins(state).get(endpoint));
}

/** Lines `URL VKEY`. A file that cannot be read as that is refused: forgetting a pin would trust anyone. */
function loadPins(state: State): Map<string, string> {
  const bytes = state.files.read(pathIn(state, logKeys));
  const lines = bytes === undefined ? [] : Buffer.from(bytes).toString('utf8').split('\n').filter(Boolean);
  return new Map(
    lines.map((line) => {
      const [, endpoint, key] = /^(\S+) (\S+)$/.exec(line) ?? [];
      if (endpoint === undefined || key === undefined)
        fail(
          'log-key-damaged',
          `${pathIn(state, logKeys)} is damaged`,
          'restore it, or remove it after asking the operator for the log key',
        );
      return [endpoint, key];
    }),
  );
}
