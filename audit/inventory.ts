/** inventory.yaml: what the organisation says of its servers, dated, and signed by a key that the reader trusts. */

import { ok, type Result, refuse } from '../evidence/result.ts';
import type { VerificationKey } from '../evidence/signing-key.ts';
import { parseYamlFile } from '../evidence/yaml-file.ts';
import type { Inventory, InventoryServer } from '../schemas/generated/types.ts';
import { inventory as isInventory } from '../schemas/generated/validators.js';
import type { Day } from './days.ts';
import type { HostIdentity } from './history-model.ts';
import type { HostFacts } from './model.ts';
import { openSignedText } from './signed-text.ts';

export type ReadInventory = {
  readonly inventory: Inventory;
  /** The key that signed it; undefined where nothing lies beside it, which is said aloud. */
  readonly signedBy?: string;
};

/**
 * `signature`: the bytes of the file `<inventory>.sigstore.json` beside it, where there is one. Refuses with
 * `inventory-invalid`, with `inventory-unsigned` where a signature is demanded and there is none, and as
 * `openSignedText` does.
 */
export function readInventory(
  text: string,
  file: string,
  signature: Uint8Array | undefined,
  key: (keyId: string) => VerificationKey | undefined,
): Result<ReadInventory> {
  const parsed = parseYamlFile<Inventory>(text, file, {
    kind: 'inventory',
    valid: isInventory,
    reference: 'inventory',
  });
  if (!parsed.ok) return parsed;
  const { value: inventory, line } = parsed.value;
  for (const field of ['target', 'name'] as const) {
    const seen = new Set<string>();
    for (const [at, server] of inventory.servers.entries()) {
      const value = server[field]?.toLowerCase();
      if (value !== undefined && seen.has(value))
        return refuse(
          'inventory-invalid',
          `${file}, line ${line(['servers', at, field])}: ${field} ${value} stands twice`,
        );
      if (value !== undefined) seen.add(value);
    }
  }
  if (signature === undefined) return ok({ inventory });
  const signer = openSignedText(text, signature, key);
  return signer.ok ? ok({ inventory, signedBy: signer.value.keyId }) : signer;
}

/**
 * By target id first, then by the whole host name, then by the name without its domain. That last only where one of
 * both has no domain, and where it fits one server alone: web1.dmz.example is another server than web1.lan.example.
 */
export function serverOf(inventory: Inventory | undefined, host: HostIdentity): InventoryServer | undefined {
  const servers = inventory?.servers ?? [];
  const byTarget = servers.find(({ target }) => target !== undefined && host.targetIds.includes(target));
  if (byTarget !== undefined) return byTarget;
  const named = servers.flatMap((server) =>
    server.target === undefined && server.name !== undefined ? [{ server, name: server.name.toLowerCase() }] : [],
  );
  const names = host.names.map((name) => name.toLowerCase());
  const whole = named.find(({ name }) => names.includes(name));
  if (whole !== undefined) return whole.server;
  const alike = named.filter(({ name }) =>
    names.some((own) => short(own) === short(name) && !(own.includes('.') && name.includes('.'))),
  );
  return alike.length === 1 ? alike[0]?.server : undefined;
}

/** Servers that it names, that are not retired by the day, and that none of these is: as good as silent since ever. */
export function withoutEvidence(inventory: Inventory | undefined, hosts: readonly HostIdentity[], at: Day): string[] {
  const found = new Set(hosts.map((host) => serverOf(inventory, host)));
  return (inventory?.servers ?? [])
    .filter((server) => !found.has(server) && (server.retiredOn === undefined || server.retiredOn > at))
    .map(({ name, target }) => name ?? target ?? '');
}

/** In a sentence without its end; undefined where there is evidence of all. */
export function unseenInWords(unseen: readonly string[]): string | undefined {
  if (unseen.length === 0) return undefined;
  const more = unseen.length > 5 ? ` and ${unseen.length - 5} more` : '';
  return `the inventory names ${unseen.length === 1 ? 'a server' : `${unseen.length} servers`} of which there is no evidence: ${unseen.slice(0, 5).join(', ')}${more}`;
}

function short(name: string): string {
  return name.toLowerCase().split('.', 1)[0] ?? '';
}

export function factsOf(server: InventoryServer | undefined): HostFacts {
  return {
    exposure: server?.exposure ?? 'unknown',
    ...(server?.role !== undefined && { role: server.role }),
    ...(server?.criticality !== undefined && { criticality: server.criticality }),
    ...(server?.owner !== undefined && { owner: server.owner }),
    ...(server?.compromisedOn !== undefined && { compromisedOn: server.compromisedOn }),
    ...(server?.retiredOn !== undefined && { retiredOn: server.retiredOn }),
    inInventory: server !== undefined,
  };
}
