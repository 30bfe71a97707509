import assert from 'node:assert/strict';
import { parseDpkgQuery } from '../../../collectors/updates/dpkg-query.ts';

function line(abbreviation: string, name = 'bash'): string {
  return `${name}\t5.2\tamd64\tbash\t5.2\t${abbreviation}\t1747699200\n`;
}

function stateOf(abbreviation: string): string {
  const result = parseDpkgQuery(line('ii ', 'dpkg') + line(abbreviation));
  assert.ok(result.ok, JSON.stringify(result));
  const [, entry] = result.value;
  return `${entry?.state}/${entry?.stateName}${entry?.held === true ? '/held' : ''}`;
}

describe('parseDpkgQuery', () => {
  it('reads a package with all its columns', () => {
    const text = 'libcap2:amd64\t1:2.66-4+deb12u2+b2\tamd64\tlibcap2\t1:2.66-4+deb12u2\tii \t1747699200\n';
    assert.deepEqual(parseDpkgQuery(text), {
      ok: true,
      value: [
        {
          name: 'libcap2',
          version: '1:2.66-4+deb12u2+b2',
          architecture: 'amd64',
          sourceName: 'libcap2',
          sourceVersion: '1:2.66-4+deb12u2',
          held: false,
          state: 'installed',
          stateName: 'installed',
          changedAt: 1_747_699_200,
        },
      ],
    });
  });

  it('does not count removed packages whose configuration stayed (osquery#4740, fleet#7804)', () => {
    assert.equal(stateOf('rc '), 'gone/config-files');
    assert.equal(stateOf('pn '), 'gone/not-installed');
    assert.equal(stateOf('rH '), 'broken/half-installed');
  });

  it('tells every unfinished state by dpkg’s own word', () => {
    assert.equal(stateOf('iU '), 'broken/unpacked');
    assert.equal(stateOf('iF '), 'broken/half-configured');
    assert.equal(stateOf('iW '), 'broken/triggers-awaited');
    assert.equal(stateOf('it '), 'broken/triggers-pending');
    assert.equal(stateOf('uWR'), 'broken/triggers-awaited reinst-required');
    assert.equal(stateOf('iiR'), 'broken/installed reinst-required');
  });

  it('keeps held packages among the installed ones', () => {
    assert.equal(stateOf('hi '), 'installed/installed/held');
    assert.equal(stateOf('hi'), 'installed/installed/held', 'the last blank may be lost on the way');
  });

  it('counts a package as installed whose removal is only wanted', () => {
    assert.equal(stateOf('ri '), 'installed/installed');
  });

  it('takes no packages at all for a failure, never for an empty list', () => {
    assert.deepEqual(parseDpkgQuery(''), { ok: false, reason: 'no-packages-listed' });
    assert.deepEqual(parseDpkgQuery(line('rc ')), { ok: false, reason: 'no-packages-listed' });
  });

  it('refuses a line or a state that it does not know instead of passing it over', () => {
    assert.deepEqual(parseDpkgQuery(`${line('ii ')}bash 5.2\n`), {
      ok: false,
      reason: 'unexpected-line',
      detail: 'line 2',
    });
    assert.deepEqual(parseDpkgQuery(line('iX ')), { ok: false, reason: 'unknown-package-state', detail: 'line 1' });
    assert.equal(parseDpkgQuery(line('ii ', 'x'.repeat(300))).ok, false);
  });

  it('reads the output of a dpkg that knows no change times', () => {
    for (const last of ['\t', '']) {
      const result = parseDpkgQuery(`bash\t5.2\tamd64\tbash\t5.2\tii ${last}\n`);
      assert.ok(result.ok);
      assert.equal(result.value[0]?.changedAt, undefined);
    }
  });
});
