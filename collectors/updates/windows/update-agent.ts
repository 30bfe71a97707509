/** The Windows Update Agent about itself: the query update-agent. */
import type { Answer } from '../../../agent/host/host.ts';
import type { Fact, LastCheck, LastInstall, RebootRequired, UpdateService } from '../../../schemas/generated/types.ts';
import { missed, observed, type Parsed, unseen } from '../../fact.ts';
import { isRawObject, rawInstant, rawList, rawPart, rawText } from '../../raw-json.ts';
import { toText } from '../../text.ts';

type Named = 'results' | 'services' | 'rebootRequired';

function partOf(answer: Extract<Answer<unknown>, { status: 'observed' }>, name: Named): Parsed<unknown> {
  return rawPart(isRawObject(answer.value) ? answer.value[name] : undefined);
}

/** Its memory goes with the folder SoftwareDistribution: nothing remembered is not never. */
export function lastCheckOf(answer: Answer<unknown>): Fact<LastCheck> {
  if (answer.status !== 'observed') return missed(answer);
  const results = partOf(answer, 'results');
  if (!results.ok) return unseen('failed', results.reason, [answer.source], results.detail);
  const at = isRawObject(results.value) ? rawInstant(results.value['searched']) : undefined;
  return at === undefined
    ? unseen('unsupported', 'nothing-remembered', [answer.source])
    : observed({ at, basis: 'windows-update-agent' as const }, answer.source);
}

/** The agent's own last installation, which a daily signature of Defender moves on. */
export function agentInstallOf(answer: Answer<unknown>): LastInstall | undefined {
  if (answer.status !== 'observed') return undefined;
  const results = partOf(answer, 'results');
  const at = results.ok && isRawObject(results.value) ? rawInstant(results.value['installed']) : undefined;
  return at === undefined ? undefined : { at, basis: 'windows-update-agent' };
}

export function agentRebootOf(answer: Answer<unknown>): Fact<RebootRequired> {
  if (answer.status !== 'observed') return missed(answer);
  const part = partOf(answer, 'rebootRequired');
  if (!part.ok) return unseen('failed', part.reason, [answer.source], part.detail);
  return typeof part.value === 'boolean'
    ? observed({ required: part.value }, answer.source)
    : unseen('failed', 'answer-not-understood', [answer.source]);
}

export function servicesOf(answer: Answer<unknown>): UpdateService[] | undefined {
  if (answer.status !== 'observed') return undefined;
  const part = partOf(answer, 'services');
  if (!part.ok) return undefined;
  return rawList(part.value)
    .flatMap((each): UpdateService[] => {
      const id = isRawObject(each) ? rawText(each['id']) : undefined;
      if (!isRawObject(each) || id === undefined) return [];
      const name = rawText(each['name']);
      const bit = (member: string): boolean | undefined =>
        typeof each[member] === 'boolean' ? each[member] : undefined;
      const [isDefault, isManaged, isRegistered] = [bit('isDefault'), bit('isManaged'), bit('isRegistered')];
      return [
        {
          id: id.slice(0, 64),
          ...(name === undefined ? {} : { name: toText(name) }),
          ...(isDefault === undefined ? {} : { isDefault }),
          ...(isManaged === undefined ? {} : { isManaged }),
          ...(isRegistered === undefined ? {} : { isRegistered }),
        },
      ];
    })
    .toSorted((left, right) => (left.id < right.id ? -1 : 1))
    .slice(0, 32);
}
