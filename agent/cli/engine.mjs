// How the engine is set for a process that lives for seconds beside the work of a server. Plain JavaScript:
// affiant.mjs reads it before types can be stripped quickly; the executable has it, too.
import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8';

/** Commands that read a fleet's bundles. */
const readsMany = ['findings', 'history', 'as-of', 'diff', 'investigate', 'report', 'plan', 'export'];

/** A young generation of 2 MiB instead of 16 keeps 7 MiB of the server's memory free. */
export function keepYoungSmall() {
  setFlagsFromString('--max-semi-space-size=2');
  setFlagsFromString('--semi-space-growth-factor=1');
}

/**
 * Code that runs for seconds does not repay being optimised: 8 MiB less, at the same CPU time. Who stays, or reads
 * many packs, takes half the time again without; the latter lets go of most of what was read at once, and with room
 * for it the collector of garbage takes a tenth of the time instead of a quarter.
 */
export function optimiseFor(command) {
  if (readsMany.includes(command ?? '')) boundHeap();
  else if (command === 'sweep') letHeapGrow();
  else if (command === 'serve') collectForAnEndpoint();
  else {
    setFlagsFromString('--max-optimized-bytecode-size=0');
    setFlagsFromString('--no-maglev');
  }
}

/**
 * Room enough for who reads packs for minutes: left to itself V8 took 128 MiB for what is young, and let what is old
 * grow to four times what lives there before it looked at all of it.
 */
function boundHeap() {
  setFlagsFromString('--heap-growing-percent=150');
  growYoungTo(16);
}

/** As V8 has it, of what is young by doubling: for who asks a fleet, and for threads, which have limits of their own. */
export function letHeapGrow() {
  setFlagsFromString('--heap-growing-percent=0');
  setFlagsFromString('--semi-space-growth-factor=2');
}

/**
 * What lives in an endpoint is small and stays; what comes is let go of within moments. So the old generation may grow to
 * two and a half times what it holds before all of it is looked at, instead of by the few MiB that V8 gives one so small, and
 * the young one is collected by one thread: the little that survives is not worth what several take to share it.
 */
function collectForAnEndpoint() {
  setFlagsFromString('--heap-growing-percent=150');
  setFlagsFromString('--no-parallel-scavenge');
  makeYoungOf(8);
}

/**
 * A young generation of twice so many MiB, for a process that lets go of most of what it holds within moments: with 2 MiB
 * the bundles in work at an endpoint were copied again and again before they were let go. V8 takes its largest size
 * from the command line alone, which a program does not choose, and grows step by step up to that, 128 MiB; what it does
 * heed at any time is by how much it grows. So it grows once, here, and again where V8 made it small: it does that
 * whenever it collects everything while little is allocated, which an endpoint's every quiet minute is.
 */
function makeYoungOf(mebibytes) {
  growYoungTo(mebibytes);
  keepYoungOf(mebibytes * 2 ** 21);
}

function growYoungTo(mebibytes) {
  setFlagsFromString(`--semi-space-growth-factor=${mebibytes}`);
  // It grows when much survives; bounded, since an engine that does not only costs time.
  let kept = [];
  for (let made = 0; made < 4_000_000; made += 1) {
    kept.push([made]);
    if (kept.length > 20_000) kept = [];
    if (made % 4096 === 0 && youngBytes() >= mebibytes * 2 ** 20) break;
  }
  setFlagsFromString('--semi-space-growth-factor=1');
}

/** After each collection of garbage: by how much the next may let the young generation grow, to end at `bytes`. */
function keepYoungOf(bytes) {
  const { PerformanceObserver } = process.getBuiltinModule('node:perf_hooks');
  let factor = 1;
  new PerformanceObserver(() => {
    const wanted = Math.max(1, Math.floor(bytes / youngBytes()));
    if (wanted !== factor) setFlagsFromString(`--semi-space-growth-factor=${wanted}`);
    factor = wanted;
  }).observe({ entryTypes: ['gc'] });
}

function youngBytes() {
  return getHeapSpaceStatistics().find(({ space_name: name }) => name === 'new_space')?.space_size ?? 0;
}
