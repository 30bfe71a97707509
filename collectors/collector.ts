/** What a collector is. A new one is a folder, a schema, and a line in list.ts. */
import type { Host } from '../agent/host/host.ts';
import type { Documents } from '../schemas/generated/types.ts';

/** A document before the pipeline gives it its `format` and `blind`. */
export type Draft<Name extends keyof Documents> = Omit<Documents[Name], 'format' | 'blind'>;
export type Drafts = { readonly [Name in keyof Documents]?: Draft<Name> };

/**
 * Digests that a collector may ask for; it knows no key and no cryptography itself.
 * `sha256` takes bytes; `derive` is HMAC-SHA-256 keyed with `secret` over `label`, in hexadecimal;
 * `keyed` is HMAC-SHA-256 over the text with a key that never leaves this server, in hexadecimal.
 */
export type Digests = {
  sha256(bytes: Uint8Array): Uint8Array;
  derive(secret: Uint8Array, label: string): string;
  keyed(text: string): string;
};

/** One line of what was found, for people. `tone` is never the only bearer of meaning. */
export type SummaryRow = {
  readonly label: string;
  readonly text: string;
  readonly tone: 'plain' | 'good' | 'attention';
};

export type Collector = {
  /** Kebab-case; names the source document `sources/<name>`. */
  readonly name: string;
  /** One sentence for `affiant collect --help` and the reference. */
  readonly purpose: string;
  readonly documents: readonly (keyof Documents)[];
  /** Seconds that a run may take unless the configuration says otherwise. */
  readonly budgetSeconds: number;
  /** Reads through the host's door alone. Every miss becomes a fact; it throws only where it is broken itself. */
  collect(host: Host, digests: Digests): Promise<Drafts>;
  /** What a person reads first. Pure. */
  summarise(drafts: Drafts): readonly SummaryRow[];
};
