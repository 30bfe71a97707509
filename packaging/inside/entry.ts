/** What the executable does beyond its version: a part of its own, or the command line. */
import { runAffiant } from '../../agent/cli/run-affiant.ts';
import type { OwnPart } from '../../agent/host/own-program.ts';

const parts: Readonly<Record<OwnPart, (argument: string | undefined) => Promise<void>>> = {
  // Of the msi, before it starts the service.
  'internal:begin': async () => {
    const begun = (await import('../../agent/service/default-config.ts')).beginConfiguration();
    if (!begun.ok) process.exitCode = 1;
  },
  'internal:leave': (code) => process.exit(Number(code)),
  'internal:system': async () => (await import('../../agent/host/tell-system.ts')).tellSystem(),
};

export async function run(argv: readonly string[]): Promise<void> {
  const [first = '', second] = argv;
  if (Object.hasOwn(parts, first)) await parts[first as OwnPart](second);
  else await runAffiant(argv);
}
