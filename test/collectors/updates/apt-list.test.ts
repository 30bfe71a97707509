import assert from 'node:assert/strict';
import { parseAptList } from '../../../collectors/updates/apt-list.ts';

const sample = `Listing...
krb5-locales/oldstable,oldstable-security 1.20.1-2+deb12u5 all [upgradable from: 1.20.1-2+deb12u3]
libcap2/oldstable 1:2.66-4+deb12u3+b1 amd64 [upgradable from: 1:2.66-4+deb12u2+b2]
`;

describe('parseAptList', () => {
  it('reads name, versions, architecture and every suite', () => {
    assert.deepEqual(parseAptList(sample), {
      ok: true,
      value: [
        {
          name: 'krb5-locales',
          architecture: 'all',
          installedVersion: '1.20.1-2+deb12u3',
          candidateVersion: '1.20.1-2+deb12u5',
          suites: ['oldstable', 'oldstable-security'],
        },
        {
          name: 'libcap2',
          architecture: 'amd64',
          installedVersion: '1:2.66-4+deb12u2+b2',
          candidateVersion: '1:2.66-4+deb12u3+b1',
          suites: ['oldstable'],
        },
      ],
    });
  });

  it('takes a heading alone for nothing to upgrade, and no output at all for a failure', () => {
    assert.deepEqual(parseAptList('Listing...\n'), { ok: true, value: [] });
    assert.deepEqual(parseAptList('Listing... Done\n'), { ok: true, value: [] });
    assert.deepEqual(parseAptList(''), { ok: false, reason: 'empty-output' });
    assert.deepEqual(parseAptList('\n'), { ok: false, reason: 'empty-output' });
  });

  it('passes over versions that are not the candidate, as --all-versions prints them', () => {
    const all = parseAptList(`${sample}
bash/now 5.2.15-2+b8 amd64 [installed,upgradable to: 5.2.15-2+b13]
curl/oldstable-security 7.88.1-10+deb12u5 amd64
old/now 1.0 amd64 [residual-config]
`);
    assert.ok(all.ok);
    assert.deepEqual(
      all.value.map(({ name }) => name),
      ['krb5-locales', 'libcap2'],
    );
  });

  it('reads suites with blanks, packages that no archive names, and names with an architecture', () => {
    const odd = parseAptList(
      'tool/my suite,now 2.0 amd64 [upgradable from: 1.0]\nlibx:i386/ 2 i386 [upgradable from: 1]\n',
    );
    assert.ok(odd.ok);
    assert.deepEqual(
      odd.value.map(({ name, suites }) => [name, suites]),
      [
        ['tool', ['my suite']],
        ['libx', []],
      ],
    );
  });

  it('refuses a line that it does not understand, such as a translated one', () => {
    const translated = 'Auflistung...\nbash/stable 2 amd64 [aktualisierbar von: 1]\n';
    assert.deepEqual(parseAptList(translated), { ok: false, reason: 'unexpected-line', detail: 'line 1' });
    assert.equal(parseAptList('Listing...\nbash/stable 2 amd64 [aktualisierbar von: 1]\n').ok, false);
    assert.equal(parseAptList('Listing...\nE: Could not open lock file\n').ok, false);
  });
});
