/** Samples of formats that no recorded machine here has, typed by hand. */

export const dnf5Info = JSON.stringify({
  'FEDORA-2026-1': {
    Name: 'FEDORA-2026-1',
    Severity: 'Critical',
    Type: 'security',
    Issued: '2026-10-02 03:04:05',
    references: [{ Title: 'CVE-2026-0001', Id: '0001', Type: 'cve', Url: 'https://example.org' }],
    collections: { packages: ['beta-3:2.0-2.fc43.noarch'] },
  },
});
export const dnf5List = JSON.stringify([
  {
    name: 'FEDORA-2026-1',
    type: 'security',
    severity: 'Critical',
    nevra: 'beta-3:2.0-2.fc43.noarch',
    buildtime: 1790000000,
  },
]);
export const dnf5History = JSON.stringify([
  {
    id: 7,
    start_time: 1790926160,
    status: 'Ok',
    description: 'dnf -y upgrade grub2',
    packages: [
      { nevra: 'grub2-1:2.12-66.fc44.noarch', action: 'Upgrade' },
      { nevra: 'grub2-1:2.12-64.fc44.noarch', action: 'Replaced' },
    ],
  },
]);
export const livepatch = `client-version: 10.8.3
last-check: 2026-11-08T17:41:06Z
status:
- kernel: 5.15.0-101.111-generic
  running: true
  livepatch:
    checkState: checked
    patchState: applied
    version: "103.1"
    fixes: |-
      * CVE-2026-1000
`;
export const proUpdates = JSON.stringify({
  result: 'success',
  data: {
    attributes: {
      updates: [
        {
          package: 'jq',
          version: '1.6-2ubuntu0.1+esm1',
          origin: 'esm.ubuntu.com',
          provided_by: 'esm-apps',
          status: 'pending_attach',
        },
      ],
    },
  },
});
export const ostree = JSON.stringify({
  deployments: [
    {
      checksum: 'b'.repeat(64),
      staged: true,
      booted: false,
      version: '42.2',
      timestamp: 1790000000,
      origin: 'fedora:x',
    },
    { checksum: 'a'.repeat(64), booted: true, version: '42.1', 'requested-packages': ['tmux'] },
  ],
});
export const bootc = JSON.stringify({
  apiVersion: 'org.containers.bootc/v1',
  status: {
    booted: {
      image: {
        image: { image: 'quay.io/example/os:1', transport: 'registry' },
        version: '1',
        timestamp: '2026-10-01T00:00:00Z',
        imageDigest: 'sha256:aa',
      },
    },
    staged: null,
    rollback: null,
  },
});
export const snapper = JSON.stringify({
  root: [
    { number: 1, default: false, active: true },
    { number: 2, default: true, active: false },
  ],
});
export const policy = `jq:
  Installed: 1.6-2
  Candidate: 1.6-2ubuntu1
  Version table:
     1.6-2ubuntu1 500 (phased 20%)
        500 http://archive.ubuntu.com/ubuntu noble-updates/main amd64 Packages
 *** 1.6-2 100
        100 /var/lib/dpkg/status
`;
export const needs =
  'Core libraries or services have been updated since boot-up:\n  * glibc\n\nReboot is required to fully utilize these updates.\n';

export const advisoryText = `Name        : FEDORA-2026-1
Title       : beta
Severity    : Critical
Type        : security
Issued      : 2026-10-02 03:04:05
Description : one
            : two
Reference   : 
  Title     : CVE-2026-0001
  Id        : 0001
  Type      : cve
Collection  : 
  Packages  : beta-3:2.0-2.fc43.noarch
            : beta-libs-3:2.0-2.fc43.noarch

`;
export const needrestart =
  'NEEDRESTART-VER: 3.6\nNEEDRESTART-KCUR: 6.1.0-40-amd64\nNEEDRESTART-KEXP: 6.1.0-42-amd64\nNEEDRESTART-KSTA: 3\nNEEDRESTART-UCSTA: 1\n';

export const aptSimulation = `Reading package lists...
The following packages will be upgraded:
  apt base-files
Inst base-files [12.4] (12.4+deb12u11 Debian:12.11/oldstable, Debian-Security:12/oldstable-security [amd64])
Inst libnew (1.0-1 Debian:12.11/oldstable [all])
Inst google-cloud-cli [1-0] (2-0 cloud-sdk:cloud-sdk-bookworm [all]) []
Inst apt [2.6.1] (2.6.3 Debian:12.11/oldstable [amd64]) [libapt-pkg6.0:amd64 ]
Conf base-files (12.4+deb12u11 Debian:12.11/oldstable [amd64])
`;
export const dpkgStatus = `Package: bash
Essential: yes
Status: install ok installed
Architecture: amd64
Version: 5.2.15-2+b8
Source: bash (5.2.15-2)
Description: GNU Bourne Again SHell
 Bash is a shell.
 .
 More.

Package: vim
Status: deinstall ok config-files
Architecture: amd64

Package: broken
Status: install reinstreq half-configured
Architecture: all
Version: 1

Package: libc6
Status: hold ok installed
Architecture: amd64
Source: glibc
Version: 2.36-9
`;
export const zypperUpdateTable = `Loading repository data...
Reading installed packages...
S  | Repository          | Name     | Current Version | Available Version | Arch
---+---------------------+----------+-----------------+-------------------+-------
v  | SLE-Updates for x86 | iproute2 | 5.14-1.8        | 6.4-7.3.1         | x86_64
v | Clone | ConsoleKit | 0.2.10-64.65.1 | 0.2.10-64.69.1 | x86_64
`;
export const zypperPatchTable = `
Repository | Name      | Category    | Severity  | Interactive    | Status     | Summary
-----------+-----------+-------------+-----------+----------------+------------+------------------------
Updates    | SUSE-1    | security    | important | reboot,message | needed     | Security update for a | b
Updates    | SUSE-2    | recommended | moderate  | restart        | needed     | Security update for b
Updates    | SUSE-3    | security    | critical  | ---            | not needed | Security update for c

2 patches needed (1 security patch)
`;

export const aptPreferences = `# Of the practice.
Explanation: certified up to here
 by the vendor
Package: postgresql-15 src:libpq
Pin: version 15.3*
Pin-Priority: 1001

Package: *
Pin: release a=bookworm-backports
Pin-Priority: 50
`;
