/** Why a server could not be collected from, in the five words of the house, with what helps. */
import type { Refusal } from '../../../evidence/result.ts';
import type { MissStatus } from '../host.ts';

export type HostFailure = {
  readonly outcome: MissStatus;
  /** A stable code. */
  readonly reason: string;
  readonly message: string;
  readonly remedy: string;
};

export type Reached<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly failure: HostFailure };

export function failed(
  outcome: MissStatus,
  reason: string,
  message: string,
  remedy: string,
): { ok: false; failure: HostFailure } {
  return { ok: false, failure: { outcome, reason, message, remedy } };
}

export function failureOf(
  outcome: MissStatus,
  { code, message, remedy = '' }: Refusal,
): { ok: false; failure: HostFailure } {
  return { ok: false, failure: { outcome, reason: code, message, remedy } };
}
