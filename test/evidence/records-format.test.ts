import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { decodeAttestation } from '../../evidence/attestation.ts';
import { canonicalText } from '../../evidence/canonical-json.ts';
import { logVerifierFromKey } from '../../evidence/checkpoint.ts';
import { payloadOf } from '../../evidence/envelope.ts';
import { openLedger } from '../../evidence/ledger.ts';
import { decodeRecords, encodeRecords } from '../../evidence/records-file.ts';
import { standingAt } from '../../evidence/standing.ts';
import { codeOf, valueOf } from './sample.ts';

function read(relative: string): Buffer {
  return readFileSync(new URL(relative, import.meta.url));
}

describe('docs/format.md and its examples of records and attestations', () => {
  const bytes = read('../fixtures/records/example.records.json');
  const log = valueOf(logVerifierFromKey(read('../fixtures/records/example.vkey').toString().trim()));
  const attestation = valueOf(decodeAttestation(read('../fixtures/records/example.attestation.json')));
  const { records, logKey } = valueOf(decodeRecords(bytes));
  const [, , section = ''] =
    /(## Records of the log)([\s\S]*?)(?=## Order of verification)/.exec(read('../../docs/format.md').toString()) ?? [];

  it('holds records of long ago that must verify for ever', () => {
    const ledger = valueOf(openLedger(records, log));
    const agent = 'c37a0db3483a7b39e95f2424f4bbaa451e9f65396a5de7cdaa42edadadf66e1b';
    assert.deepEqual(
      ledger.entries.map(({ predicate, index }) => [predicate.kind, index]),
      [
        ['registrar', 0],
        ['enrolment', 1],
        ['revocation', 5],
      ],
    );
    assert.deepEqual(
      [1, 2, 5, 6].map((index) => standingAt(ledger, agent, index).standing),
      ['unknown', 'active', 'active', 'revoked'],
    );
    assert.deepEqual(Buffer.from(encodeRecords(records, logKey)), bytes);
    assert.equal(attestation.predicate.kind, 'claim');
  });

  it('quotes them as they are', () => {
    const quoted = [...section.matchAll(/```\n(\{[\s\S]*?)\n```/g)].map(([, text = '']) =>
      canonicalText(JSON.parse(text)),
    );
    const last = records.at(-1);
    assert.ok(last !== undefined);
    assert.deepEqual(
      quoted,
      [last, attestation].map(({ bundle }) => canonicalText(valueOf(payloadOf(bundle)))),
    );
  });

  it('is no list of records with one of another kind in it', () => {
    const file = JSON.parse(bytes.toString()) as { records: { mediaType: string }[] };
    (file.records[1] as { mediaType: string }).mediaType = 'application/vnd.affiant.attestation.v1+json';
    assert.equal(codeOf(decodeRecords(Buffer.from(JSON.stringify(file)))), 'file-kind');
  });
});
