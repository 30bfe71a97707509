import assert from 'node:assert/strict';
import {
  fileTime,
  hasCutOff,
  rawBoolean,
  rawCode,
  rawInstant,
  rawInteger,
  rawList,
  rawMember,
  rawObjects,
  rawPart,
  rawText,
  rawVersion,
} from '../../collectors/raw-json.ts';

describe('what PowerShell makes of objects', () => {
  it('is a list also where one element comes alone, none as null, or wrapped with its count', () => {
    assert.deepEqual(rawList([1, 2]), [1, 2]);
    assert.deepEqual(rawList({ a: 1 }), [{ a: 1 }]);
    assert.deepEqual(rawList(null), []);
    assert.deepEqual(rawList({ value: [1], Count: 1 }), [1]);
    assert.equal(rawObjects([{ a: 1 }, 'x']), undefined);
  });

  it('has dates in four forms, and never takes “never” for a date', () => {
    for (const form of [
      '/Date(1767323045000)/',
      { value: '/Date(1767323045000)/', DateTime: 'Freitag, 2. Januar 2026 03:04:05' },
      '20260102040405.000000+060',
      '2026-01-02T03:04:05.0000000Z',
      '2026-01-02T04:04:05.0000000+01:00',
    ])
      assert.equal(rawInstant(form), '2026-01-02T03:04:05Z', JSON.stringify(form));
    for (const never of [
      '/Date(-11644473600000)/',
      '1899-12-30T00:00:00.0000000Z',
      '2026-01-02T03:04:05',
      '02.01.2026',
      '',
      null,
    ])
      assert.equal(rawInstant(never), undefined, JSON.stringify(never));
    assert.equal(fileTime(31_079_493, 1_988_739_072), '2024-01-01T00:00:00Z');
    assert.equal(fileTime(0, 0), undefined);
  });

  it('shows what was cut off by its depth', () => {
    for (const cut of [
      '@{a=1; b=2}',
      'System.Object[]',
      'System.Collections.Hashtable',
      'Microsoft.Management.Infrastructure.CimInstance',
    ])
      assert.ok(hasCutOff({ x: [cut] }), cut);
    assert.ok(!hasCutOff({ x: ['System drive', '@example'] }));
    assert.equal(rawText('System.Object[]'), undefined);
  });

  it('gives numbers, codes, bits, versions and texts, or nothing', () => {
    assert.equal(rawInteger('42'), 42);
    assert.equal(rawInteger('0x2a'), undefined);
    assert.equal(rawInteger(1.5), undefined);
    assert.equal(rawCode(-2_147_417_848), '0x80010108');
    assert.equal(rawBoolean(1), true);
    assert.equal(rawBoolean('yes'), undefined);
    assert.equal(rawVersion('15.01.2308.020'), '15.1.2308.20');
    assert.equal(rawVersion('10.0.17763.1 (WinBuild.160101.0800)'), '10.0.17763.1');
    assert.equal(rawVersion('15.1'), undefined);
    assert.equal(rawText({ value: 'x', PSPath: 'y' }), 'x');
    assert.equal(rawMember({ DisplayName: 1 }, 'displayname'), 1);
    assert.deepEqual(rawPart({ value: null }), { ok: true, value: null });
    assert.deepEqual(rawPart({ error: { hresults: ['80131501', '800706ba'] } }), {
      ok: false,
      reason: 'hresult-0x800706ba',
    });
    assert.deepEqual(rawPart(undefined), { ok: false, reason: 'no-such-part' });
  });
});
