/** The executable itself, as it is shipped. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Ajv } from 'ajv';
import addFormats from 'ajv-formats';
import { checkExecutable } from '../../../packaging/build/check-executable.ts';
import { buildExecutable, type Executable } from '../../../packaging/build/executable.ts';
import { shippedRuntime } from '../../../packaging/build/runtime.ts';
import { sbomOf } from '../../../packaging/build/sbom.ts';
import { smoke } from '../../../packaging/build/smoke.ts';
import { targets } from '../../../packaging/build/targets.ts';
import { thirdParties } from '../../../packaging/build/third-party.ts';
import { theBundle, theExecutable } from './built.ts';

describe('the executable', function () {
  this.timeout(300_000);
  let executable: Executable | undefined;
  const folder = mkdtempSync(join(tmpdir(), 'affiant-executable-'));
  const built = (): Executable => {
    assert.ok(executable);
    return executable;
  };
  before(async function () {
    if (process.platform !== 'linux' || process.arch !== 'x64') {
      process.stdout.write('      skipped: it is tried on linux-x64\n');
      this.skip();
    }
    executable = await theExecutable('linux-x64');
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  const run = (args: readonly string[], env: Readonly<Record<string, string>> = {}) =>
    spawnSync(built().file, args, { encoding: 'utf8', cwd: folder, env: { PATH: '/usr/bin:/bin', ...env } });

  it('collects, names its own digest in the bundle, verifies, and refuses a changed pack', () => {
    assert.equal(smoke(built()), '--version, collect, verify, and a changed pack refused');
  });

  it('is the same bytes when it is built again', async () => {
    assert.equal(buildExecutable(targets['linux-x64'], await theBundle(), folder).sha256, built().sha256);
  });

  it('is told from a plain Node, which a failed injection leaves', () => {
    const plain = shippedRuntime(targets['linux-x64']);
    assert.throws(() => checkExecutable(targets['linux-x64'], plain), /plain Node without our program/);
    assert.throws(() => checkExecutable(targets['win-x64'], built().file), /built for linux-x64/);
    assert.throws(() => smoke({ target: targets['linux-x64'], file: plain, sha256: '' }), /--version/);
  });

  it('runs nothing that NODE_OPTIONS names (symptom: whoever sets the environment has code run inside the agent)', () => {
    const evil = join(folder, 'evil.cjs');
    writeFileSync(evil, `require('node:fs').writeFileSync(${JSON.stringify(join(folder, 'ran'))}, '');`);
    for (const options of [`--require ${evil}`, `--import ${evil}`, '--no-such-option', '--inspect-brk=0']) {
      const { status, stdout, stderr } = run(['help'], { NODE_OPTIONS: options });
      assert.deepEqual([status, stderr], [0, ''], options);
      assert.match(stdout, /affiant: signed security-posture evidence/);
    }
    assert.equal(existsSync(join(folder, 'ran')), false);
    // The same variable has a plain Node run it: the test sees what it looks for.
    spawnSync(shippedRuntime(targets['linux-x64']), ['-e', '0'], { env: { NODE_OPTIONS: `--require ${evil}` } });
    assert.equal(existsSync(join(folder, 'ran')), true);
  });

  it('takes arguments of Node as its own, wrong ones', () => {
    for (const argument of ['-e', '--eval', '--inspect', '-p', '--require'])
      assert.equal(run([argument, '1']).status, 2, argument);
  });

  it('says what it is made of, in CycloneDX as its official schema wants it', async () => {
    const components = thirdParties(built().target, (await theBundle()).packages);
    const bom = JSON.parse(sbomOf(built(), components)) as { components: { name: string; version: string }[] };
    const library = dirname(createRequire(import.meta.url).resolve('@cyclonedx/cyclonedx-library/package.json'));
    const read = (name: string): object =>
      JSON.parse(readFileSync(join(library, 'res/schema', name), 'utf8')) as object;
    const ajv = new Ajv({ strict: false, allErrors: true });
    addFormats.default(ajv);
    ajv.addFormat('iri-reference', true).addFormat('idn-email', true);
    for (const part of ['spdx', 'jsf-0.82', 'cryptography-defs'])
      ajv.addSchema(read(`${part}.SNAPSHOT.schema.json`), `http://cyclonedx.org/schema/${part}.SNAPSHOT.schema.json`);
    const validate = ajv.compile(read('bom-1.6.SNAPSHOT.schema.json'));
    assert.equal(validate(bom), true, JSON.stringify(validate.errors));
    const names = new Map(bom.components.map(({ name, version }) => [name, version]));
    assert.equal(names.get('node'), '24.21.0');
    for (const name of ['undici', 'systeminformation', 'yaml']) assert.ok(names.has(name), name);
    assert.equal(names.has('mocha'), false);
  });
});
