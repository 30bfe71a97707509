import assert from 'node:assert/strict';
import { isSourcesFile, parseSources } from '../../../collectors/updates/apt-sources.ts';
import type { Repository } from '../../../schemas/generated/types.ts';

function lines(text: string): Repository[] {
  const result = parseSources(text, '/etc/apt/sources.list');
  assert.ok(result.ok, JSON.stringify(result));
  return result.value;
}

function stanzas(text: string): Repository[] {
  const result = parseSources(text, '/etc/apt/sources.list.d/x.sources');
  assert.ok(result.ok, JSON.stringify(result));
  return result.value;
}

describe('parseSources of the one-line format', () => {
  it('reads options, comments and flat archives', () => {
    assert.deepEqual(
      lines(`# deb http://not.this/one stable main
deb-src\thttp://deb.debian.org/debian  bookworm main contrib # and so on

deb [ arch=amd64,i386 signed-by=/a.gpg,/b.gpg ] file:/srv/flat ./
`),
      [
        {
          definedIn: '/etc/apt/sources.list',
          line: 2,
          types: ['deb-src'],
          uris: ['http://deb.debian.org/debian'],
          suites: ['bookworm'],
          components: ['main', 'contrib'],
          enabled: true,
          signaturePolicy: 'default',
        },
        {
          definedIn: '/etc/apt/sources.list',
          line: 4,
          types: ['deb'],
          uris: ['file:/srv/flat'],
          suites: ['./'],
          components: [],
          enabled: true,
          signaturePolicy: 'pinned',
          signedBy: '/a.gpg /b.gpg',
        },
      ],
    );
  });

  it('keeps a CD’s name together', () => {
    const [cd] = lines('deb cdrom:[Debian GNU/Linux 12.0.0 _Bookworm_ - Official amd64 NETINST]/ bookworm main\n');
    assert.deepEqual(cd?.suites, ['bookworm']);
  });

  it('names the weakest signature rule, even beside Signed-By', () => {
    const policies = lines(`deb [trusted=yes signed-by=/a.gpg] http://x/ a b
deb [allow-insecure=yes] http://x/ a b
deb [allow-downgrade-to-insecure=yes signed-by=/a.gpg] http://x/ a b
deb [TRUSTED=no] http://x/ a b
`).map(({ signaturePolicy }) => signaturePolicy);
    assert.deepEqual(policies, ['trusted', 'insecure-allowed', 'insecure-allowed', 'default']);
  });

  it('leaves out passwords and tokens, wherever an address carries them', () => {
    const uris = lines(`deb https://reader:elmgrove@packages.example.org/deb a b
deb https://onlyuser@packages.example.org/deb a b
deb https://packages.example.org/deb?token=elmgrove a b
deb https://dl.example.org/Ab1Cd2Ef3Gh4Ij5K/team/deb a b
deb http://snapshot.debian.org/archive/debian/20250520T000000Z a b
`).flatMap((repository) => repository.uris);
    assert.deepEqual(uris, [
      'https://packages.example.org/deb',
      'https://packages.example.org/deb',
      'https://packages.example.org/deb',
      'https://dl.example.org/[token]/team/deb',
      'http://snapshot.debian.org/archive/debian/20250520T000000Z',
    ]);
  });

  it('refuses a file that apt refuses, by its line and without its words', () => {
    for (const text of ['deb http://x/\n', 'rpm http://x/ a b\n', 'deb [arch=amd64 http://secret@x/ a b\n']) {
      assert.deepEqual(parseSources(`\n${text}`, '/etc/apt/sources.list'), {
        ok: false,
        reason: 'malformed-source-entry',
        detail: '/etc/apt/sources.list line 2',
      });
    }
  });
});

describe('parseSources of the deb822 format', () => {
  it('reads several stanzas with comments, continued lines and fields in any case', () => {
    const found = stanzas(`# first
Types: deb deb-src
# between
URIs: http://deb.debian.org/debian
 http://mirror.example.org/debian
SUITES: bookworm
  bookworm-updates
Components: main
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg

Enabled: no
Types: deb
URIs: http://example.org/
Suites: x/
`);
    assert.deepEqual(found, [
      {
        definedIn: '/etc/apt/sources.list.d/x.sources',
        line: 2,
        types: ['deb', 'deb-src'],
        uris: ['http://deb.debian.org/debian', 'http://mirror.example.org/debian'],
        suites: ['bookworm', 'bookworm-updates'],
        components: ['main'],
        enabled: true,
        signaturePolicy: 'pinned',
        signedBy: '/usr/share/keyrings/debian-archive-keyring.gpg',
      },
      {
        definedIn: '/etc/apt/sources.list.d/x.sources',
        line: 11,
        types: ['deb'],
        uris: ['http://example.org/'],
        suites: ['x/'],
        components: [],
        enabled: false,
        signaturePolicy: 'default',
      },
    ]);
  });

  it('names an embedded key without its bytes', () => {
    const [only] = stanzas(`Types: deb
URIs: https://example.org/
Suites: stable
Components: main
Signed-By:
 -----BEGIN PGP PUBLIC KEY BLOCK-----
 .
 mDMEYCQjIxYJKwYBBAHaRw8BAQdAD/P5Nvvnvk66SxBBHDbhRml9ORg1WV5CvzKY
 =abcd
 -----END PGP PUBLIC KEY BLOCK-----
`);
    assert.equal(only?.signedBy, 'embedded');
    assert.equal(only.signaturePolicy, 'pinned');
  });

  it('sees Trusted and Allow-Insecure', () => {
    const stanza = 'Types: deb\nURIs: https://example.org/\nSuites: stable\nComponents: main\n';
    assert.equal(stanzas(`${stanza}Trusted: yes\n`)[0]?.signaturePolicy, 'trusted');
    assert.equal(stanzas(`${stanza}Allow-Insecure: true\n`)[0]?.signaturePolicy, 'insecure-allowed');
  });

  it('refuses a stanza without an address unless it is switched off', () => {
    assert.equal(parseSources('Types: deb\nSuites: a\n', 'x.sources').ok, false);
    assert.deepEqual(stanzas('Types: deb\nEnabled: no\n')[0]?.enabled, false);
  });

  it('keeps a field that is not UTF-8 as well-formed text', () => {
    const [only] = stanzas('Types: deb\nURIs: https://ex\udce4mple.org/\nSuites: a\nComponents: b\n');
    assert.ok(only?.uris[0]?.isWellFormed());
  });
});

describe('isSourcesFile', () => {
  it('knows the names that apt reads', () => {
    assert.deepEqual(
      ['debian.sources', 'a.list', 'a.list.save', 'a.list.disabled', 'b c.list', '.list', 'README'].map(isSourcesFile),
      [true, true, false, false, false, false, false],
    );
  });
});
