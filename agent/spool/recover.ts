/**
 * Finishes what a crash cut short. Runs at the start of every operation on the spool, under its lock,
 * so that each begins from a state that some operation could have ended in. Doing it twice does nothing more.
 */
import { bundleDigest } from '../../evidence/bundle.ts';
import { canonicalText } from '../../evidence/canonical-json.ts';
import { finishDrop } from './cap.ts';
import { settleHead } from './chain.ts';
import { removeDurably } from './durable.ts';
import { type Head, headName } from './head.ts';
import { forgetIncidents, pendingIncidents } from './incidents.ts';
import { readPack } from './pack-file.ts';
import { finishMove, setAside } from './quarantine.ts';
import { pathIn, type State, sweep } from './state.ts';

/** The head; undefined where nothing was signed yet. Afterwards no incident has an action open, and none is signed. */
export function recover(state: State): Head | undefined {
  sweep(state);
  const head = settleHead(state);
  finishReleases(state);
  for (const name of pendingIncidents(state).bad) setAside(state, name, 'incidents');
  for (const pending of pendingIncidents(state).good) {
    if (pending.file === undefined) continue;
    if (pending.incident.kind === 'dropped') finishDrop(state, head, pending);
    else finishMove(state, pending);
  }
  forgetSigned(state, head);
  return head;
}

/** A pack in both folders: its receipt was stored, and the crash came before it left the spool. */
function finishReleases(state: State): void {
  const done = new Set(state.files.list(pathIn(state, 'packs')));
  for (const name of state.files.list(pathIn(state, 'spool'))) {
    if (!done.has(name)) continue;
    const receipted = readPack(state, 'packs', name);
    const waiting = readPack(state, 'spool', name);
    if (receipted?.parts.receipt === undefined || waiting === undefined) continue;
    if (bundleDigest(waiting.parts.bundle) === receipted.digest)
      removeDurably(state.files, pathIn(state, 'spool', name));
  }
}

/**
 * Incidents are removed after the statement that tells them is on the disk. A crash between leaves
 * both; the newest statement then holds the very record, time included, and it goes now. The newest
 * is enough: no later statement can have been made without passing here. Records that were put back
 * because a statement was rejected stay, as that one lies in the quarantine.
 */
function forgetSigned(state: State, head: Head | undefined): void {
  const { good } = pendingIncidents(state);
  const name = head === undefined ? undefined : headName(head);
  if (good.length === 0 || name === undefined) return;
  const newest = readPack(state, 'spool', name) ?? readPack(state, 'packs', name);
  const signed = new Set(newest?.statement.predicate.incidents?.map((incident) => canonicalText(incident)));
  forgetIncidents(
    state,
    good.filter(({ incident }) => signed.has(canonicalText(incident))),
  );
}
