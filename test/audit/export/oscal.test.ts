/**
 * No package of the registries that the tests may use ships OSCAL's schema. What the model asks is held by a
 * narrow schema of our own, written after its reference; NIST's own as well where there is a copy (official-schemas.ts).
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import addFormats from 'ajv-formats';
import { oscalResults, token } from '../../../audit/export/oscal.ts';
import { evidence, finding } from '../report/pieces.ts';
import { emptyHost, goodHost, mailServer } from '../report/sample.ts';
import { exportSource } from './export-source.ts';
import { officialOscalSchema } from './official-schemas.ts';
import narrow from './oscal-narrow.schema.json' with { type: 'json' };

const audits = {
  'the mail server': mailServer(),
  'a server of which nothing is known': emptyHost(),
  'a server in order': goodHost(),
  'one finding that is undecided, ended, suspended': {
    ...goodHost(),
    findings: [
      finding('a', '2026-11-01', { verdict: 'undetermined', evidence: [], controls: [] }),
      finding('d', '2026-11-01', {
        subject: ' a\nb ',
        evidence: [
          {
            bundle: 'ab',
            file: '',
            claimedAt: '2026-11-01T00:00:00Z',
            document: '',
            pointer: '',
            sources: [],
            says: '',
          },
          { ...evidence('2026-11-01'), document: '', pointer: '', sources: [' ', 'file:a\nb '], says: '' },
        ],
      }),
      finding('b', '2026-11-01', { state: 'ended', interval: { from: '2026-11-01', to: '2026-11-05' } }),
      finding('c', '2026-11-01', {
        state: 'suspended',
        attestation: { id: '1', kind: 'exception', by: 'x', at: '2026-11-02T00:00:00Z', text: 'because' },
      }),
    ],
  },
};

function holds(schema: object): (value: object) => unknown {
  const ajv = new Ajv({ strict: false, allErrors: true });
  addFormats.default(ajv);
  const validate = ajv.compile(schema);
  return (value) => (validate(value) ? undefined : validate.errors);
}

describe('the export to OSCAL assessment results', () => {
  const errors = holds(narrow);
  for (const [what, audit] of Object.entries(audits))
    it(`fits what the model asks, for ${what}`, () =>
      assert.equal(errors(oscalResults(exportSource(audit))), undefined));

  const official = officialOscalSchema();
  if (official !== undefined)
    it("fits NIST's own schema", () => {
      const strict = holds(JSON.parse(readFileSync(official, 'utf8')) as object);
      for (const audit of Object.values(audits)) assert.equal(strict(oscalResults(exportSource(audit))), undefined);
    });

  it('never calls satisfied what is open, suspended or undecided', () => {
    const text = JSON.stringify(oscalResults(exportSource(audits['one finding that is undecided, ended, suspended'])));
    const states = [...text.matchAll(/"state":"((?:not-)?satisfied)","reason":"(\w+)"/g)].map(([, state, reason]) => [
      state,
      reason,
    ]);
    assert.deepEqual(states, [
      ['not-satisfied', 'other'],
      ['not-satisfied', 'fail'],
      ['satisfied', 'pass'],
      ['not-satisfied', 'fail'],
    ]);
  });

  it('names a control in the form that OSCAL takes', () => {
    assert.equal(token('PCI DSS 6.3.3/x'), 'PCI_DSS_6.3.3_x');
    assert.equal(token('8.8'), '_8.8');
  });

  it('is the same, byte for byte, for the same evidence', () => {
    const made = (): string => JSON.stringify(oscalResults(exportSource(mailServer())));
    assert.equal(made(), made());
  });
});
