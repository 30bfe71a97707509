/**
 * Raw outputs for auditors (`collect --raw`): what the door read, redacted and capped. Secret sources never
 * get here; keys' files, whose comments name people, neither. An output that still holds what looks like
 * a secret after redaction is left out as a whole.
 */
import { decodeBytes, isUtf8, toBase64 } from '../../collectors/text.ts';
import type { RawOutput } from '../../schemas/generated/types.ts';
import { keptContent, keptOutput } from './redact.ts';
import { findSecret } from './secrets.ts';

export type RawPiece = {
  readonly locator: string;
  /** Of a file. */
  readonly path?: string;
  readonly bytes: Uint8Array;
  readonly truncated: boolean;
};

export type RawKeeper = {
  keep(piece: RawPiece): void;
  /** The source turned out to be secret for somebody: nothing of it stays, now or later. */
  withhold(locator: string): void;
  /** What was kept, ordered by locator, without `blind`. */
  outputs(): Omit<RawOutput, 'blind'>[];
};

const maxBytesEach = 256 * 1024;
const maxBytesTotal = 16 * 1024 * 1024;
/** A statement names 2,000 documents; some places stay for the others. */
const maxOutputs = 1_900;

/** Keeps each source once; the last reading counts. Past the caps smaller outputs still find room. */
export function createRawKeeper(): RawKeeper {
  const kept = new Map<string, Omit<RawOutput, 'blind'>>();
  const withheld = new Set<string>();
  return {
    keep({ locator, path, bytes, truncated }) {
      if (withheld.has(locator)) return;
      kept.delete(locator);
      const redacted = path === undefined ? keptOutput(bytes) : keptContent(path, bytes, false);
      if (redacted === undefined) return;
      const output = outputOf(locator, path === '/etc/passwd' ? withoutNames(redacted) : redacted, truncated);
      if (findSecret(output) === undefined) kept.set(locator, output);
    },
    withhold(locator) {
      withheld.add(locator);
      kept.delete(locator);
    },
    outputs() {
      let total = 0;
      const fitting = [...kept.values()]
        .toSorted((left, right) => sizeOf(left) - sizeOf(right))
        .filter((output) => {
          total += sizeOf(output);
          return total <= maxBytesTotal;
        });
      return fitting
        .slice(0, maxOutputs)
        .toSorted((left, right) => (left.locator < right.locator ? -1 : left.locator > right.locator ? 1 : 0));
    },
  };
}

/** Cut after redaction, so that no secret is cut in two and slips through. A cut in the middle of a character makes bytes. */
function outputOf(locator: string, bytes: Uint8Array, truncated: boolean): Omit<RawOutput, 'blind'> {
  const part = bytes.slice(0, maxBytesEach);
  const text = decodeBytes(part);
  const content = isUtf8(text) ? { text } : { bytes: toBase64(part) };
  return { format: 'affiant-raw/1', locator, ...content, truncated: truncated || part.length < bytes.length };
}

/** GECOS holds people's names and telephone numbers (passwd(5)); no fact has it either. */
function withoutNames(bytes: Uint8Array): Uint8Array {
  const text = Buffer.from(bytes).toString('latin1');
  return Buffer.from(text.replace(/^([^:\n]*:[^:\n]*:[^:\n]*:[^:\n]*:)[^:\n]*/gm, '$1'), 'latin1');
}

function sizeOf({ text, bytes }: Omit<RawOutput, 'blind'>): number {
  return (text ?? bytes ?? '').length;
}
