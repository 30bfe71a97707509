/** Image-based systems: which image runs, and which one waits for a restart. */
import type { Host } from '../../agent/host/host.ts';
import type { Deployment, Deployments, Fact, Scope } from '../../schemas/generated/types.ts';
import { mapFact, missed, unseen } from '../fact.ts';
import { parseBootc, parseRpmOstree, parseSnapper } from './deployment-status.ts';
import { belongsOutside } from './restart.ts';
import { wholeOutput } from './whole-text.ts';

const ostreeMarker = '/run/ostree-booted';
const transactionalUpdate = '/usr/sbin/transactional-update';

/**
 * Not applicable only where neither ostree's marker nor transactional-update is there. bootc runs on ostree too:
 * rpm-ostree is asked first, since it knows layered packages, and bootc where that is not installed.
 */
export async function readDeployments(host: Host, scope: Fact<Scope>): Promise<Fact<Deployments>> {
  const outside = belongsOutside(scope);
  if (outside !== undefined) return outside;
  const ostree = await host.stat(ostreeMarker);
  if (ostree.status === 'observed') {
    const answer = await host.exec('rpm-ostree-status');
    if (answer.status !== 'absent' && answer.status !== 'unsupported')
      return named('rpm-ostree', wholeOutput(answer, parseRpmOstree));
    return named('bootc', wholeOutput(await host.exec('bootc-status'), parseBootc));
  }
  if (ostree.status !== 'absent') return missed(ostree);
  const transactional = await host.stat(transactionalUpdate);
  if (transactional.status === 'observed')
    return named('transactional-update', wholeOutput(await host.exec('snapper-list'), parseSnapper));
  if (transactional.status !== 'absent') return missed(transactional);
  return unseen('not-applicable', 'not-image-based', [ostree.source, transactional.source]);
}

function named(system: Deployments['system'], fact: Fact<readonly Deployment[]>): Fact<Deployments> {
  return mapFact(fact, (deployments) => ({ system, deployments: [...deployments] }));
}
