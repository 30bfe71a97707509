import assert from 'node:assert/strict';
import { pathClassOf } from '../../../collectors/edr/path-class.ts';
import { exclusionRisk } from '../../../judge/edr/exclusion-risk.ts';
import type { ProtectionExclusion } from '../../../schemas/generated/types.ts';

const digest = '0'.repeat(64);

describe('exclusionRisk', () => {
  const rated = (exclusion: Omit<ProtectionExclusion, 'keyedDigest'>) =>
    exclusionRisk({ ...exclusion, keyedDigest: digest }).risky;

  it('calls places where malware lands, everything at once, and interpreters risky', () => {
    for (const pathClass of [
      'whole-system',
      'wildcard-only',
      'web-root',
      'temporary-folder',
      'shared-folder',
      'home',
      'iis-system',
      'exchange-frontend-auth',
    ] as const)
      assert.ok(rated({ kind: 'path', pathClass }), pathClass);
    for (const name of ['php', 'JSP', 'sh', 'dll']) assert.ok(rated({ kind: 'extension', name }), name);
    for (const name of ['bash', 'python3.11', 'java', 'w3wp.exe', 'PowerShell.exe'])
      assert.ok(rated({ kind: 'process', name }), name);
    assert.ok(rated({ kind: 'account', name: 'root' }));
    assert.ok(rated({ kind: 'extension', wildcard: true }));
  });

  it('calls risky what Microsoft says never to leave out: vbe, cpl and tmp were harmless, and so was schtasks.exe', () => {
    for (const name of ['vbe', 'CPL', 'ocx', 'inf', 'job', 'reg', 'url', 'java', 'tmp', 'zip', 'ko.gz'])
      assert.ok(rated({ kind: 'extension', name }), name);
    for (const name of ['schtasks.exe', 'WinDbg.exe', 'dotnet.exe', 'winword.exe', 'cdb.exe'])
      assert.ok(rated({ kind: 'process', name }), name);
    for (const name of ['jpg', 'edb', 'mdf']) assert.ok(!rated({ kind: 'extension', name }), name);
    assert.ok(!rated({ kind: 'process', name: 'store.exe' }));
  });

  it('calls a folder risky that holds risky ones: /var was any other place', () => {
    const places: Readonly<Record<string, boolean>> = {
      '/var': true,
      '/var/*': true,
      '/opt/': true,
      '/var/lib': true,
      '/v*': true,
      '/var/lib/mysql': false,
      '/opt/vendor': false,
      '/data': false,
    };
    for (const [path, risky] of Object.entries(places))
      assert.equal(rated({ kind: 'path', pathClass: pathClassOf(path) }), risky, path);
  });

  it('does not call the data of a database, a log or an agent risky', () => {
    for (const pathClass of ['database-data', 'log-folder', 'backup', 'own-product', 'other'] as const)
      assert.ok(!rated({ kind: 'path', pathClass }), pathClass);
    assert.ok(!rated({ kind: 'extension', name: 'log' }));
    assert.ok(!rated({ kind: 'process', pathClass: 'program-folder' }));
    assert.ok(!rated({ kind: 'account' }));
  });
});
