/** Reads the proof that a command's output begins with (command-line.ts): the mark, the effective user id, then its own output. */

export type ProvenStart =
  | { readonly kind: 'waiting' }
  | { readonly kind: 'proven'; readonly uid: number; readonly rest: Buffer }
  /** No proof, and none will come. */
  | { readonly kind: 'unproven' };

/** Start files of an account print a greeting at most. */
const maxNoiseBytes = 64 * 1024;

export function readProvenStart(output: Buffer, mark: string): ProvenStart {
  const start = markAt(output, mark);
  if (start < 0) return output.length > maxNoiseBytes ? { kind: 'unproven' } : { kind: 'waiting' };
  const from = start + mark.length + 1;
  const end = output.indexOf('\n', from);
  if (end < 0) return output.length - from > 16 ? { kind: 'unproven' } : { kind: 'waiting' };
  const word = output.toString('latin1', from, end);
  if (!/^\d{1,10}$/.test(word)) return { kind: 'unproven' };
  return { kind: 'proven', uid: Number(word), rest: output.subarray(end + 1) };
}

/** A shell that prints the line before it runs it shows the mark too, but not alone on a line. */
function markAt(output: Buffer, mark: string): number {
  for (let at = output.indexOf(mark); at >= 0; at = output.indexOf(mark, at + 1))
    if ((at === 0 || output[at - 1] === 10) && output[at + mark.length] === 10) return at;
  return -1;
}
