/** The parts of the query system-facts, each with its own error. */
import type { Answer } from '../../agent/host/host.ts';
import type { DomainRole } from '../../schemas/generated/types.ts';
import { type Parsed, parsed, unparsed } from '../fact.ts';
import { isRawObject, type RawObject, rawInstant, rawInteger, rawList, rawPart, rawText } from '../raw-json.ts';

export type SystemPart = Answer<RawObject>;

/** A reader of single parts; the answer's own miss stands for each of them. */
export function readParts(answer: Answer<unknown>): (name: string) => SystemPart {
  return (name) => {
    if (answer.status !== 'observed') return answer;
    const { value, source } = answer;
    const part = isRawObject(value) ? rawPart(value[name]) : ({ ok: false, reason: 'answer-not-understood' } as const);
    if (!part.ok) return miss(part.reason, source);
    const [object, ...more] = rawList(part.value);
    // More than one operating system or machine is not an answer that we know.
    if (!isRawObject(object) || more.length > 0) return miss('answer-not-understood', source);
    return { status: 'observed', value: object, source };
  };
}

function miss(reason: string, source: string): SystemPart {
  const denied = /^hresult-0x(?:80070005|80041003)$/.test(reason);
  return denied ? { status: 'denied', reason: 'access-denied', source } : { status: 'failed', reason, source };
}

/** An instant of a part. */
export function partText(part: RawObject, name: string): string | undefined {
  return rawInstant(part[name]);
}

/** Win32_ComputerSystem.DomainRole, in its order. */
const roles: readonly DomainRole['role'][] = [
  'standalone-workstation',
  'member-workstation',
  'standalone-server',
  'member-server',
  'backup-domain-controller',
  'primary-domain-controller',
];

export function parseDomainRole(machine: RawObject): Parsed<DomainRole> {
  const role = roles[rawInteger(machine['domainRole']) ?? -1];
  if (role === undefined) return unparsed('no-domain-role');
  const domain = rawText(machine['domain']);
  return parsed({ role, ...(domain === undefined ? {} : { domain: domain.slice(0, 256) }) });
}
