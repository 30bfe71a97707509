import { ok } from '../../evidence/result.ts';
import { acknowledge, acknowledged, forgetAcknowledged } from '../spool/acknowledged.ts';
import {
  lastCheckpoint,
  pinLogKey,
  pinnedLogKey,
  rememberCheckpoint,
  reportDivergence,
} from '../spool/checkpoint-memory.ts';
import { loadKnownKeys } from '../spool/keys.ts';
import { fork, quarantine, readSpooled, release } from '../spool/release.ts';
import { pending, type SpooledPack } from '../spool/spool.ts';
import type { State } from '../spool/state.ts';
import type { Outbox } from './outbox.ts';

/** The spool of a state folder as the outbox to one endpoint, named by its URL. */
export function spoolOutbox(state: State, endpoint: string): Outbox<SpooledPack> {
  const own = loadKnownKeys(state);
  return {
    pending: () => pending(state),
    read: (pack) => readSpooled(state, pack),
    key: (keyId) => (own.ok ? own.value(keyId) : undefined),
    release: (pack, receipt) => release(state, pack, receipt),
    quarantine: (pack, reason, answer) => quarantine(state, pack, reason, answer),
    fork: (pack) => fork(state, pack),
    acknowledged: (keyId) => acknowledged(state, { endpoint, keyId }),
    acknowledge: (keyId, digests) => acknowledge(state, { endpoint, keyId }, digests),
    forgetAcknowledged: (keyId, digests) =>
      digests.length === 0 ? ok(undefined) : forgetAcknowledged(state, { endpoint, keyId }, digests),
    remembers: true,
    pinnedLogKey: () => pinnedLogKey(state, endpoint),
    pinLogKey: (verifierKey) => pinLogKey(state, endpoint, verifierKey),
    lastCheckpoint: (origin) => lastCheckpoint(state, origin),
    rememberCheckpoint: (checkpoint) => rememberCheckpoint(state, checkpoint),
    reportDivergence: (origin) => reportDivergence(state, origin),
  };
}
