/** Two replayed Debian servers, alike but for their size: what 5,000 packages and 500 accounts cost beside 700 and 25. */
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { compare, type Measured } from './measure.ts';

type Index = {
  files: Record<string, { text?: string; file?: string }>;
  commands: { argv: string[]; stdout?: string; stdoutFile?: string; outcome?: string }[];
};

const small = { packages: 700, updates: 100, accounts: 25 } as const;
const big = { packages: 5000, updates: 700, accounts: 500 } as const;

/** Whole collections of both, printing included, taking turns. */
export function bigHost(
  folder: string,
  affiant: readonly string[],
  rounds: number,
): { readonly small: Measured; readonly big: Measured } {
  const run = (name: string, size: typeof small | typeof big): readonly string[] => [
    ...affiant,
    'collect',
    '--host',
    `replay:${made(join(folder, name), size)}`,
    '--state',
    join(folder, 'state'),
  ];
  const results = compare({ small: run('small', small), big: run('big', big) }, rounds);
  const { small: first, big: second } = results;
  if (first === undefined || second === undefined) throw new Error('a replayed server was not measured');
  return { small: first, big: second };
}

/** The recorded Debian server of the tests, with as many packages, updates and accounts as asked for. */
function made(folder: string, { packages, updates, accounts }: typeof small | typeof big): string {
  cpSync(join(import.meta.dirname, '../test/fixtures/machines/debian-12'), folder, { recursive: true });
  const path = join(folder, 'host.json');
  const index = JSON.parse(readFileSync(path, 'utf8')) as Index & { strict: boolean };
  index.strict = false;
  const names = Array.from({ length: packages }, (_unused, at) => `library-of-the-bench-${at}`);
  const output = (word: string, text: string): void => {
    const command = index.commands.find(({ argv }) => argv.join(' ').startsWith(word));
    if (command === undefined) throw new Error(`the recording has no command ${word}`);
    delete command.stdoutFile;
    command.stdout = text;
  };
  output(
    'dpkg-query',
    names.map((name, at) => `${name}\t1.${at}-1\tamd64\t${name}\t1.${at}-1\tii \t${1_790_000_000 + at}\n`).join(''),
  );
  output(
    'apt list',
    `Listing...\n${names
      .slice(0, updates)
      .map((name, at) => `${name}/oldstable-security 2.${at}-1+deb12u${at} amd64 [upgradable from: 1.${at}-1]\n`)
      .join('')}`,
  );
  const people = Array.from({ length: accounts }, (_unused, at) => `person${at}`);
  index.files['/etc/passwd'] = {
    text: `root:x:0:0:root:/root:/bin/bash\n${people.map((name, at) => `${name}:x:${1000 + at}:${1000 + at}:Person ${at}:/home/${name}:/bin/bash\n`).join('')}`,
  };
  index.files['/etc/shadow'] = {
    text: `root:*:20000:0:99999:7:::\n${people.map((name) => `${name}:!:20000:0:99999:7:::\n`).join('')}`,
  };
  // A tenth of them administrators, as on a server that many share.
  const admins = people.filter((_name, at) => at % 10 === 0);
  index.files['/etc/group'] = {
    text: `root:x:0:\nsudo:x:27:${admins.join(',')}\nshadow:x:42:\n${people.map((name, at) => `${name}:x:${1000 + at}:\n`).join('')}`,
  };
  writeFileSync(path, JSON.stringify(index));
  return folder;
}
