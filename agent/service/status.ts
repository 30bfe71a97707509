/** How the agent is doing on this server, from its state folder alone. */
import { statSync } from 'node:fs';
import { ok, type Result } from '../../evidence/result.ts';
import { readEnrolment } from '../enrol/enrolment-note.ts';
import { resting } from '../spool/collector-health.ts';
import { attempt, guarded } from '../spool/fault.ts';
import { parseHead } from '../spool/head.ts';
import { pendingIncidents } from '../spool/incidents.ts';
import { loadPublicKey } from '../spool/keys.ts';
import { type LastRun, lastRun } from '../spool/last-run.ts';
import { isRecord, readNote } from '../spool/notes.ts';
import { placeOf } from '../spool/pack-file.ts';
import { pathIn, type State } from '../spool/state.ts';

export type Status = {
  readonly stateFolder: string;
  /** The id of the signing key; absent before the first collection. */
  readonly keyId?: string;
  readonly chain?: { readonly id: string; readonly sequence?: number };
  readonly lastRun?: LastRun;
  /** When the newest receipt was stored here. */
  readonly lastReceiptAt?: string;
  readonly spool: { readonly packs: number; readonly bytes: number; readonly oldestAt?: string };
  /** Files that were not what was signed, or that the endpoint refused for good. */
  readonly quarantined: number;
  /** What the next statement will tell. */
  readonly pendingIncidents: number;
  readonly resting: readonly { readonly collector: string; readonly until: string }[];
  readonly endpoint?: string;
  /** What lies there and could not be read, and why: of it nothing is said above, which does not mean that it is not. */
  readonly unreadable: readonly string[];
};

/** Refuses as the state folder does. Nothing is changed, and no private key is touched. */
export function readStatus(state: State): Result<Status> {
  const key = loadPublicKey(state);
  const last = lastRun(state);
  if (!last.ok) return last;
  const enrolled = readEnrolment(state);
  const inside = guarded(state, () => ({
    incidents: pendingIncidents(state).good.length,
    resting: [...resting(state)].map(([collector, until]) => ({ collector, until })),
    head: headOf(state),
    damaged: [
      ...(last.value === undefined ? ['last-run.json'] : []),
      ...(isRecord(readNote(state, 'collectors.json')) ? [] : ['collectors.json']),
      ...(headOf(state) === undefined ? ['chain.json'] : []),
    ].filter((name) => state.files.look(pathIn(state, name)) !== undefined),
    // Before the first collection there is neither half of it.
    hasKey: ['key.pem', 'public.pem'].some((name) => state.files.look(pathIn(state, name)) !== undefined),
  }));
  if (!inside.ok) return inside;
  return attempt(state.folder, () => {
    const waiting = filesIn(state, 'spool');
    const [newest] = filesIn(state, 'packs').toSorted((left, right) => right.ms - left.ms);
    const [oldest] = waiting.toSorted((left, right) => left.ms - right.ms);
    const { incidents, resting: rests, head, damaged, hasKey } = inside.value;
    return {
      stateFolder: state.folder,
      ...(key.ok && { keyId: key.value.keyId }),
      ...(head !== undefined && { chain: head }),
      ...(last.value !== undefined && { lastRun: last.value }),
      ...(newest !== undefined && { lastReceiptAt: new Date(newest.ms).toISOString() }),
      spool: {
        packs: waiting.length,
        bytes: waiting.reduce((sum, { size }) => sum + size, 0),
        ...(oldest !== undefined && { oldestAt: new Date(oldest.ms).toISOString() }),
      },
      // Notes of what the endpoint answered lie beside.
      quarantined: state.files.list(pathIn(state, 'quarantine')).filter((name) => !name.endsWith('.problem.json'))
        .length,
      pendingIncidents: incidents,
      resting: rests,
      ...(enrolled.ok && enrolled.value !== undefined && { endpoint: enrolled.value.endpoint }),
      unreadable: [
        ...damaged.map((name) => `${pathIn(state, name)} is damaged`),
        ...(!key.ok && hasKey ? [key.refusal.message] : []),
        ...(enrolled.ok ? [] : [enrolled.refusal.message]),
      ],
    };
  });
}

function headOf(state: State): Status['chain'] {
  const bytes = state.files.read(pathIn(state, 'chain.json'));
  const head = bytes === undefined ? undefined : parseHead(bytes);
  if (head === undefined) return undefined;
  return head.sequence === undefined ? { id: head.id } : { id: head.id, sequence: head.sequence };
}

function filesIn(state: State, folder: 'spool' | 'packs'): { ms: number; size: number }[] {
  return state.files.list(pathIn(state, folder)).flatMap((name) => {
    if (placeOf(name) === undefined) return [];
    const stat = statSync(pathIn(state, folder, name), { throwIfNoEntry: false });
    return stat === undefined ? [] : [{ ms: stat.mtimeMs, size: stat.size }];
  });
}

/** A status without a state folder: nothing was collected yet. */
export function emptyStatus(stateFolder: string): Result<Status> {
  return ok({
    stateFolder,
    spool: { packs: 0, bytes: 0 },
    quarantined: 0,
    pendingIncidents: 0,
    resting: [],
    unreadable: [],
  });
}
