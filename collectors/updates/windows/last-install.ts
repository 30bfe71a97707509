/** When updates were last installed, by everyone who knows. */
import type { ComponentPackage, Fact, LastInstall, WindowsUpdateHistory } from '../../../schemas/generated/types.ts';
import { unseen } from '../../fact.ts';

type Told = { readonly value: LastInstall; readonly source: string };

/**
 * The newest of three memories: the update agent's own (daily signatures count there), its history, and
 * the component store, which tools that bypass the agent fill too. Where they differ each answer is kept.
 */
export function lastInstallOf(
  agent: LastInstall | undefined,
  agentSource: string,
  history: Fact<WindowsUpdateHistory>,
  packages: Fact<ComponentPackage[]>,
): Fact<LastInstall> {
  const told: Told[] = [];
  if (agent !== undefined) told.push({ value: agent, source: agentSource });
  if (history.status === 'observed') {
    const at = newest(
      history.value.events
        .filter(({ operation, result }) => operation === 'install' && result.startsWith('succeeded'))
        .map((event) => event.at),
    );
    if (at !== undefined) told.push({ value: { at, basis: 'update-history' }, source: history.sources[0] ?? '' });
  }
  if (packages.status === 'observed') {
    const at = newest(
      packages.value.filter(({ stateName }) => stateName === 'installed').map(({ installedAt }) => installedAt),
    );
    if (at !== undefined) told.push({ value: { at, basis: 'component-store' }, source: packages.sources[0] ?? '' });
  }
  const sources = [...new Set([agentSource, ...history.sources, ...packages.sources])];
  const [first, ...others] = told.toSorted((left, right) => (left.value.at < right.value.at ? 1 : -1));
  if (first === undefined) return unseen('unsupported', 'nothing-remembered', sources);
  const ordered = [first.source, ...sources.filter((source) => source !== first.source)];
  const fact = { status: 'observed' as const, value: first.value, sources: ordered };
  if (others.every(({ value }) => value.at.slice(0, 10) === first.value.at.slice(0, 10))) return fact;
  return { ...fact, answers: [first, ...others].map(({ value, source }) => ({ source, answer: value })) };
}

function newest(instants: readonly (string | undefined)[]): string | undefined {
  return instants
    .filter((at) => at !== undefined)
    .toSorted()
    .at(-1);
}
