/** The names of all running processes, where all of them could be seen. */
import type { Answer, ProcessList } from '../../agent/host/host.ts';
import type { Fact } from '../../schemas/generated/types.ts';
import { missed, observed, unseen } from '../fact.ts';

export type ProcessEntry = { readonly pid: number; readonly name: string };

/**
 * Fails with `others-hidden` where process 1 is not among them (/proc mounted with hidepid, see proc(5)),
 * and with `processes-not-looked-at`: a process that is not in such a list may run all the same.
 */
export function processEntries(answer: Answer<ProcessList>): Fact<readonly ProcessEntry[]> {
  if (answer.status === 'absent') return missed({ ...answer, status: 'unsupported' });
  if (answer.status !== 'observed') return missed(answer);
  const { processes, complete, namesComplete = complete } = answer.value;
  if (!processes.some(({ pid }) => pid === 1)) return unseen('denied', 'others-hidden', [answer.source]);
  if (!namesComplete) return unseen('failed', 'processes-not-looked-at', [answer.source]);
  return observed(
    processes.map(({ pid, name }) => ({ pid, name })),
    answer.source,
  );
}
