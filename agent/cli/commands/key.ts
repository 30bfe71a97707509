import { loadOrCreateKeys, loadPublicKey } from '../../spool/keys.ts';
import { readArguments, readFormat } from '../arguments.ts';
import { exitCodes } from '../exit-codes.ts';
import type { Io } from '../io.ts';
import { forJson, forTerminal } from '../render/escape.ts';
import { openSession, openSessionState, stateOptions, stop } from '../session.ts';

/** This server's own key, or, where the endpoint lies, the keys that it knows. */
export async function run(args: readonly string[], io: Io): Promise<number> {
  const [action] = args;
  if (action === 'rotate') return (await import('./key-rotate.ts')).run(args, io);
  if (action !== undefined && operatorActions.has(action)) return (await import('./key-operator.ts')).run(args, io);
  return show(args, io);
}

const operatorActions: ReadonlySet<string> = new Set(['list', 'add', 'approve', 'revoke', 'rotate-registrar']);

/** Prints the public key as PEM (SubjectPublicKeyInfo); makes the key pair in a folder without history. */
async function show(args: readonly string[], io: Io): Promise<number> {
  const read = readArguments(
    args,
    { format: 'text', ...stateOptions },
    { min: 1, max: 1 },
    'key show|rotate|list|add FILE|approve KEYID|revoke KEYID|rotate-registrar [--format table|json]',
  );
  if (!read.ok) return stop(io, read.refusal);
  const format = readFormat(read.value.options.format);
  if (!format.ok) return stop(io, format.refusal);
  const [action] = read.value.positionals;
  if (action !== 'show')
    return stop(io, {
      code: 'usage',
      message: `there is no action ${action}`,
      remedy: 'affiant key show|rotate; at the endpoint list|add|approve|revoke|rotate-registrar',
    });
  const session = await openSession(read.value.options, io);
  if (!session.ok) return stop(io, session.refusal);
  const state = openSessionState(session.value, true);
  if (!state.ok) return stop(io, state.refusal);
  const isNew = !loadPublicKey(state.value).ok;
  const keys = loadOrCreateKeys(state.value);
  if (!keys.ok) return stop(io, keys.refusal);
  const { keyId, publicKeyPem: publicKey } = keys.value.signer;
  const { folder } = state.value;
  io.out(format.value === 'json' ? `${forJson({ keyId, publicKey, stateFolder: folder, isNew })}\n` : publicKey);
  // A key of another user or folder is another server's to an endpoint: a person must see which one this is.
  const made = isNew ? ', made just now' : '';
  io.err(`key id ${keyId} of the state folder ${forTerminal(folder)}${made}\n`);
  return exitCodes.done;
}
