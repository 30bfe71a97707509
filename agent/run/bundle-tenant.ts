/** A whole run over one tenant of an identity provider: ask, sign at the next place of its chain, spool. */
import {
  identityProvider,
  type TenantOptions,
  unseenOfAdministrators,
} from '../../collectors/identity-provider/index.ts';
import { ok, type Result } from '../../evidence/result.ts';
import type { CollectorOutcome, IdentityProviderDocument, Target } from '../../schemas/generated/types.ts';
import type { Settings } from '../config/defaults.ts';
import type { OpenDirectory } from '../directory/open-directory.ts';
import { loadOrCreateKeys } from '../spool/keys.ts';
import { beginRun } from '../spool/run-marker.ts';
import type { State } from '../spool/state.ts';
import { type AnyDocument, countFacts, finishDrafts, sourcesDocument } from './documents.ts';
import { agentOf, type Bundled, signAndSpool } from './make-bundle.ts';
import type { Collected } from './run-collectors.ts';

export type TenantRequest = {
  readonly directory: OpenDirectory;
  readonly options: TenantOptions;
  readonly target: Target;
  readonly settings: Settings;
};

/**
 * What could not be seen is in the document, and signed too. Refuses as the state folder does; nothing is
 * signed then. `state` is the tenant's own: its key speaks for this tenant and no server.
 */
export async function bundleTenant(state: State, request: TenantRequest): Promise<Result<Bundled>> {
  const keys = loadOrCreateKeys(state);
  if (!keys.ok) return keys;
  const marker = beginRun(state);
  if (!marker.ok) return marker;
  const { signer, blindKey } = keys.value;
  const startedAt = state.now().toISOString();
  void marker.value.started(identityProvider.name);
  const collected = await collect(request, blindKey);
  void marker.value.finished(identityProvider.name);
  const finishedAt = state.now().toISOString();
  const { settings, target } = request;
  const facts = { agent: agentOf(settings), mode: 'ad-hoc' as const, target, startedAt, finishedAt, collected };
  const signed = signAndSpool(state, signer, facts);
  void marker.value.end();
  return signed.ok ? ok({ collected, signer, ...signed.value }) : signed;
}

async function collect({ directory, options }: TenantRequest, blindKey: Uint8Array): Promise<Collected> {
  const { name } = identityProvider;
  const began = performance.now();
  const documents = new Map<string, AnyDocument>();
  let outcome: CollectorOutcome;
  try {
    const drafts = { identityProvider: await identityProvider.collect(directory.directory, options) };
    const finished = finishDrafts(drafts, identityProvider.documents, blindKey);
    if (finished.ok) {
      for (const [subject, document] of finished.value) documents.set(subject, document);
      const facts = countFacts(drafts);
      const unseen = (facts.denied ?? 0) + (facts.unsupported ?? 0) + (facts['timed-out'] ?? 0) + (facts.failed ?? 0);
      const whole =
        unseen === 0 &&
        unseenOfAdministrators(finished.value.get('identityProvider') as IdentityProviderDocument).size === 0;
      outcome = { name, outcome: whole ? 'complete' : 'partial', facts };
    } else outcome = { name, outcome: 'failed', reason: finished.refusal.code, facts: {} };
  } catch {
    outcome = { name, outcome: 'failed', reason: 'collector-broke', facts: {} };
  }
  documents.set(`sources/${name}`, sourcesDocument(name, directory.records(), blindKey));
  return { documents, outcomes: [{ ...outcome, elapsedMs: Math.round(performance.now() - began) }] };
}
