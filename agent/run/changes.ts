/** What differs between two bundles of one server, fact by fact. Pure. */
import { canonicalText } from '../../evidence/canonical-json.ts';
import type { Fact } from '../../schemas/generated/types.ts';

export type Change = { readonly document: string; readonly fact: string; readonly from: string; readonly to: string };

type AnyFact = Fact<unknown>;
type Document = Readonly<Record<string, unknown>>;

/** Facts that differ, in the order of the newer documents. Source documents are evidence of how, not of what: left out. */
export function changesBetween(before: ReadonlyMap<string, object>, after: ReadonlyMap<string, object>): Change[] {
  const changes: Change[] = [];
  for (const [document, next] of after) {
    if (document.includes('/')) continue;
    const previous = before.get(document) as Document | undefined;
    for (const [fact, value] of Object.entries(next)) {
      if (!isFact(value)) continue;
      const old = previous?.[fact];
      if (!isFact(old)) changes.push({ document, fact, from: 'not in the bundle before', to: brief(value) });
      else if (canonicalText(core(old)) !== canonicalText(core(value)))
        changes.push({ document, fact, ...difference(old, value) });
    }
  }
  for (const document of before.keys())
    if (!document.includes('/') && !after.has(document))
      changes.push({ document, fact: '', from: 'in the bundle', to: 'not in this bundle' });
  return changes;
}

function isFact(value: unknown): value is AnyFact {
  return typeof value === 'object' && value !== null && 'status' in value && 'sources' in value;
}

function core(fact: AnyFact): unknown {
  return fact.status === 'observed' ? [fact.value, fact.answers ?? null] : [fact.status, fact.reason];
}

function difference(old: AnyFact, value: AnyFact): { from: string; to: string } {
  if (
    old.status === 'observed' &&
    value.status === 'observed' &&
    Array.isArray(old.value) &&
    Array.isArray(value.value)
  ) {
    const before = new Set(old.value.map((item) => canonicalText(item)));
    const after = new Set(value.value.map((item) => canonicalText(item)));
    const gone = [...before].filter((item) => !after.has(item));
    const come = [...after].filter((item) => !before.has(item));
    return {
      from: `${before.size} (${gone.length} gone${names(gone)})`,
      to: `${after.size} (${come.length} new${names(come)})`,
    };
  }
  if (old.status === 'observed' && value.status === 'observed' && isObject(old.value) && isObject(value.value)) {
    const [was, is] = [old.value, value.value];
    const keys = [...new Set([...Object.keys(was), ...Object.keys(is)])].filter((key) => !same(was[key], is[key]));
    return { from: members(was, keys), to: members(is, keys) };
  }
  return { from: brief(old), to: brief(value) };
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function same(left: unknown, right: unknown): boolean {
  return left === right || (left !== undefined && right !== undefined && canonicalText(left) === canonicalText(right));
}

/** The members that differ alone, as `name value`. */
function members(value: Readonly<Record<string, unknown>>, keys: readonly string[]): string {
  return keys
    .map((key) => {
      const member = value[key];
      if (member === undefined) return `${key} not said`;
      return `${key} ${shorten(typeof member === 'string' ? member : JSON.stringify(member))}`;
    })
    .join(', ');
}

function names(items: readonly string[]): string {
  const few = items.slice(0, 3).map((item) => {
    const value: unknown = JSON.parse(item);
    const name: unknown = typeof value === 'object' && value !== null && 'name' in value ? value.name : undefined;
    // A name that is not UTF-8 is `{ bytes }`: shown as it stands in the document.
    return typeof name === 'string' ? name : shorten(name === undefined ? item : JSON.stringify(name));
  });
  return few.length === 0 ? '' : `: ${few.join(', ')}${items.length > few.length ? ', …' : ''}`;
}

function brief(fact: AnyFact): string {
  if (fact.status !== 'observed') return `${fact.status} (${fact.reason})`;
  if (Array.isArray(fact.value)) return `${fact.value.length} entries`;
  return shorten(typeof fact.value === 'string' ? fact.value : JSON.stringify(fact.value));
}

function shorten(text: string): string {
  return text.length > 100 ? `${text.slice(0, 99)}…` : text;
}
