/** What is run to ask dpkg, apt and what stands around them; part of the one list in commands.ts. */
import type { CommandSpec } from './commands.ts';

const mib = 1024 * 1024;

export const aptCommands = {
  'dpkg-query': {
    programs: ['/usr/bin/dpkg-query'],
    args: [
      '-W',
      '-f=${binary:Package}\\t${Version}\\t${Architecture}\\t${source:Package}\\t${source:Version}\\t${db:Status-Abbrev}\\t${db-fsys:Last-Modified}\\n',
    ],
    privilege: 'user',
    reason: 'installed packages, held and half-installed ones (dpkg-query(1))',
    maxBytes: 32 * mib,
    timeoutMs: 30_000,
  },
  'apt-list-upgradable': {
    programs: ['/usr/bin/apt'],
    // Without a place for its caches apt writes none, even as root.
    args: ['list', '--upgradable', '-o', 'Dir::Cache::pkgcache=', '-o', 'Dir::Cache::srcpkgcache='],
    privilege: 'user',
    reason: "apt's own answer to what it would upgrade, without its slower solver (apt(8))",
    maxBytes: 16 * mib,
    timeoutMs: 60_000,
  },
  'apt-list-upgradable-cached': {
    programs: ['/usr/bin/apt'],
    // Only asked where its cache is newer than all that it is made from; apt then reads it and writes nothing.
    args: ['list', '--upgradable', '-o', 'Dir::Cache::pkgcache=pkgcache.bin', '-o', 'Dir::Cache::srcpkgcache='],
    privilege: 'user',
    reason: "the same from apt's own cache, where that is newer than its lists: a third of the work (apt.conf(5))",
    maxBytes: 16 * mib,
    timeoutMs: 60_000,
  },
  'apt-cache-policy-installed': {
    programs: ['/usr/bin/apt-cache'],
    // Only asked where its cache is newer than all that it is made from, as above. For each offer apt looks whether a
    // list is there under the ending of each kind of compression: those that no list has are taken from it.
    args: [
      'policy',
      '-o',
      'Dir::Cache::pkgcache=pkgcache.bin',
      '-o',
      'Dir::Cache::srcpkgcache=',
      ...['xz', 'bz2', 'lzma', 'gz', 'zst'].flatMap((ending) => ['-o', `Acquire::CompressionTypes::${ending}=-`]),
    ],
    shortArgs: 'policy -o Dir::Cache::pkgcache=pkgcache.bin',
    rest: /[a-z0-9][a-z0-9.+-]{0,127}:[a-z0-9-]{1,32}/,
    shortRest: true,
    privilege: 'user',
    reason: "which version of each installed package apt would take, from its own cache: a fourth of its list's work",
    maxBytes: 32 * mib,
    timeoutMs: 60_000,
  },
  'apt-get-simulate': {
    programs: ['/usr/bin/apt-get'],
    // -s with Debug::NoLocking takes no lock; held and phased updates are named like the others.
    args: [
      '-s',
      '-o',
      'Debug::NoLocking=true',
      '-o',
      'APT::Get::Always-Include-Phased-Updates=true',
      '-o',
      'Dir::Cache::pkgcache=',
      '-o',
      'Dir::Cache::srcpkgcache=',
      '--ignore-hold',
      'dist-upgrade',
    ],
    privilege: 'user',
    reason: 'the same, simulated by its solver, only where the list cannot be had (apt-get(8))',
    maxBytes: 16 * mib,
    timeoutMs: 60_000,
  },
  'apt-config-dump': {
    programs: ['/usr/bin/apt-config'],
    args: ['dump'],
    privilege: 'user',
    reason: 'settings of automatic updates (apt-config(8))',
    maxBytes: 4 * mib,
    timeoutMs: 15_000,
  },
  'apt-history-rotated': {
    programs: ['/usr/bin/gzip', '/bin/gzip'],
    args: ['-dc'],
    rest: /\/var\/log\/apt\/history\.log\.\d{1,3}\.gz/,
    privilege: 'user',
    reason: "apt's older logs, which logrotate compresses (gzip(1))",
    maxBytes: 8 * mib,
    timeoutMs: 15_000,
  },
  'dpkg-architecture': {
    programs: ['/usr/bin/dpkg'],
    args: ['--print-architecture'],
    privilege: 'user',
    reason: 'the native architecture of packages (dpkg(1))',
    timeoutMs: 10_000,
  },
  'apt-cache-policy': {
    programs: ['/usr/bin/apt-cache'],
    args: ['policy', '-o', 'Dir::Cache::pkgcache=', '-o', 'Dir::Cache::srcpkgcache='],
    rest: /[a-z0-9][a-z0-9.+-]{0,127}(?::[a-z0-9-]{1,32})?/,
    privilege: 'user',
    reason: 'which updates Ubuntu phases in (apt-cache(8))',
    maxBytes: 4 * mib,
    timeoutMs: 60_000,
  },
  'needrestart-kernel': {
    programs: ['/usr/sbin/needrestart'],
    // Kernel and microcode only, and only listed: it restarts nothing.
    args: ['-b', '-k', '-w', '-r', 'l'],
    privilege: 'root',
    reason: 'whether a newer kernel waits for a restart, where nothing else would ask for one (needrestart(1))',
    timeoutMs: 30_000,
  },
  'pro-updates': {
    programs: ['/usr/bin/pro', '/usr/bin/ua'],
    args: ['api', 'u.pro.packages.updates.v1'],
    privilege: 'user',
    reason: 'updates that only Ubuntu Pro gives (pro(1))',
    maxBytes: 8 * mib,
    timeoutMs: 60_000,
  },
} as const satisfies Record<string, CommandSpec>;
