import assert from 'node:assert/strict';
import { asInstalled, policyArguments, upgradableByPolicy } from '../../../collectors/updates/apt-candidates.ts';
import { parsePolicy } from '../../../collectors/updates/apt-policy.ts';
import { type DpkgPackage, parseDpkgQuery } from '../../../collectors/updates/dpkg-query.ts';
import type { ArchiveMetadata } from '../../../schemas/generated/types.ts';

const stable = 'http://deb.debian.org/debian bookworm/main amd64 Packages';
const security = 'http://deb.debian.org/debian-security bookworm-security/main amd64 Packages';
const status = '/var/lib/dpkg/status';

type Row = readonly [version: string, isInstalled: boolean, ...offers: readonly string[]];

function block(label: string, installed: string, candidate: string, ...rows: readonly Row[]): string {
  const table = rows.map(
    ([version, isInstalled, ...offers]) =>
      `${isInstalled ? ' *** ' : '     '}${version} 500\n${offers.map((offer) => `        500 ${offer}\n`).join('')}`,
  );
  return `${label}:\n  Installed: ${installed}\n  Candidate: ${candidate}\n  Version table:\n${table.join('')}`;
}

function dpkg(...packages: readonly string[]): readonly DpkgPackage[] {
  const lines = packages.map((each) => {
    const [name = '', version = '1', architecture = 'amd64', state = 'ii '] = each.split(' ');
    return `${name}\t${version}\t${architecture}\t${name}\t${version}\t${state.padEnd(3)}\t\n`;
  });
  const answer = parseDpkgQuery(lines.join(''));
  assert.ok(answer.ok);
  return answer.value;
}

function archive(name: string, suite?: string): ArchiveMetadata {
  return {
    archive: name,
    ...(suite === undefined ? {} : { suite }),
    fetchedAt: '2026-11-20T03:00:00Z',
    signed: true,
  };
}

const archives = [
  archive('deb.debian.org_debian_dists_bookworm', 'oldstable'),
  archive('deb.debian.org_debian-security_dists_bookworm-security', 'oldstable-security'),
];

function found(installed: readonly DpkgPackage[], text: string, known = archives): unknown {
  const entries = parsePolicy(text);
  assert.ok(entries.ok, JSON.stringify(entries));
  const result = upgradableByPolicy(installed, entries.value, known);
  return result.ok
    ? result.value.map((each) => `${each.name}:${each.architecture} ${each.candidateVersion} ${each.suites.join(',')}`)
    : `${result.reason} ${result.detail ?? ''}`;
}

describe('parsePolicy', () => {
  it('reads versions, offers and shares of servers', () => {
    const text = `${block('a', '1', '2', ['2', false, stable, security], ['1', true, status])}x:i386:
  Installed: (none)
  Candidate: (none)
  Version table:
     1:2~rc1+b1 -1 (phased 20%)
       1001 ${stable}
`;
    assert.deepEqual(parsePolicy(text), {
      ok: true,
      value: [
        {
          label: 'a',
          installed: '1',
          candidate: '2',
          versions: [
            { version: '2', isInstalled: false, offers: [stable, security] },
            { version: '1', isInstalled: true, offers: [status] },
          ],
        },
        { label: 'x:i386', versions: [{ version: '1:2~rc1+b1', isInstalled: false, offers: [stable] }] },
      ],
    });
  });

  it('refuses what it does not know, and what stops halfway', () => {
    const whole = block('a', '1', '2', ['2', false, stable], ['1', true, status]);
    for (const spoilt of [
      whole.replace('Installed', 'Installiert'),
      whole.replace('Version table', 'Versionstabelle'),
      whole.replace('     2 500', '     2 500 (gestuft 20%)'),
      whole.replace('  Candidate', '  Package pin: 2\n  Candidate'),
      whole.replace('     2 500\n', ''),
      `N: something\n${whole}`,
      `${whole}b:\n  Installed: 1\n`,
    ])
      assert.equal(parsePolicy(spoilt).ok, false, spoilt);
    assert.deepEqual(parsePolicy(''), { ok: false, reason: 'empty-output' });
  });
});

describe('what apt would upgrade, by its policy', () => {
  it('is each candidate above what is installed, with every suite that offers it', () => {
    const text =
      block('up', '1', '2', ['2', false, stable, security], ['1', true, status]) +
      block('same', '1', '1', ['1', true, stable, status]) +
      block('newer', '3', '3', ['3', true, status], ['2', false, stable]) +
      block('never', '1', '1', ['2', false, security], ['1', true, status]) +
      block('none', '1', '(none)', ['1', true, status]) +
      block('down', '3', '2', ['3', true, status], ['2', false, stable]);
    assert.deepEqual(found(dpkg('up', 'same', 'newer 3', 'never', 'none', 'down 3', 'away 1 amd64 rc'), text), [
      'up:amd64 2 oldstable,oldstable-security',
    ]);
  });

  it('keeps architectures apart: the own one is not named', () => {
    const text =
      block('lib', '1', '1', ['1', true, status]) +
      block('lib:i386', '1', '2', ['2', false, security], ['1', true, status]) +
      block('doc', '1', '2', ['2', false, stable], ['1', true, status]);
    assert.deepEqual(found(dpkg('lib:amd64', 'lib:i386 1 i386', 'doc 1 all'), text), [
      'lib:i386 2 oldstable-security',
      'doc:all 2 oldstable',
    ]);
    // Asked for the foreign one, answered for the own one, which is not there.
    const other = block('wine', '(none)', '2', ['2', false, stable]);
    assert.equal(found(dpkg('wine:i386 1 i386'), other), 'unexpected-output wine');
  });

  it('is not told where a package has no answer, two, or one of another version', () => {
    const one = block('a', '1', '1', ['1', true, status]);
    assert.equal(found(dpkg('a', 'b'), one), 'unexpected-output ');
    assert.equal(found(dpkg('a', 'b'), one + one), 'unexpected-output ');
    assert.equal(found(dpkg('a', 'b'), one + block('c', '1', '1', ['1', true, status])), 'unexpected-output b');
    assert.equal(found(dpkg('a 2'), one), 'unexpected-output a');
  });

  it('is not told where one version was built twice and may be the candidate', () => {
    const twice = block('a', '1', '2', ['2', false, stable], ['2', false, security], ['1', true, status]);
    assert.equal(found(dpkg('a'), twice), 'candidate-unclear a');
    const above = block('a', '1', '1', ['1', false, security], ['1', true, status]);
    assert.equal(found(dpkg('a'), above), 'candidate-unclear a');
    assert.deepEqual(found(dpkg('a'), block('a', '1', '1', ['1', true, status], ['1', false, stable])), []);
    assert.equal(found(dpkg('a'), block('a', '1', '2', ['1', true, status])), 'candidate-unclear a');
  });

  it('finds the release file of each archive by its address, and tells nothing of one that it cannot find', () => {
    const named = (offer: string, name: string): unknown =>
      found(dpkg('a'), block('a', '1', '2', ['2', false, offer], ['1', true, status]), [archive(name, 'S')]);
    for (const [offer, name] of [
      ['https://h:8080/core:/v1 ./ Packages', 'h:8080_core:_v1_.'],
      ['https://h/apt  Packages', 'h_apt'],
      ['https://h flat/ Packages', 'h_flat'],
      ['file:/srv/repo stable/updates/main amd64 Packages', '_srv_repo_dists_stable_updates'],
      ['tor+http://h/debian/ sid/contrib all Packages', 'h_debian_dists_sid'],
    ] as const)
      assert.deepEqual(named(offer, name), ['a:amd64 2 S'], offer);
    for (const [offer, name] of [
      [stable, 'deb.debian.org_debian_dists_bookworm-security'],
      ['https://u@h/x stable/main amd64 Packages', 'h_x_dists_stable'],
      ['https://h/a_b stable/main amd64 Packages', 'h_a_b_dists_stable'],
      ['file:/srv/repo stable/main amd64 Packages', 'srv_repo_dists_stable'],
      ['mirror+file:/etc/mirrors stable/main amd64 Packages', '_etc_mirrors_dists_stable'],
    ] as const)
      assert.equal(named(offer, name), 'unknown-archive a', offer);
    assert.equal(
      found(dpkg('a'), block('a', '1', '2', ['2', false, status], ['1', true, status])),
      'unknown-archive a',
    );
    const nameless = block('a', '1', '2', ['2', false, 'http://h x/main amd64 Packages'], ['1', true, status]);
    assert.deepEqual(found(dpkg('a'), nameless, [archive('h_dists_x')]), ['a:amd64 2 unknown']);
  });
});

describe('policyArguments', () => {
  const index = 'deb.debian.org_debian_dists_bookworm_main_binary-amd64_Packages';

  it('are the packages that are there, each with its architecture', () => {
    const installed = dpkg('bash', 'libc6:i386 1 i386', 'doc 1 all', 'away 1 amd64 rc', 'half 1 amd64 iF');
    const expected = ['bash:amd64', 'libc6:i386', 'doc:all', 'half:amd64'];
    assert.deepEqual(policyArguments(installed, [index, `${index}.lz4`, 'x_i18n_Translation-de%5fDE']), expected);
  });

  it('are none where apt could overlook a list by its ending, or would have to look too often', () => {
    for (const ending of ['.gz', '.xz', '.zst', '.bz2'])
      assert.equal(policyArguments(dpkg('bash'), [index, `${index}${ending}`]), undefined, ending);
    assert.equal(policyArguments(dpkg('bash'), ['x_i18n_Translation-en.gz']), undefined);
    assert.equal(policyArguments(dpkg('bash'), []), undefined);
    const many = dpkg(...Array.from({ length: 1000 }, (_, at) => `p${at}`));
    assert.ok(
      policyArguments(
        many,
        Array.from({ length: 12 }, () => index),
      ) !== undefined,
    );
    assert.equal(
      policyArguments(
        many,
        Array.from({ length: 13 }, () => index),
      ),
      undefined,
    );
    const long = dpkg(...Array.from({ length: 1000 }, (_, at) => `${'p'.repeat(100)}${at}`));
    assert.equal(policyArguments(long, [index]), undefined);
  });

  it('are none where a name is none that is handed on', () => {
    assert.equal(policyArguments(dpkg('Bash'), [index]), undefined);
    assert.equal(policyArguments(dpkg('-o'), [index]), undefined);
    assert.equal(policyArguments(dpkg('a', 'a'), [index]), undefined);
  });
});

describe('asInstalled', () => {
  const update = { name: 'a', installedVersion: '1', candidateVersion: '2', suites: [] };

  it('gives an update the architecture of the one package that it is for', () => {
    const architecture = (of: string, ...installed: readonly string[]): string | undefined =>
      asInstalled([{ ...update, architecture: of }], dpkg(...installed))[0]?.architecture;
    assert.equal(architecture('amd64', 'a 1 all', 'b'), 'all');
    assert.equal(architecture('amd64', 'a 1 amd64', 'a 1 i386'), 'amd64');
    assert.equal(architecture('amd64', 'a 1 all rc', 'b'), 'amd64');
  });
});
