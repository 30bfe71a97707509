import { loadOrCreateKeys, loadPublicKey } from '../../spool/keys.ts';
import { readArguments } from '../arguments.ts';
import { exitCodes } from '../exit-codes.ts';
import type { Io } from '../io.ts';
import { forTerminal } from '../render/escape.ts';
import { openSession, openSessionState, stateOptions, stop } from '../session.ts';

/** This server's own key, or, where the endpoint lies, the keys that it knows. */
export async function run(args: readonly string[], io: Io): Promise<number> {
  const [action] = args;
  if (action === 'rotate') return (await import('./key-rotate.ts')).run(args, io);
  if (action !== undefined && operatorActions.has(action)) return (await import('./key-operator.ts')).run(args, io);
  return show(args, io);
}

const operatorActions: ReadonlySet<string> = new Set(['list', 'add', 'approve', 'revoke']);

/** Prints the public key as PEM (SubjectPublicKeyInfo); makes the key pair in a folder without history. */
async function show(args: readonly string[], io: Io): Promise<number> {
  const read = readArguments(args, stateOptions, { min: 1, max: 1 }, 'key show');
  if (!read.ok) return stop(io, read.refusal);
  const [action] = read.value.positionals;
  if (action !== 'show')
    return stop(io, {
      code: 'usage',
      message: `there is no action ${action}`,
      remedy: 'affiant key show|rotate; at the endpoint list|add|approve|revoke',
    });
  const session = await openSession(read.value.options, io);
  if (!session.ok) return stop(io, session.refusal);
  const state = openSessionState(session.value, true);
  if (!state.ok) return stop(io, state.refusal);
  const isNew = !loadPublicKey(state.value).ok;
  const keys = loadOrCreateKeys(state.value);
  if (!keys.ok) return stop(io, keys.refusal);
  io.out(keys.value.signer.publicKeyPem);
  // A key of another user or folder is another server's to an endpoint: a person must see which one this is.
  const made = isNew ? ', made just now' : '';
  io.err(`key id ${keys.value.signer.keyId} of the state folder ${forTerminal(state.value.folder)}${made}\n`);
  return exitCodes.done;
}
