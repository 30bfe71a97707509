/**
 * Stands for powershell.exe on a server of the lab: hands its pipes to a real engine, and puts the recorded Windows in
 * after our functions and before the first query. The lines that set variables of Windows are left out: by them the engine,
 * which runs on Linux, would not find its own modules. Arguments: the engine, the file of the recorded Windows, and what
 * powershell.exe was given.
 */
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';

const [engine = '', recorded = '', ...args] = process.argv.slice(2);
const child = spawn(engine, args, { stdio: ['pipe', 'inherit', 'inherit'] });
let held: string | undefined = '';
process.stdin.on('data', (chunk: Buffer) => {
  if (held === undefined) return void child.stdin.write(chunk);
  held += chunk.toString('latin1');
  for (let end = held.indexOf('\n'); end >= 0; end = held.indexOf('\n')) {
    if (held.startsWith('Invoke-AffiantQuery ')) {
      child.stdin.write(`${readFileSync(recorded, 'utf8')}\n${held}`);
      held = undefined;
      return;
    }
    if (!held.startsWith('$env:')) child.stdin.write(held.slice(0, end + 1));
    held = held.slice(end + 1);
  }
});
process.stdin.on('end', () => child.stdin.end());
child.stdin.on('error', () => undefined);
child.on('exit', (code) => process.exit(code ?? 1));
