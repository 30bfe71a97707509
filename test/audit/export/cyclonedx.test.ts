/** Against the official JSON Schema of CycloneDX 1.6, as the project's own library ships it. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { Ajv } from 'ajv';
import addFormats from 'ajv-formats';
import { cycloneDxBom } from '../../../audit/export/cyclonedx.ts';
import { exposure } from '../report/pieces.ts';
import { emptyHost, goodHost, mailServer } from '../report/sample.ts';
import { exportSource, packagesDocument } from './export-source.ts';

type Bom = {
  readonly components?: readonly { readonly purl: string; readonly 'bom-ref': string }[];
  readonly vulnerabilities?: readonly {
    readonly id: string;
    readonly analysis: { readonly state: string };
    readonly affects: readonly { readonly ref: string }[];
  }[];
  readonly compositions: readonly { readonly aggregate: string }[];
};

function officialSchema(): (bom: object) => unknown {
  const library = dirname(createRequire(import.meta.url).resolve('@cyclonedx/cyclonedx-library/package.json'));
  const read = (name: string): object => JSON.parse(readFileSync(join(library, 'res/schema', name), 'utf8')) as object;
  const ajv = new Ajv({ strict: false, allErrors: true });
  addFormats.default(ajv);
  // Formats of the schema that no validator has: texts.
  ajv.addFormat('iri-reference', true).addFormat('idn-email', true);
  for (const part of [
    'spdx.SNAPSHOT.schema.json',
    'jsf-0.82.SNAPSHOT.schema.json',
    'cryptography-defs.SNAPSHOT.schema.json',
  ])
    ajv.addSchema(read(part), `http://cyclonedx.org/schema/${part}`);
  const validate = ajv.compile(read('bom-1.6.SNAPSHOT.schema.json'));
  return (bom) => (validate(bom) ? undefined : validate.errors);
}

const bomOf = (...source: Parameters<typeof exportSource>): Bom => {
  const bom = cycloneDxBom(exportSource(...source));
  assert.ok(bom.ok);
  return bom.value as Bom;
};

describe('the export to CycloneDX 1.6', () => {
  const errors = officialSchema();

  it('fits the official schema, with packages and missing fixes, and without', () => {
    for (const bom of [bomOf(mailServer()), bomOf(mailServer(), packagesDocument), bomOf(goodHost(), packagesDocument)])
      assert.equal(errors(bom), undefined);
  });

  it('is held by a schema that refuses', () => {
    assert.notEqual(errors({ ...bomOf(mailServer()), specVersion: 6 }), undefined);
  });

  it('names each package by its package URL, and each missing fix as undecided, not as exploitable', () => {
    const missing = exposure('DSA-1', '2021-11-01', '2021-12-31', { product: 'openssl', cves: ['CVE-2021-1'] });
    const bom = bomOf({ ...mailServer(), exposures: [missing] }, packagesDocument);
    assert.deepEqual(
      bom.components?.map(({ purl }) => purl),
      packagesDocument.packages.value.map(({ purl }) => purl),
    );
    const [vulnerability] = bom.vulnerabilities ?? [];
    assert.equal(vulnerability?.id, 'CVE-2021-1');
    assert.equal(vulnerability.analysis.state, 'in_triage');
    assert.deepEqual(vulnerability.affects, [{ ref: 'pkg:deb/debian/openssl@3.0.16-1?arch=amd64' }]);
  });

  it('says where the packages were not seen, and makes no empty list of them', () => {
    assert.deepEqual(
      bomOf(mailServer()).compositions.map(({ aggregate }) => aggregate),
      ['unknown'],
    );
    const denied = { ...packagesDocument, packages: { status: 'denied', reason: 'EACCES', sources: [] } };
    const refused = cycloneDxBom(exportSource(goodHost(), denied));
    assert.equal(!refused.ok && refused.refusal.code, 'packages-unseen');
    assert.equal(cycloneDxBom(exportSource(emptyHost())).ok, false);
  });

  it('is the same, byte for byte, for the same evidence', () => {
    assert.equal(JSON.stringify(bomOf(mailServer())), JSON.stringify(bomOf(mailServer())));
  });
});
