/** A whole run over one server that is reached from elsewhere: collect, sign with the sweep's key at the next place of that server's chain, spool. */
import { readTargetIdentity, type TargetIdentity } from '../../collectors/host/target-identity.ts';
import { collectors } from '../../collectors/list.ts';
import { ok, type Result } from '../../evidence/result.ts';
import type { HostDocument, PosturePredicate } from '../../schemas/generated/types.ts';
import type { Settings } from '../config/defaults.ts';
import { openHost } from '../host/door.ts';
import type { Machine } from '../host/machine.ts';
import { type Keys, lendPublicKey } from '../spool/keys.ts';
import type { State } from '../spool/state.ts';
import { loadOrCreateTarget, rememberTarget } from '../spool/target-id.ts';
import { type Bundled, signAndSpool } from './make-bundle.ts';
import type { RunFacts } from './predicate.ts';
import { digestsWith, type RunOptions, runCollectors } from './run-collectors.ts';
import { targetOf } from './target.ts';

export type SweptRequest = {
  readonly machine: Machine;
  readonly settings: Settings;
  /** Digested once for all servers. */
  readonly agent: RunFacts['agent'];
  readonly only: readonly string[] | undefined;
  readonly watch?: RunOptions['watch'];
  readonly transport: NonNullable<PosturePredicate['transport']>;
  /** Why the evidence must not be signed, asked last: a connection that broke leaves half an answer. */
  readonly spoilt: () => boolean;
};

/** Nothing is signed where it is `spoilt`: the answer is undefined then. `state` is the server's own, with its chain. */
export async function bundleSwept(
  state: State,
  { signer, blindKey }: Keys,
  request: SweptRequest,
): Promise<Result<Bundled | undefined>> {
  const { agent, machine, settings, only, watch, transport } = request;
  const lent = lendPublicKey(state, signer);
  if (!lent.ok) return lent;
  const known = loadOrCreateTarget(state);
  if (!known.ok) return known;
  const startedAt = state.now().toISOString();
  const collected = await runCollectors(machine, {
    collectors,
    only,
    disabled: settings.collect.disable,
    budgetSeconds: settings.collect.budgetSeconds,
    blindKey,
    keepOpen: true,
    ...(watch !== undefined && { watch }),
  });
  const identity =
    (collected.documents.get('host') as HostDocument | undefined) ?? (await identityOf(machine, blindKey));
  machine.close?.();
  if (request.spoilt()) return ok(undefined);
  const target = targetOf(identity, known.value.id, known.value.last);
  const remembered = rememberTarget(state, target);
  if (!remembered.ok) return remembered;
  const finishedAt = state.now().toISOString();
  const facts = { agent, mode: 'sweep' as const, target, startedAt, finishedAt, collected, transport };
  const signed = signAndSpool(state, signer, facts);
  return signed.ok ? ok({ collected, signer, ...signed.value }) : signed;
}

/** Which server it is must not depend on what is asked of it. */
async function identityOf(machine: Machine, blindKey: Uint8Array): Promise<TargetIdentity> {
  return await readTargetIdentity(openHost(machine).host, digestsWith(blindKey));
}
