/** What an answer over HTTP means, before anybody looks into its content. */
import { parseStrictJson } from '../../evidence/strict-json.ts';
import type { Raw, RawMiss } from '../host/machine.ts';
import type { HttpReply } from './connection.ts';

const maxDepth = 64;

/** The body of a 200 as JSON; every other answer is a miss that tells denied from failed from not there. */
export function jsonOf(
  reply: HttpReply,
  { absentOn404 = false }: { readonly absentOn404?: boolean } = {},
): Raw<unknown> {
  const { status, body } = reply;
  if (status === 200) {
    const read = parseStrictJson(body, { maxBytes: body.length, maxDepth });
    if (read.ok) return { outcome: 'ok', value: read.value };
    // The refusal's words could quote the answer.
    return { outcome: 'failed', reason: read.refusal.code };
  }
  if (status >= 300 && status < 400) return miss('failed', 'redirect-refused', status);
  const code = vendorCode(body);
  if (code !== undefined && unlicensed.test(code)) return miss('unsupported', 'licence-missing', status, code);
  if (status === 401 || status === 403) return miss('denied', `http-${status}`, status, code);
  if (status === 404 && absentOn404) return miss('absent', 'http-404', status, code);
  return miss('failed', `http-${status}`, status, code);
}

/** Codes of Microsoft Graph that say: this tenant has not bought it. */
const unlicensed =
  /^(?:Authentication_RequestFromNonPremiumTenantOrB2CTenant|AadPremiumLicenseRequired|Forbidden_LicensingError)$/;

/** Words of letters and Okta's numbers only: no secret looks like that, so none can be quoted. */
const speakable = /^(?:[A-Za-z_]{1,80}|E[0-9]{7})$/;

function vendorCode(body: Uint8Array): string | undefined {
  if (body.length > 65_536) return undefined;
  const read = parseStrictJson(body, { maxBytes: 65_536, maxDepth });
  if (!read.ok) return undefined;
  const error = member(read.value, 'error');
  const code = member(error, 'code') ?? member(read.value, 'errorCode');
  return typeof code === 'string' && (speakable.test(code) || unlicensed.test(code)) ? code : undefined;
}

/** A member of what may be an object; own members alone. */
export function member(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, name)
    ? Reflect.get(value, name)
    : undefined;
}

function miss(outcome: RawMiss['outcome'], reason: string, status: number, code?: string): RawMiss {
  return { outcome, reason, detail: code === undefined ? `status ${status}` : `status ${status}, ${code}` };
}
