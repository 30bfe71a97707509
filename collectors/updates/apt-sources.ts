/**
 * Where apt is told to take packages from (sources.list(5)), in both formats:
 *
 *     deb [arch=amd64 signed-by=/etc/apt/keyrings/x.gpg] https://packages.example.org/deb bookworm main
 *
 *     Types: deb
 *     URIs: http://deb.debian.org/debian
 *     Suites: bookworm bookworm-updates
 *     Components: main
 *     Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg
 */
import type { Repository } from '../../schemas/generated/types.ts';
import { type Parsed, parsed, unparsed } from '../fact.ts';
import { fieldText, publicUri } from './field-text.ts';

/** apt reads only files of such a name; others it passes over. */
export function isSourcesFile(name: string): boolean {
  return /^[A-Za-z0-9_.-]+\.(?:list|sources)$/.test(name);
}

/** Reads a file by the format that its name says. Fails with `malformed-source-entry`, as apt itself refuses the file. */
export function parseSources(text: string, path: string): Parsed<Repository[]> {
  return path.endsWith('.sources') ? parseStanzas(text, path) : parseLines(text, path);
}

function parseLines(text: string, path: string): Parsed<Repository[]> {
  const repositories: Repository[] = [];
  for (const [index, line] of text.split('\n').entries()) {
    const [type, ...words] = wordsOf(line);
    if (type === undefined) continue;
    if (words.some((word) => word.startsWith('[') && !word.endsWith(']'))) return malformed(path, index + 1);
    const options = words[0]?.startsWith('[') === true ? optionsOf(words.shift() ?? '') : new Map<string, string>();
    const [uri, suite, ...components] = words;
    const types = typesOf([type]);
    if (uri === undefined || suite === undefined || types === undefined) return malformed(path, index + 1);
    repositories.push(
      repository(path, index + 1, { types, uris: [uri], suites: [suite], components, enabled: true }, options),
    );
  }
  return parsed(repositories);
}

/** Words as apt splits them: blanks inside […] belong to a word (`cdrom:[Debian 12]/`), # begins a comment outside. */
function wordsOf(line: string): string[] {
  return [...line.matchAll(/#.*$|(?:\[[^\]]*\]|[^\s#])+/g)]
    .map(([word]) => word)
    .filter((word) => !word.startsWith('#'));
}

function optionsOf(bracketed: string): Map<string, string> {
  const pairs = bracketed.slice(1, -1).split(/\s+/).filter(Boolean);
  return new Map(
    pairs.map((pair) => {
      const [, name = '', value = ''] = /^([^=]*?)[+-]?=(.*)$/.exec(pair) ?? [];
      return [name.toLowerCase(), value.replaceAll(',', ' ')];
    }),
  );
}

function parseStanzas(text: string, path: string): Parsed<Repository[]> {
  const repositories: Repository[] = [];
  for (const { line, fields } of stanzasOf(text)) {
    const types = typesOf(listOf(fields, 'types'));
    const uris = listOf(fields, 'uris');
    const suites = listOf(fields, 'suites');
    const enabled = !/^(?:no|false|without|off|disable|0)$/i.test(fields.get('enabled') ?? '');
    if (enabled && (types === undefined || types.length === 0 || uris.length === 0 || suites.length === 0)) {
      return malformed(path, line);
    }
    const components = listOf(fields, 'components');
    repositories.push(repository(path, line, { types: types ?? [], uris, suites, components, enabled }, fields));
  }
  return parsed(repositories);
}

type Stanza = { readonly line: number; readonly fields: Map<string, string> };

/** Stanzas of deb822(5): a line that begins with # is a comment wherever it stands, one that begins with a blank continues a field. */
function stanzasOf(text: string): Stanza[] {
  const stanzas: { line: number; fields: Map<string, string[]> }[] = [];
  let open: (typeof stanzas)[number] | undefined;
  let field = '';
  for (const [index, line] of text.split('\n').entries()) {
    if (line.startsWith('#')) continue;
    if (line.trim() === '') {
      open = undefined;
      continue;
    }
    if (open === undefined) {
      open = { line: index + 1, fields: new Map() };
      stanzas.push(open);
    }
    const [, name, value = ''] = /^([^\s:]+)[ \t]*:(.*)$/.exec(line) ?? [];
    if (name !== undefined) field = name.toLowerCase();
    const known = name === undefined ? open.fields.get(field) : undefined;
    if (known === undefined) open.fields.set(field, [name === undefined ? line : value]);
    else known.push(line);
  }
  return stanzas.map(({ line, fields }) => ({
    line,
    fields: new Map([...fields].map(([name, lines]) => [name, lines.join('\n').trim()])),
  }));
}

function listOf(fields: ReadonlyMap<string, string>, name: string): string[] {
  return (fields.get(name) ?? '').split(/\s+/).filter(Boolean);
}

function typesOf(words: readonly string[]): Repository['types'] | undefined {
  const types = words.filter((word) => word === 'deb' || word === 'deb-src');
  return types.length === words.length ? types : undefined;
}

type Place = Pick<Repository, 'types' | 'uris' | 'suites' | 'components' | 'enabled'>;

function repository(path: string, line: number, place: Place, options: ReadonlyMap<string, string>): Repository {
  const signedBy = options.get('signed-by');
  return {
    definedIn: fieldText(path, 1024),
    line,
    types: place.types.slice(0, 8),
    uris: place.uris.slice(0, 64).map((uri) => fieldText(publicUri(uri), 2048)),
    suites: place.suites.slice(0, 64).map((suite) => fieldText(suite, 256)),
    components: place.components.slice(0, 64).map((component) => fieldText(component, 256)),
    enabled: place.enabled,
    signaturePolicy: policyOf(options),
    ...(signedBy === undefined || signedBy === '' ? {} : { signedBy: signerOf(signedBy) }),
  };
}

/** The weakest rule that applies: an archive that is trusted blindly gains nothing from Signed-By. */
function policyOf(options: ReadonlyMap<string, string>): Repository['signaturePolicy'] {
  if (isYes(options.get('trusted'))) return 'trusted';
  if (isYes(options.get('allow-insecure')) || isYes(options.get('allow-downgrade-to-insecure')))
    return 'insecure-allowed';
  return (options.get('signed-by') ?? '') === '' ? 'default' : 'pinned';
}

function isYes(value: string | undefined): boolean {
  return /^(?:yes|true|with|on|enable|1)$/i.test(value ?? '');
}

function signerOf(signedBy: string): string {
  return signedBy.includes('-----BEGIN') ? 'embedded' : fieldText(signedBy.replace(/\s+/g, ' '), 1024);
}

function malformed(path: string, line: number): Parsed<never> {
  return unparsed('malformed-source-entry', `${path} line ${line}`);
}
