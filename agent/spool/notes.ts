/** Small JSON notes of the agent in its state folder. */
import { canonicalText } from '../../evidence/canonical-json.ts';
import { parseStrictJson } from '../../evidence/strict-json.ts';
import { writeDurably } from './durable.ts';
import { pathIn, type State } from './state.ts';

/** The value in a file; undefined where there is none or it is not JSON. */
export function readNote(state: State, name: string): unknown {
  const bytes = state.files.read(pathIn(state, name));
  const parsed = bytes === undefined ? undefined : parseStrictJson(bytes, { maxBytes: 16 * 1024 * 1024, maxDepth: 8 });
  return parsed?.ok === true ? parsed.value : undefined;
}

export function writeNote(state: State, name: string, value: unknown): void {
  writeDurably(state.files, pathIn(state, name), Buffer.from(canonicalText(value)));
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
