/** Secrets at rest on Windows: under a key that DPAPI opens on this machine alone (docs/decisions/073). */
import type { QuerySpec } from '../host/queries.ts';
import type { Sealing } from './sealing.ts';
import { type AskOnce, windowsAsker } from './windows-ask.ts';

/** Asked by the state folder itself; no collector can reach it. */
export const sealingQuery: QuerySpec = {
  file: 'agent/spool/queries/machine-seal.ps1',
  privilege: 'user',
  reason: 'the key under which the secrets in the state folder lie, by DPAPI of this machine',
  timeoutMs: 60_000,
  secret: true,
};

/** Through the PowerShell of this Windows; of no use where there is none, or where it may not call .NET. */
export function windowsSealing(): Sealing | undefined {
  const ask = windowsAsker();
  return ask === undefined ? undefined : sealingBy(ask);
}

/** The same through any PowerShell. */
export function sealingBy(ask: AskOnce): Sealing {
  return {
    protection: 'dpapi',
    make() {
      const [answer] = ask([{ spec: sealingQuery }]);
      const [key, sealed] = [bytesIn(answer, 'key'), bytesIn(answer, 'sealed')];
      return key === undefined || sealed === undefined ? undefined : { key, sealed };
    },
    open: (sealed) =>
      bytesIn(ask([{ spec: sealingQuery, parameters: { sealed: Buffer.from(sealed).toString('base64') } }])[0], 'key'),
  };
}

function bytesIn(answer: ReturnType<AskOnce>[number] | undefined, name: string): Uint8Array | undefined {
  const told: unknown = answer?.outcome === 'ok' ? answer.value : undefined;
  if (typeof told !== 'object' || told === null) return undefined;
  const text: unknown = Object.entries(told).find(([each]) => each === name)?.[1];
  return typeof text === 'string' && text !== '' ? Buffer.from(text, 'base64') : undefined;
}
