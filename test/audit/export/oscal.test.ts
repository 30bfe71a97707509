/** Against NIST's own JSON Schema of OSCAL 1.1.2. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import addFormats from 'ajv-formats';
import { oscalResults, token } from '../../../audit/export/oscal.ts';
import { evidence, finding } from '../report/pieces.ts';
import { emptyHost, goodHost, mailServer } from '../report/sample.ts';
import { exportSource } from './export-source.ts';
import { oscalSchema } from './official-schemas.ts';

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
  const errors = holds(JSON.parse(readFileSync(oscalSchema, 'utf8')) as object);
  for (const [what, audit] of Object.entries(audits))
    it(`fits NIST's own schema, for ${what}`, () => assert.equal(errors(oscalResults(exportSource(audit))), undefined));
  it('would be refused with a member that the schema does not know', () => {
    const made = oscalResults(exportSource(mailServer())) as { 'assessment-results': object };
    assert.notEqual(errors({ 'assessment-results': { ...made['assessment-results'], strange: 1 } }), undefined);
  });

  it('calls no server operational of which nothing is known', () => {
    const stateOf = (audit: ReturnType<typeof emptyHost>): string =>
      /"status":\{"state":"([a-z]+)"/.exec(JSON.stringify(oscalResults(exportSource(audit))))?.[1] ?? '';
    assert.deepEqual([stateOf(emptyHost()), stateOf(goodHost())], ['other', 'operational']);
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
