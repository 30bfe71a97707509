import { ok, type Result, refuse } from '../../evidence/result.ts';

const units: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000 };

/** `30m`, `24h`, `7d`, in milliseconds; at most 400 days. */
export function readDuration(text: string, option: string): Result<number> {
  const [, digits, unit = ''] = /^([1-9][0-9]{0,4})([mhd])$/.exec(text) ?? [];
  const ms = Number(digits) * (units[unit] ?? Number.NaN);
  return ms <= 400 * 86_400_000
    ? ok(ms)
    : refuse('usage', `${option} ${text} is not a time`, { remedy: 'such as 30m, 24h or 7d, at most 400d' });
}
