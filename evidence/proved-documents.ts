/** A document whose bytes were read once: the canonical form that has this digest, and what it is under the names that it met. */
export type ProvedDocument = {
  readonly document: object;
  /** The length of its canonical bytes. */
  readonly byteLength: number;
  /** As this version reads it (readDocument), by the names under which it was. */
  readonly read: Map<string, object>;
};

/**
 * Documents by SHA-256 of their canonical bytes, so that a reader of many packs parses and validates each once.
 * What is kept here says nothing of a signature: whoever finds the same digest over the bytes at hand has the same
 * document, and nothing more. Nobody may change a document that is in here. The oldest in use go first.
 */
export type ProvedDocuments = {
  get(digest: string): ProvedDocument | undefined;
  add(digest: string, document: object, byteLength: number): void;
};

/** At most so many bytes of canonical form and so many documents; parsed, a document takes several times its bytes. */
export function provedDocuments(maxBytes = 24 * 1024 * 1024, maxCount = 4096): ProvedDocuments {
  const kept = new Map<string, ProvedDocument>();
  let bytes = 0;
  return {
    get(digest) {
      const found = kept.get(digest);
      if (found === undefined) return undefined;
      kept.delete(digest);
      kept.set(digest, found);
      return found;
    },
    add(digest, document, byteLength) {
      if (kept.has(digest) || byteLength > maxBytes) return;
      kept.set(digest, { document, byteLength, read: new Map() });
      bytes += byteLength;
      for (const [oldest, { byteLength: freed }] of kept) {
        if (bytes <= maxBytes && kept.size <= maxCount) break;
        kept.delete(oldest);
        bytes -= freed;
      }
    },
  };
}
