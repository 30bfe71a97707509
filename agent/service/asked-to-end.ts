/**
 * Calls back when whoever started this process holds its standard input no more: to ask it to end, or because it died.
 * Windows has no signal for that. Waiting for it keeps nothing alive.
 */
export function whenInputEnds(call: () => void): void {
  process.stdin.once('end', call).once('error', call).resume();
  if ('unref' in process.stdin && typeof process.stdin.unref === 'function') process.stdin.unref();
}
