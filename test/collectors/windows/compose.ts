/** Recorded servers put together of parts: what one part holds beside the other, at another date and under another name. */
import type { RecordedWindows } from '../../powershell/engine.ts';
import type { WindowsMachine } from '../../powershell/engine-machine.ts';

type Table = Readonly<Record<string, unknown>>;

const isTable = (value: unknown): value is Table =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Tables are joined, rows of a class stand one after the other; one row beside one row is the same object. */
export function joined<T extends RecordedWindows>(first: T, second: RecordedWindows): T {
  return join(first, second) as T;
}

function join(first: unknown, second: unknown): unknown {
  if (first === undefined || second === undefined) return first ?? second;
  if (isTable(first) && isTable(second)) {
    const names = [...Object.keys(first), ...Object.keys(second).filter((name) => !Object.hasOwn(first, name))];
    return Object.fromEntries(names.map((name) => [name, join(first[name], second[name])]));
  }
  if (!Array.isArray(first) || !Array.isArray(second)) return first;
  const [one, other] = [first[0] as unknown, second[0] as unknown];
  if (first.length === 1 && second.length === 1 && isTable(one) && isTable(other) && !differ(one, other))
    return [join(one, other)];
  return [...(first as readonly unknown[]), ...(second as readonly unknown[])];
}

/** Two services are two; two answers about the one computer are one. */
function differ(one: Table, other: Table): boolean {
  return one['Name'] !== undefined && other['Name'] !== undefined && one['Name'] !== other['Name'];
}

const dayMs = 86_400_000;
const instant = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/;
/** Units of 100 ns since 1601, of our years. */
const filetime = /^13\d{16}$/;

/** The same server as it stood so many days earlier, and named otherwise: every date goes back, the name goes with it. */
export function elsewhere<T extends RecordedWindows>(recorded: T, daysEarlier: number, computer: string): T {
  const moved = (value: unknown): unknown => {
    if (typeof value === 'string') return earlier(value, daysEarlier * dayMs).replaceAll('SRV1', computer);
    if (Array.isArray(value)) return value.map(moved);
    if (!isTable(value)) return value;
    return Object.fromEntries(
      Object.entries(value).map(([name, inner]) => [name.replaceAll('SRV1', computer), moved(inner)]),
    );
  };
  return moved(recorded) as T;
}

function earlier(text: string, ms: number): string {
  if (instant.test(text)) return new Date(Date.parse(text) - ms).toISOString().replace('.000Z', 'Z');
  return filetime.test(text) ? String(BigInt(text) - BigInt(ms) * 10_000n) : text;
}

/** What a server is called, in the description of its other half. */
export function computerOf({ identity }: WindowsMachine): string {
  return identity.hostname ?? 'SRV1';
}
