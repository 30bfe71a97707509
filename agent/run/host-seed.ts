/** What tells this server apart where only its turn is chosen (schedule.ts): it needs no privilege and is never sent. */
import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';

/** machine-id(5) where there is one, else the host's name. */
export function hostSeed(): string {
  try {
    const id = readFileSync('/etc/machine-id', 'utf8').trim();
    if (/^[0-9a-f]{32}$/.test(id)) return id;
  } catch {
    // Windows, and containers without one.
  }
  return hostname();
}
