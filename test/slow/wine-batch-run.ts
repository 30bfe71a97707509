/** Runs the program that it is given as the agent runs one on Windows, and prints what came (wine-batch.test.ts). */
import { writeFileSync } from 'node:fs';
import { runHere } from '../../agent/host/local-windows.ts';
import { ownSystemFolders } from '../../agent/host/windows/system-folders.ts';

const [out = '', program = '', ...args] = process.argv.slice(2);
const ran = await runHere(program, args, { maxBytes: 10_000, deadlineMs: 60_000 }, ownSystemFolders());
const stdout = ran.outcome === 'ok' ? Buffer.from(ran.value.stdout).toString('utf8') : undefined;
writeFileSync(out, JSON.stringify(ran.outcome === 'ok' ? { ...ran.value, stdout, stderr: undefined } : ran));
process.exit(0);
