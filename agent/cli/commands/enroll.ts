import { hostname } from 'node:os';
import { readTargetIdentity } from '../../../collectors/host/target-identity.ts';
import { ok, type Result } from '../../../evidence/result.ts';
import { enrolHere } from '../../enrol/enrol-here.ts';
import { readEnrolment } from '../../enrol/enrolment-note.ts';
import { readTokenFile, tokenPath } from '../../enrol/token-file.ts';
import { openHost } from '../../host/door.ts';
import { digestsWith } from '../../run/run-collectors.ts';
import { targetOf } from '../../run/target.ts';
import { type Keys, loadOrCreateKeys } from '../../spool/keys.ts';
import type { State } from '../../spool/state.ts';
import { loadOrCreateTarget, rememberTarget } from '../../spool/target-id.ts';
import { readArguments, readFormat } from '../arguments.ts';
import { exitCodes } from '../exit-codes.ts';
import type { Io } from '../io.ts';
import { forJson, forTerminal } from '../render/escape.ts';
import { localMachine, openSession, openSessionState, stateOptions, stop } from '../session.ts';

/** Enrols this server's key at the endpoint of a token; done again with the same token, it says the same. */
export async function run(args: readonly string[], io: Io): Promise<number> {
  const read = readArguments(
    args,
    { 'token-file': 'text', label: 'text', format: 'text', ...stateOptions },
    { min: 0, max: 0 },
    'enroll --token-file FILE [--label NAME] [--format table|json]',
  );
  if (!read.ok) return stop(io, read.refusal);
  const { options } = read.value;
  const format = readFormat(options.format);
  if (!format.ok) return stop(io, format.refusal);
  const named = options['token-file'] === undefined ? undefined : io.path(options['token-file']);
  const path = tokenPath(named, io.environment['CREDENTIALS_DIRECTORY']);
  if (!path.ok) return stop(io, path.refusal);
  const token = readTokenFile(path.value);
  if (!token.ok) return stop(io, token.refusal);
  const session = await openSession(options, io);
  if (!session.ok) return stop(io, session.refusal);
  const state = openSessionState(session.value, true);
  if (!state.ok) return stop(io, state.refusal);
  const before = readEnrolment(state.value);
  if (!before.ok) return stop(io, before.refusal);
  const keys = loadOrCreateKeys(state.value);
  if (!keys.ok) return stop(io, keys.refusal);
  const { signer } = keys.value;
  const target = token.value.role === 'agent' ? await ownTarget(state.value, keys.value) : ok(undefined);
  if (!target.ok) return stop(io, target.refusal);
  const { url: _, ...settings } = session.value.loaded.settings.endpoint ?? { url: '' };
  const enrolled = await enrolHere(state.value, {
    token: token.value,
    signer,
    target: target.value,
    label: options.label ?? hostname(),
    now: new Date(),
    settings,
  });
  if (!enrolled.ok) {
    io.refused(enrolled.refusal);
    return refusedCodes.has(enrolled.refusal.code) ? exitCodes.spooled : exitCodes.failed;
  }
  const { record, clock } = enrolled.value;
  const { role, targets, standing } = record;
  const told = {
    keyId: signer.keyId,
    endpoint: token.value.endpoint,
    role,
    targets,
    standing,
    clock: clock ?? 'agrees',
  };
  io.out(format.value === 'json' ? `${forJson(told)}\n` : `${signer.keyId}\n`);
  io.err(
    forTerminal(
      `enrolled at ${token.value.endpoint} as ${record.role}${record.targets.length > 0 ? ` for ${record.targets.join(', ')}` : ''}`,
    ) + '\n',
  );
  if (record.standing === 'pending')
    io.err(
      'it waits: another key speaks for this server, and the operator must approve this one as its successor (affiant key approve)\n',
    );
  if (clock !== undefined)
    io.err(
      `warning: this server's clock is ${clock === 'ahead' ? 'ahead of' : 'behind'} the endpoint's by more than five minutes\n`,
    );
  return exitCodes.done;
}

/** What may be otherwise at the next try. */
const refusedCodes: ReadonlySet<string> = new Set([
  'no-answer',
  'store-contended',
  'store-failed',
  'overloaded',
  'rate-limited',
]);

/** Which server this is, as its bundles will say; nothing else is asked of it. */
async function ownTarget(state: State, { blindKey }: Keys): Promise<Result<string>> {
  const machine = await localMachine();
  if (!machine.ok) return machine;
  const known = loadOrCreateTarget(state);
  if (!known.ok) return known;
  const identity =
    machine.value.os === 'linux'
      ? await readTargetIdentity(openHost(machine.value).host, digestsWith(blindKey))
      : undefined;
  const target = targetOf(identity, known.value.id, known.value.last);
  const remembered = rememberTarget(state, target);
  return remembered.ok ? ok(target.id) : remembered;
}
