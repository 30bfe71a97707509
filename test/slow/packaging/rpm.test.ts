/** The rpm in a root of its own (rpm --root): its files, its scripts, what stays. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { findTool } from '../../../packaging/build/run-tool.ts';
import { notHere, theInstaller } from './built.ts';
import { DebianRoot, type Ran } from './debian-root.ts';

describe('the rpm', function () {
  this.timeout(300_000);
  let root: DebianRoot | undefined;
  const machine = (): DebianRoot => {
    assert.ok(root);
    return root;
  };
  const inRoot = (path: string): string => join(machine().folder, path);

  before(function () {
    const missing =
      notHere() ??
      (findTool(['rpmbuild']) === undefined ? 'no rpmbuild (Debian: rpm)' : undefined) ??
      (DebianRoot.isPrepared() ? undefined : 'no small root folder (run test/judges/debian-root.sh)');
    if (missing !== undefined) {
      process.stdout.write(`      skipped: ${missing}\n`);
      this.skip();
    }
    root = new DebianRoot();
  });
  after(() => root?.remove());

  /** The root is a Debian's: what the package needs is there, and rpm does not know it. */
  const rpm = (...args: readonly string[]): Ran =>
    machine().runOutside('rpm', '--root', machine().folder, '--dbpath', '/var/lib/rpm', ...args);

  it('installs users, folders and program', async () => {
    const { code, said } = rpm('-i', '--nodeps', await theInstaller('rpm', '0.1.0'));
    assert.equal(code, 0, said);
    assert.equal(machine().run('affiant', '--version').said, '0.1.0\n');
    assert.match(machine().run('stat', '-c', '%a %U %G', '/var/lib/affiant').said, /^2750 affiant affiant$/m);
  });

  it('keeps state, key and changed configuration over an upgrade', async () => {
    const { code, said } = machine().affiant('collect', '--only', 'host');
    assert.equal(code, 0, said);
    const before = machine().digestOf('/var/lib/affiant');
    writeFileSync(inRoot('/etc/affiant/affiant.yaml'), 'spool: {keepPacks: 31}\n');
    const upgraded = rpm('-U', '--nodeps', await theInstaller('rpm', '0.1.1'));
    assert.equal(upgraded.code, 0, upgraded.said);
    assert.equal(rpm('-q', 'affiant').said, 'affiant-0.1.1-1.x86_64\n');
    assert.equal(machine().digestOf('/var/lib/affiant'), before);
    assert.equal(readFileSync(inRoot('/etc/affiant/affiant.yaml'), 'utf8'), 'spool: {keepPacks: 31}\n');
    assert.equal(rpm('-V', '--nodeps', 'affiant').said.replace(/\s+/g, ' '), 'S.5....T. c /etc/affiant/affiant.yaml ');
  });

  it('leaves state and changed configuration when it is removed, and nothing else', () => {
    const before = machine().digestOf('/var/lib/affiant');
    const { code, said } = rpm('-e', 'affiant');
    assert.equal(code, 0, said);
    assert.equal(machine().digestOf('/var/lib/affiant'), before);
    assert.equal(existsSync(inRoot('/etc/affiant/affiant.yaml.rpmsave')), true);
    assert.deepEqual(
      machine()
        .traces()
        .filter((path) => !/^\/(?:etc|var\/lib)\/affiant(?:\/|$)/.test(path)),
      [],
    );
  });
});
