/** A tenant in memory. What it was not given is a miss `unsupported` `not-recorded`, never an absence. */
import type { Directory, Listing } from '../../../agent/directory/directory.ts';
import { type RequestId, requestPath } from '../../../agent/directory/requests.ts';
import type { Answer, MissStatus } from '../../../agent/host/host.ts';

export type FakeMiss = { readonly miss: MissStatus; readonly reason: string };
/** By request and arguments, such as `entra-user-groups ace08ec9-…`; a list, a cut list, one answer or a miss. */
export type FakeAnswers = Readonly<Record<string, unknown>>;

export function miss(status: MissStatus, reason = 'http-403'): FakeMiss {
  return { miss: status, reason };
}

export function fakeDirectory(
  answers: FakeAnswers,
  otherwise: FakeMiss = miss('unsupported', 'not-recorded'),
): Directory & { readonly asked: string[] } {
  const asked: string[] = [];
  function answer(id: RequestId, args: readonly string[]): Answer<unknown> {
    // The time from which sign-ins are read is no part of the name.
    const key = [id, ...args.filter((arg) => !/^\d{4}-/.test(arg))].join(' ');
    asked.push(key);
    const source = requestPath(id, args)?.locator ?? `api:${id}`;
    const given = Object.hasOwn(answers, key) ? answers[key] : otherwise;
    if (typeof given === 'object' && given !== null && 'miss' in given) {
      const { miss: status, reason } = given as FakeMiss;
      return { status, reason, source };
    }
    return { status: 'observed', value: given, source };
  }
  return {
    asked,
    get: (id, ...args) => Promise.resolve(answer(id, args)),
    list: (id, ...args) => {
      const found = answer(id, args);
      if (found.status !== 'observed') return Promise.resolve(found);
      const value = Array.isArray(found.value)
        ? { items: found.value as unknown[], complete: true }
        : (found.value as Listing);
      return Promise.resolve({ ...found, value });
    },
  };
}
