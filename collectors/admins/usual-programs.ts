/** Whether a program is in one of the places where distributions put it. */
import type { Host } from '../../agent/host/host.ts';
import type { Fact } from '../../schemas/generated/types.ts';
import { missed, observed } from '../fact.ts';

/** Usual, built by hand, NixOS, Guix. */
const folders = ['/usr/bin', '/bin', '/usr/local/bin', '/run/wrappers/bin', '/run/setuid-programs'];

/** False only where every usual place was looked at. */
export async function installedProgram(host: Host, name: string): Promise<Fact<boolean>> {
  const answers = [];
  for (const folder of folders) {
    const answer = await host.stat(`${folder}/${name}`);
    if (answer.status === 'observed') return observed(true, answer.source);
    answers.push(answer);
  }
  const unknown = answers.find(({ status }) => status !== 'absent');
  if (unknown !== undefined) return missed(unknown);
  return observed(false, ...answers.map(({ source }) => source));
}
