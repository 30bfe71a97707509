import type { TargetState } from '../../schemas/generated/types.ts';
import type { TargetSummary } from '../store/store.ts';

/** A server as readers see it, without what is known of its reporting. */
export function plainTarget({ id, firstAt, newestAt, bundles }: TargetSummary): TargetState {
  return { id, bundles, ...(bundles > 0 && { firstAt, newestAt }) };
}
