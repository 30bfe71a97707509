/**
 * A regulator's evidence pack: one zip file with the signed bundles of a server, in the form that stock tools
 * check, the keys, the report, and a README of commands. The same evidence gives the same bytes.
 */
import { strToU8, type Zippable, zipSync } from 'fflate';
import { canonicalBytes } from '../../evidence/canonical-json.ts';
import { sha256Hex } from '../../evidence/digest.ts';
import type { VerifiedPack } from '../../evidence/verify-pack.ts';
import { type ReadmeFacts, readmeText, verifyScript } from './evidence-pack-readme.ts';

export type EvidencePackParts = {
  readonly host: string;
  readonly targetId: string;
  readonly from: string;
  readonly to: string;
  /** Complete and verified, in the order of the history. */
  readonly packs: readonly { readonly bytes: Uint8Array; readonly verified: VerifiedPack }[];
  readonly refused: readonly { readonly file: string; readonly message: string }[];
  /** Of every key that signed one of the packs. */
  readonly keys: readonly { readonly keyId: string; readonly pem: string }[];
  readonly logKey?: string;
  readonly report: string;
  readonly findings: unknown;
  readonly version: string;
};

/** The files by name. */
export function evidencePackFiles(parts: EvidencePackParts): ReadonlyMap<string, Uint8Array> {
  const { packs, keys, logKey } = parts;
  const files = new Map<string, Uint8Array>();
  for (const [at, { bytes, verified }] of packs.entries()) {
    const { pack, statement, digest } = verified;
    const number = String(at + 1).padStart(5, '0');
    const folder = `bundles/${number}-${statement.predicate.run.finishedAt.slice(0, 10)}-${digest}`;
    files.set(`packs/${number}-${digest.slice(0, 16)}.pack.json`, bytes);
    files.set(`${folder}/bundle.sigstore.json`, canonicalBytes(pack.bundle));
    files.set(`${folder}/statement.json`, Buffer.from(pack.bundle.dsseEnvelope.payload, 'base64'));
    if (pack.receipt !== undefined) files.set(`${folder}/receipt.json`, canonicalBytes(pack.receipt));
    for (const [sha256, document] of Object.entries(pack.documents))
      files.set(`documents/${sha256}.json`, canonicalBytes(document));
  }
  for (const { keyId, pem } of keys) files.set(`keys/${keyId}.pem`, strToU8(pem));
  if (logKey !== undefined) files.set('keys/LOG.vkey', strToU8(`${logKey}\n`));
  files.set('report.html', strToU8(parts.report));
  files.set('findings.json', strToU8(`${JSON.stringify(parts.findings, null, 2)}\n`));
  const facts: ReadmeFacts = {
    ...parts,
    bundles: packs.length,
    receipts: packs.filter(({ verified }) => verified.pack.receipt !== undefined).length,
    logKey: logKey !== undefined,
    replayed: packs.some(({ verified }) => verified.statement.predicate.mode === 'replay'),
  };
  files.set('README.md', strToU8(readmeText(facts)));
  files.set('verify.sh', strToU8(verifyScript(facts)));
  const sums = [...files].toSorted(([one], [other]) => (one < other ? -1 : 1));
  files.set('SHA256SUMS', strToU8(sums.map(([name, bytes]) => `${sha256Hex(bytes)}  ${name}\n`).join('')));
  return files;
}

/** The zip file. The date of each entry is the first that the format knows: when it was packed says nothing. */
export function evidencePackZip(parts: EvidencePackParts): Uint8Array {
  const files = [...evidencePackFiles(parts)].toSorted(([one], [other]) => (one < other ? -1 : 1));
  // The format holds local time; a date made of local parts is the same bytes in every time zone.
  const mtime = new Date(1980, 0, 1);
  const entries: Zippable = Object.fromEntries(files.map(([name, bytes]) => [name, [bytes, {}]]));
  return zipSync(entries, { mtime, level: 6 });
}
