/**
 * The door to an identity provider: read-only, allow-listed, one origin, bounded, recorded. Collectors
 * see nothing else of it, and cannot tell a live tenant from one in memory.
 */
import type { Answer } from '../host/host.ts';
import type { RequestId } from './requests.ts';

/** What came of all pages of a list. */
export type Listing = {
  readonly items: readonly unknown[];
  /** False where there was more than the request's bound, for requests that may be cut. */
  readonly complete: boolean;
};

export interface Directory {
  /** One answer, as JSON. */
  get(request: RequestId, ...args: readonly string[]): Promise<Answer<unknown>>;
  /** All pages of a list, one after the other. */
  list(request: RequestId, ...args: readonly string[]): Promise<Answer<Listing>>;
}
