/** A small Debian server in memory that answers everything; each test changes one thing. */
import assert from 'node:assert/strict';
import type { Drafts } from '../../../collectors/collector.ts';
import { updates } from '../../../collectors/updates/index.ts';
import type { UpdatesDocument } from '../../../schemas/generated/types.ts';
import { packages as isPackages, updates as isUpdates } from '../../../schemas/generated/validators.js';
import { digests } from '../each-source-denied.ts';
import { type FakeMachine, fakeHost } from '../fake-host.ts';

export const lists = '/var/lib/apt/lists';
const blind = 'q8Yc0Jt0y2zq2v3cKJm2nX1cJH0m3yJ0b8s4W0sJ5fA';
const now = 1_763_620_000;

export function pkg(name: string, abbreviation = 'ii ', version = '1.0-1', changed: number | '' = now): string {
  return `${name}\t${version}\tamd64\t${name}\t${version}\t${abbreviation}\t${changed}\n`;
}

export function release(suite: string, label = 'Debian'): string {
  return `Origin: Debian\nLabel: ${label}\nSuite: ${suite}\nDate: Fri, 20 Nov 2026 02:15:09 UTC\nSHA256:\n`;
}

export const debian = {
  restIsAbsent: true,
  files: {
    '/etc/os-release': 'ID=debian\n',
    [`${lists}/main_Release`]: release('stable'),
    [`${lists}/security_Release`]: release('stable-security', 'Debian-Security'),
    '/var/log/apt/history.log':
      'Start-Date: 2025-11-20  07:00:00\nUpgrade: bash:amd64 (1, 2)\nEnd-Date: 2025-11-20  08:00:00\n',
    '/etc/apt/sources.list': 'deb http://deb.debian.org/debian bookworm main\n',
  },
  lists: {
    [lists]: ['main_Release', 'main_Release.gpg', 'security_Release', 'main_binary-amd64_Packages.lz4'],
    '/etc/apt/sources.list.d': [],
  },
  stats: {
    '/var/lib/dpkg/status': { size: 5 },
    [`${lists}/main_Release`]: { mtime: '2026-11-20T03:00:00.000Z' },
    [`${lists}/security_Release`]: { mtime: '2026-11-20T04:00:00Z' },
  },
  links: {
    '/etc/localtime': '/usr/share/zoneinfo/Europe/Berlin',
    // The first pid namespace: a whole machine (collectors/host/scope.ts).
    '/proc/self/ns/pid': 'pid:[4026531836]',
    '/proc/self/ns/mnt': 'mnt:[1]',
    '/proc/1/ns/mnt': 'mnt:[1]',
  },
  commands: {
    'dpkg-query': pkg('bash') + pkg('unattended-upgrades') + pkg('linux-image-6.1.0-40-amd64', 'ii ', '6.1.153-1'),
    'apt-list-upgradable': 'Listing...\nbash/stable 2.0-1 amd64 [upgradable from: 1.0-1]\n',
    'apt-config-dump': 'APT::Periodic::Update-Package-Lists "1";\nAPT::Periodic::Unattended-Upgrade "1";\n',
  },
} satisfies FakeMachine;

export async function collect(machine: FakeMachine): Promise<Required<Pick<Drafts, 'updates' | 'packages'>>> {
  const drafts = await updates.collect(fakeHost(machine), digests);
  assert.ok(drafts.updates !== undefined && drafts.packages !== undefined);
  assert.ok(isUpdates({ format: 'affiant-updates/1', blind, ...drafts.updates }), JSON.stringify(isUpdates.errors));
  assert.ok(isPackages({ format: 'affiant-packages/1', blind, ...drafts.packages }), JSON.stringify(isPackages.errors));
  return { updates: drafts.updates, packages: drafts.packages };
}

type FactName = Exclude<keyof UpdatesDocument, 'format' | 'blind'>;

/** A fact in short: its value, or status and reason. */
export async function fact(name: FactName, machine: FakeMachine): Promise<unknown> {
  const found = (await collect(machine)).updates[name];
  return found.status === 'observed' ? found.value : `${found.status} ${found.reason}`;
}

export function withFiles(files: NonNullable<FakeMachine['files']>): FakeMachine {
  return { ...debian, files: { ...debian.files, ...files } };
}
export function withCommands(commands: NonNullable<FakeMachine['commands']>): FakeMachine {
  return { ...debian, commands: { ...debian.commands, ...commands } };
}
export function withStats(stats: NonNullable<FakeMachine['stats']>): FakeMachine {
  return { ...debian, stats: { ...debian.stats, ...stats } };
}
export function withLists(changed: NonNullable<FakeMachine['lists']>): FakeMachine {
  return { ...debian, lists: { ...debian.lists, ...changed } };
}
export function withLinks(links: NonNullable<FakeMachine['links']>): FakeMachine {
  return { ...debian, links: { ...debian.links, ...links } };
}
