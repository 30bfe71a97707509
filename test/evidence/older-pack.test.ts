/**
 * Packs of older agents. The fixture was made by the program as it was before Windows was seen (its commit c2ff9c7)
 * from the recording debian-12: its documents lack 30 facts that today's schemas demand.
 */
import { deepEqual, equal, ok } from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { auditHost } from '../../audit/audit-host.ts';
import { histories } from '../../audit/history.ts';
import { choosePolicies, loadPolicies } from '../../audit/policy/policy-set.ts';
import { entryOf, readMemory } from '../../audit/read-packs.ts';
import { catalogues } from '../../catalogue/list.ts';
import { validatedDocument } from '../../evidence/document-schemas.ts';
import { documentBytes, documentDigest } from '../../evidence/pack.ts';
import { provedDocuments } from '../../evidence/proved-documents.ts';
import { readDocument } from '../../evidence/read-document.ts';
import { verificationKeyFromPem } from '../../evidence/signing-key.ts';
import { type VerifiedPack, verifyPack } from '../../evidence/verify-pack.ts';

const folder = new URL('../fixtures/pack/older/', import.meta.url);
const bytes = readFileSync(new URL('debian-12.pack.json', folder));
const key = verificationKeyFromPem(readFileSync(new URL('debian-12.pem', folder), 'utf8'));
ok(key.ok);
const trust = { key: (id: string) => (id === key.value.keyId ? key.value : undefined) };

function verified(known?: ReturnType<typeof provedDocuments>): VerifiedPack {
  const pack = verifyPack(bytes, { ...trust, ...(known && { known }) });
  ok(pack.ok, JSON.stringify(pack));
  return pack.value;
}

type Facts = Readonly<Record<string, { readonly status: string; readonly reason?: string }>>;

describe('a pack of an older agent', () => {
  it('verifies, and what its agent did not know of is unsupported with that reason', () => {
    const { documents, read } = verified();
    ok(!('windowsGroups' in (documents.get('admins') as Facts)));
    const added = [...read].flatMap(([name, document]) =>
      Object.keys(document).filter((fact) => !(fact in (documents.get(name) ?? {}))),
    );
    // The schema only grows: those that were not known on the day when the pack was made, and some of later days.
    for (const fact of ['exchange', 'windowsGroups']) ok(added.includes(fact), fact);
    const { exchange, updates } = read.get('updates') as Facts;
    deepEqual(
      [exchange?.status, exchange?.reason, updates?.reason],
      ['unsupported', 'not-collected-by-this-version', undefined],
    );
    for (const [name, document] of read) {
      ok(validatedDocument(name, document).ok);
      for (const fact of Object.keys(document).filter((key) => !(key in (documents.get(name) ?? {}))))
        deepEqual(
          { ...(document as Facts)[fact], sources: undefined },
          { status: 'unsupported', reason: 'not-collected-by-this-version', sources: undefined },
          `${name}: ${fact}`,
        );
    }
  });
  it('keeps the signed documents as they are, for whoever stores them or hands them on', () => {
    const { documents, statement } = verified();
    for (const { name, digest } of statement.subject) {
      const document = documents.get(name);
      ok(document);
      equal(documentDigest(document), digest.sha256);
      equal(documentDigest(JSON.parse(Buffer.from(documentBytes(document)).toString('utf8')) as object), digest.sha256);
    }
  });
  it('reads the same where the documents are known from another pack', () => {
    const known = provedDocuments();
    deepEqual(verified(known).read, verified(known).read);
    deepEqual(verified(known).read, verified().read);
  });
  it('is audited: what is not there is undetermined, what is there is judged', () => {
    const loaded = loadPolicies(undefined);
    ok(loaded.ok);
    const policies = choosePolicies(loaded.value, undefined);
    ok(policies.ok);
    const entry = entryOf(bytes, 'old', trust, readMemory());
    ok(entry.ok, JSON.stringify(entry));
    const { seen } = entry.entry;
    deepEqual([seen.exchange?.status, seen.windows?.status], ['unsupported', 'unsupported']);
    equal(seen.admins?.status, 'observed');
    const unknown = seen.unseen.filter(({ reason }) => reason === 'not-collected-by-this-version');
    const { documents, read } = verified();
    const added = [...read].map(
      ([name, document]) => Object.keys(document).length - Object.keys(documents.get(name) ?? {}).length,
    );
    equal(
      unknown.length,
      added.reduce((sum, count) => sum + count, 0),
    );
    const [history] = histories([entry.entry], entry.entry.day);
    ok(history);
    const audit = auditHost(history, { catalogues, policies: policies.value, attestations: [], at: entry.entry.day });
    ok(audit.blindSpots.some(({ reason }) => reason === 'not-collected-by-this-version'));
    ok(audit.findings.some(({ rule }) => rule === 'edr-effective'));
  });
});

describe('readDocument', () => {
  const admins = verified().documents.get('admins') as Facts;
  it('refuses a document that lacks something else than facts', () => {
    const { blind: _blind, ...without } = admins;
    const read = readDocument('admins', without);
    deepEqual([read.ok, !read.ok && read.refusal.code], [false, 'schema-violation']);
    ok(!readDocument('admins', { ...admins, accounts: { sources: ['file:/etc/passwd'] } }).ok);
    ok(!readDocument('admins', { ...admins, accounts: { status: 'observed', sources: ['file:/etc/passwd'] } }).ok);
    ok(!readDocument('admins', { ...admins, strange: true }).ok);
  });
  it('never touches what it was given', () => {
    const before = JSON.stringify(admins);
    ok(readDocument('admins', admins).ok);
    equal(JSON.stringify(admins), before);
  });
  it('adds a fact that is missing further in, as of a product', () => {
    const signed = verified().documents.get('edr');
    const recorded = new URL('../fixtures/expected/debian-12-clamav/edr.json', import.meta.url);
    const copy = { ...signed, ...(JSON.parse(readFileSync(recorded, 'utf8')) as object) } as {
      products: { value: Record<string, { status: string }>[] };
    };
    const [product] = copy.products.value;
    ok(product);
    delete product['detections'];
    const read = readDocument('edr', copy);
    ok(read.ok, JSON.stringify(read));
    equal((read.value as typeof copy).products.value[0]?.['detections']?.status, 'unsupported');
  });
});
