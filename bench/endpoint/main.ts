/**
 * `npm run bench:endpoint [-- BUNDLES]`: what the endpoint does with bundles, beside what nobody can leave out and what
 * the disk gives, measured in one run. Other work on the machine moves the seconds, so that figures that count are
 * ratios of CPU time; rates are printed beside them. BUNDLES (100000) is how many the memory is watched over.
 */
import { cpus } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';
import { postgresMissing, startPostgres } from '../../test/endpoint/store/postgres-server.ts';
import { freshDocuments, type Sender } from './bundles.ts';
import { makeCertificate } from './certificate.ts';
import { measureFloor } from './floor.ts';
import {
  clear,
  cpuSeconds,
  folder,
  type Load,
  load,
  machineTicks,
  make,
  rssMiB,
  type Served,
  senders,
  serve,
  stop,
  write,
} from './processes.ts';
import { flushes, halfLoad } from './tail.ts';

function say(text = ''): void {
  process.stdout.write(`${text}\n`);
}

const results: string[] = [];
function goal(name: string, met: boolean, text: string): void {
  say(`  ${met ? 'met   ' : 'MISSED'}  ${name}: ${text}`);
  results.push(`${met ? 'met' : 'MISSED'} ${name}`);
}

type Rate = { readonly perSecond: number; readonly cpuMs: number; readonly load: Load; readonly busy: number };

async function measure(
  title: string,
  file: string,
  served: readonly Served[],
  count: number,
  options: Parameters<typeof load>[2] = {},
): Promise<Rate> {
  const before = served.map(cpuSeconds);
  const machine = machineTicks();
  const done = await load(file, served, options);
  const after = machineTicks();
  const busy = (after.busy - machine.busy) / (after.all - machine.all);
  const cpu = served.reduce((sum, one, index) => sum + cpuSeconds(one) - (before[index] ?? 0), 0);
  const kept = (done.answers['201'] ?? 0) + (done.answers['200'] ?? 0);
  if (kept !== count) throw new Error(`${title}: ${JSON.stringify(done.answers)}`);
  const rate = { perSecond: count / done.seconds, cpuMs: (cpu * 1000) / count, load: done, busy };
  say(
    `  ${title.padEnd(46)} ${rate.perSecond.toFixed(0).padStart(6)}/s ${rate.cpuMs.toFixed(3).padStart(8)} ms CPU each = ${(1000 / rate.cpuMs).toFixed(0).padStart(5)} a core-second   p50 ${done.p50.toFixed(0)} ms   machine ${(busy * 100).toFixed(0)} % busy`,
  );
  return rate;
}

/** Enough for a profile to settle, and the whole within minutes on a busy machine. */
const count = { fresh: 600, unchanged: 6000, tls: 300, half: 1500 };
/** An endpoint lives for months: V8 still compiled its code anew after ten thousand bundles, and had done with it after twice as many. */
const warmUp = { fresh: 2400, unchanged: 18_000 };

async function oneProcess(): Promise<void> {
  say('\nSQLite, one process, keep-alive');
  const one = await serve('sqlite', { metricsListen: '127.0.0.1:0' });
  const steady = new Map(senders.map((sender) => [sender, freshDocuments()]));
  const documentsOf = (sender: Sender): ReturnType<typeof freshDocuments> => steady.get(sender) ?? freshDocuments();
  await measure(
    'first bundles (warm-up)',
    write(
      'first',
      make(32, (sender) => sender.next(documentsOf(sender), false)),
    ),
    [one],
    32,
  );
  for (let sent = 0; sent < warmUp.fresh; sent += count.fresh)
    await load(
      write(
        'warm',
        make(count.fresh, (sender) => sender.next(freshDocuments(), false)),
      ),
      [one],
    );
  const freshFile = write(
    'fresh',
    make(count.fresh, (sender) => sender.next(freshDocuments(), false)),
  );
  const fresh = await measure('60 KB of new documents', freshFile, [one], count.fresh);
  const freshFloor = await measureFloor(freshFile, count.fresh, warmUp.fresh);
  for (let sent = 0; sent < warmUp.unchanged; sent += count.unchanged)
    await load(
      write(
        'warm',
        make(count.unchanged, (sender) => sender.next(documentsOf(sender), true)),
      ),
      [one],
    );
  const unchangedFile = write(
    'unchanged',
    make(count.unchanged, (sender) => sender.next(documentsOf(sender), true)),
  );
  const unchanged = await measure('unchanged', unchangedFile, [one], count.unchanged);
  const kept = warmUp.fresh + count.fresh + warmUp.unchanged;
  const floors = { fresh: freshFloor, unchanged: await measureFloor(unchangedFile, count.unchanged, kept) };
  for (const [name, { steps, totalMs }] of Object.entries(floors))
    say(
      `  unavoidable, ${name.padEnd(10)} ${totalMs.toFixed(3)} ms CPU each: ${steps.map(([step, ms]) => `${step} ${ms.toFixed(3)}`).join(' · ')}`,
    );
  const disk = flushes();
  say(
    `  raw fdatasync of one page: ${disk.perSecond}/s; bundles per flush that the rate needs: fresh ${(fresh.perSecond / disk.perSecond).toFixed(2)}, unchanged ${(unchanged.perSecond / disk.perSecond).toFixed(2)}`,
  );
  goal(
    '60 KB: unavoidable CPU against all CPU',
    floors.fresh.totalMs / fresh.cpuMs >= 0.6,
    `${(floors.fresh.totalMs / fresh.cpuMs).toFixed(2)} (goal 0.6)`,
  );
  goal(
    'unchanged: unavoidable CPU against all CPU',
    floors.unchanged.totalMs / unchanged.cpuMs >= 0.6,
    `${(floors.unchanged.totalMs / unchanged.cpuMs).toFixed(2)} (goal 0.6)`,
  );
  goal(
    '60 KB with receipts',
    fresh.perSecond >= 1000,
    `${fresh.perSecond.toFixed(0)}/s, ${(1000 / fresh.cpuMs).toFixed(0)} a core-second (goal 1000/s)`,
  );
  goal(
    'unchanged with receipts',
    unchanged.perSecond >= 3000,
    `${unchanged.perSecond.toFixed(0)}/s, ${(1000 / unchanged.cpuMs).toFixed(0)} a core-second (goal 3000/s)`,
  );
  const half = make(count.half, (sender) => sender.next(freshDocuments(), false));
  const tail = await halfLoad(one, write('half', half), fresh.perSecond / 2);
  say(`  at half load: ${tail.parts}`);
  goal(
    'p99 at half load',
    tail.p99 < 50,
    `${tail.p99.toFixed(1)} ms, median ${tail.p50.toFixed(1)} ms (goal under 50 ms)`,
  );
  await stop(one);
}

async function freshTls(): Promise<void> {
  say('\nSQLite, one process, a fresh TLS 1.3 connection for each bundle');
  const [cert, key] = makeCertificate(folder);
  const one = await serve('tls', { certFile: cert, keyFile: key });
  await load(
    write(
      'tls-warm',
      make(200, (sender) => sender.next(freshDocuments(), false)),
    ),
    [one],
    { fresh: true, ca: cert },
  );
  await measure(
    '60 KB, fresh TLS',
    write(
      'tls-fresh',
      make(count.tls, (sender) => sender.next(freshDocuments(), false)),
    ),
    [one],
    count.tls,
    { fresh: true, ca: cert },
  );
  await measure(
    '60 KB, keep-alive TLS',
    write(
      'tls-keep',
      make(count.tls, (sender) => sender.next(freshDocuments(), false)),
    ),
    [one],
    count.tls,
    { ca: cert },
  );
  await stop(one);
}

async function oneAndTwo(title: string, name: string, more: object): Promise<void> {
  say(`\n${title}: one process and two over one store`);
  const served = [await serve(name, more)];
  await load(
    write(
      'warm',
      make(400, (sender) => sender.next(freshDocuments(), false)),
    ),
    served,
  );
  const alone = await measure(
    'one, 60 KB',
    write(
      'one',
      make(count.fresh, (sender) => sender.next(freshDocuments(), false)),
    ),
    served,
    count.fresh,
  );
  served.push(await serve(name, more));
  await load(
    write(
      'warm',
      make(400, (sender) => sender.next(freshDocuments(), false)),
    ),
    served,
  );
  const two = await measure(
    'two, 60 KB',
    write(
      'two',
      make(count.fresh, (sender) => sender.next(freshDocuments(), false)),
    ),
    served,
    count.fresh,
  );
  const share = (two.perSecond * two.cpuMs) / 1000 / (two.busy * cpus().length);
  say(
    `          two against one: ${(two.perSecond / alone.perSecond).toFixed(2)}× the rate, ${(two.cpuMs / alone.cpuMs).toFixed(2)}× the CPU a bundle; ${(share * 100).toFixed(0)} % of the work of ${cpus().length} cores was the endpoints', the rest the load's and the database's`,
  );
  say(
    `          bound by ${two.busy > 0.85 ? 'the processors' : "the disk's flushes and the lock on the log, since processors stood idle"}`,
  );
  for (const one of served) await stop(one);
}

async function memory(bundles: number): Promise<void> {
  say(`\nMemory over ${bundles} bundles, SQLite, one process`);
  const one = await serve('memory');
  const steady = new Map(senders.map((sender) => [sender, freshDocuments()]));
  const documentsOf = (sender: Sender): ReturnType<typeof freshDocuments> => steady.get(sender) ?? freshDocuments();
  await load(
    write(
      'first',
      make(32, (sender) => sender.next(documentsOf(sender), false)),
    ),
    [one],
  );
  const marks: number[] = [];
  const part = Math.ceil(bundles / 5);
  for (let round = 0; round < 5; round += 1) {
    const { answers } = await load(
      write(
        'part',
        make(part, (sender) => sender.next(documentsOf(sender), true)),
      ),
      [one],
      { concurrency: 64 },
    );
    if (answers['201'] !== part) throw new Error(`memory: ${JSON.stringify(answers)}`);
    await pause(200);
    marks.push(rssMiB(one));
  }
  say(`  RSS after each fifth: ${marks.map((mark) => mark.toFixed(0)).join(', ')} MiB`);
  const [, second = 0] = marks;
  const last = marks.at(-1) ?? 0;
  goal('RSS at the end', last < 250, `${last.toFixed(0)} MiB (goal under 250)`);
  goal('flat from the second fifth', last < second * 1.15, `${(last / second).toFixed(2)}×`);
  say(
    `  slope over the last three fifths: ${(((last - (marks[2] ?? 0)) / (2 * part)) * 1000).toFixed(2)} MiB a thousand bundles`,
  );
  await stop(one);
}

const bundlesForMemory = Number(process.argv[2] ?? 100_000);
try {
  say(`Node ${process.version}, ${cpus().length} × ${cpus()[0]?.model ?? 'unknown processor'}`);
  await oneProcess();
  await freshTls();
  await oneAndTwo('SQLite', 'sqlite-two', {});
  if (postgresMissing === undefined) {
    const server = await startPostgres();
    const store = { kind: 'postgres', ...(await server.makeDatabase()) };
    await oneAndTwo('PostgreSQL', 'postgres', { store });
    await server.stop();
  } else say(`\nPostgreSQL left out: ${postgresMissing}`);
  await memory(bundlesForMemory);
  say(
    `\n${results.filter((line) => line.startsWith('met')).length} of ${results.length} goals met; ${Math.round(performance.now() / 1000)} s`,
  );
} finally {
  clear();
}
