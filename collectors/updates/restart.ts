/** What restarts have in common: in a container, the kernel and its restart are those of the machine outside. */
import type { Fact, Scope, Unseen } from '../../schemas/generated/types.ts';
import { unseen } from '../fact.ts';

export function belongsOutside(scope: Fact<Scope>): Unseen | undefined {
  const isContainer = scope.status === 'observed' && scope.value.kind === 'container';
  return isContainer ? unseen('unsupported', 'container-scope', scope.sources) : undefined;
}
