/**
 * The child process that asks systeminformation: that package runs shell strings, some of them
 * synchronously, so it never runs in the agent itself and can be killed as a whole.
 */
import systeminformation from 'systeminformation';

/** Prints one JSON object `{ "system": …, "bios": … }`. */
export async function tellSystem(): Promise<void> {
  const [system, bios] = await Promise.all([systeminformation.system(), systeminformation.bios()]);
  process.stdout.write(JSON.stringify({ system, bios }));
}
