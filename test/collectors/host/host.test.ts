import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { host } from '../../../collectors/host/index.ts';
import { debianServer } from '../debian-server.ts';
import { checkEachSource, digests } from '../each-source-denied.ts';
import { type FakeMachine, fakeHost, miss } from '../fake-host.ts';
import { collect } from './collect-host.ts';

describe('host on Linux', () => {
  it('tells system, point release and code name', async () => {
    const { os } = await collect();
    assert.deepEqual(os, {
      status: 'observed',
      value: {
        family: 'linux',
        id: 'debian',
        versionId: '12',
        codename: 'bookworm',
        prettyName: 'Debian GNU/Linux 12 (bookworm)',
        pointRelease: '12.11',
      },
      sources: ['file:/etc/os-release', 'file:/etc/debian_version'],
    });
  });

  it('reads the second os-release only where the first is truly not there', async () => {
    const files = { '/usr/lib/os-release': 'ID=alpine\nVERSION_ID=3.22.1\n' };
    const absent = await collect({ files: { ...files, '/etc/os-release': miss('absent') } });
    assert.ok(absent.os.status === 'observed' && absent.os.value.id === 'alpine');
    const denied = await collect({ files: { ...files, '/etc/os-release': miss('denied') } });
    assert.equal(denied.os.status, 'denied');
  });

  it('does not take the Debian release of a derivative for its own', async () => {
    const { os } = await collect({
      files: { '/etc/os-release': 'ID=ubuntu\nID_LIKE=debian\n', '/etc/debian_version': 'bookworm/sid\n' },
    });
    assert.ok(os.status === 'observed');
    assert.deepEqual(os.value, { family: 'linux', id: 'ubuntu', idLike: ['debian'] });
  });

  it('gives the machine id derived only, and the same each time', async () => {
    const { machineId } = await collect();
    const key = Uint8Array.from({ length: 16 }, (_, at) => at);
    const expected = createHmac('sha256', key).update('affiant machine 1').digest('hex').slice(0, 32);
    assert.deepEqual(machineId, { status: 'observed', value: expected, sources: ['file:/etc/machine-id'] });
  });

  it('calls a machine id absent while the first boot has not set it, failed where it is none', async () => {
    for (const text of ['', 'uninitialized\n']) {
      const { machineId } = await collect({ files: { '/etc/machine-id': text } });
      assert.deepEqual(
        [machineId.status, machineId.status !== 'observed' && machineId.reason],
        ['absent', 'uninitialized'],
      );
    }
    const { machineId } = await collect({ files: { '/etc/machine-id': `${'0'.repeat(32)}\n` } });
    assert.equal(machineId.status, 'failed');
  });

  it('gives fingerprints as ssh-keygen -l prints them', async () => {
    const { sshHostKeys } = await collect();
    assert.ok(sshHostKeys.status === 'observed');
    // ssh-keygen -l on the key of the fixture.
    assert.deepEqual(sshHostKeys.value, [
      { type: 'ssh-ed25519', fingerprint: 'SHA256:ZkAslGjFiUHdGf/WUL8rQvkib4PTvQatUV0OUQSncCA' },
    ]);
  });

  it('gives all host keys or none', async () => {
    const lists = { '/etc/ssh': ['ssh_host_ed25519_key.pub', 'ssh_host_rsa_key.pub'] };
    const { sshHostKeys } = await collect({ lists, files: { '/etc/ssh/ssh_host_rsa_key.pub': miss('denied') } });
    assert.equal(sshHostKeys.status, 'denied');
    const { sshHostKeys: none } = await collect({ lists: { '/etc/ssh': ['ssh_config'] } });
    assert.ok(none.status === 'absent' && none.reason === 'no-host-keys');
  });

  it('knows a container by each of its marks', async () => {
    const marks: FakeMachine[] = [
      { stats: { '/.dockerenv': {} }, links: { '/proc/1/ns/mnt': miss('denied') } },
      { files: { '/run/systemd/container': 'lxc\n' } },
      { files: { '/proc/1/environ': 'container=podman\0HOME=/\0' } },
      { links: { '/proc/self/ns/pid': 'pid:[4026532567]' } },
      { links: { '/proc/self/ns/cgroup': 'cgroup:[4026532570]' } },
    ];
    for (const mark of marks) {
      const { scope } = await collect(mark);
      assert.ok(scope.status === 'observed' && scope.value.kind === 'container', JSON.stringify(mark));
      assert.equal(scope.value.markers.length, 1);
    }
  });

  it('keeps a marker file on a machine that shares its mounts with init as a differing answer', async () => {
    const { scope } = await collect({ stats: { '/.dockerenv': {} } });
    assert.ok(scope.status === 'observed');
    assert.deepEqual(scope.value, { kind: 'machine', markers: [] });
    assert.deepEqual(scope.answers?.[1], {
      source: 'stat:/.dockerenv',
      answer: { kind: 'container', markers: ['/.dockerenv'] },
    });
  });

  it('knows a virtual machine made from a container image by its own device, where init may not be looked at', async () => {
    const line = (root: string, source: string): string => `27 1 254:0 ${root} / rw,relatime - ext4 ${source} rw\n`;
    const kind = async (mountinfo: string): Promise<string | false> => {
      const { scope } = await collect({
        stats: { '/.dockerenv': {} },
        links: { '/proc/1/ns/mnt': miss('denied') },
        files: { '/proc/self/mountinfo': mountinfo, '/proc/1/environ': miss('denied') },
      });
      return scope.status === 'observed' && scope.value.kind;
    };
    assert.equal(await kind(line('/', '/dev/vda')), 'machine');
    assert.equal(await kind(line('/', 'overlay')), 'container');
    assert.equal(await kind(line('/docker/vfs/x', '/dev/vda')), 'container');
    assert.equal(await kind(line('/', '/dev/mapper/docker-1')), 'container');
    assert.equal(await kind(line('/', '/dev/vda') + line('/', 'overlay')), 'container');
    assert.equal(await kind('garbage'), 'container');
  });

  it('does not say machine where neither namespaces nor init could be looked at', async () => {
    const links = { '/proc/self/ns/pid': miss('denied'), '/proc/1/ns/mnt': miss('denied') };
    const { scope } = await collect({
      links,
      files: { '/proc/1/environ': miss('denied') },
      stats: { '/run/systemd/system': miss('absent') },
    });
    assert.ok(scope.status === 'denied' && scope.reason === 'scope-undecided');
  });

  it('does not take a marker file that could not be looked at for one that is not there', async () => {
    const { scope } = await collect({
      stats: { '/run/.containerenv': miss('denied') },
      links: { '/proc/1/ns/mnt': miss('denied') },
    });
    assert.equal(scope.status, 'denied');
  });

  it('says machine to a plain user under systemd, which cannot read the environment of init', async () => {
    const links = { '/proc/self/ns/pid': miss('absent'), '/proc/1/ns/mnt': miss('denied') };
    const { scope } = await collect({ links, files: { '/proc/1/environ': miss('denied') } });
    assert.ok(scope.status === 'observed' && scope.value.kind === 'machine');
  });

  it('cuts the boot time to the minute, since the kernel computes its second anew', async () => {
    for (const second of [1795427331, 1795427332]) {
      const { lastBoot } = await collect({ files: { '/proc/stat': `btime ${second}\n` } });
      assert.ok(lastBoot.status === 'observed');
      assert.deepEqual(lastBoot.value, {
        at: '2026-11-23T09:48:00Z',
        precision: 'minute',
        bootId: 'cd9aab73-e0c3-4ae8-bce8-d856a3515e7e',
      });
    }
  });

  it('believes chrony before the kernel flag, and keeps both where they differ', async () => {
    const tracking =
      'C0000201,192.0.2.1,3,1795427000.1,0.000010,0.000004,0.00005,-12.3,0.01,0.2,0.02,0.001,64.2,Normal\n';
    const { clock } = await collect({
      commands: { 'chronyc-tracking': tracking, 'timedatectl-ntp': 'NTPSynchronized=no\nNTP=no\n' },
    });
    assert.ok(clock.status === 'observed');
    assert.deepEqual(clock.value, { synchronised: true, keeper: 'chrony' });
    assert.equal(clock.answers?.length, 2);
  });

  it('does not know the clock where nothing can be asked, and keeps why timedatectl failed', async () => {
    const none = await collect({ commands: { 'timedatectl-ntp': miss('absent') } });
    assert.ok(none.clock.status === 'unsupported' && none.clock.reason === 'no-time-keeper-seen');
    const broken = await collect({ commands: { 'timedatectl-ntp': miss('failed', 'exit-1') } });
    assert.ok(broken.clock.status === 'failed' && broken.clock.reason === 'exit-1');
  });

  it('finds the time zone by the link, else by the file', async () => {
    const link = await collect();
    assert.ok(link.timeZone.status === 'observed' && link.timeZone.value === 'Europe/Guernsey');
    const file = await collect({
      links: { '/etc/localtime': miss('failed', 'einval') },
      files: { '/etc/timezone': 'Etc/UTC\n' },
    });
    assert.ok(file.timeZone.status === 'observed' && file.timeZone.value === 'Etc/UTC');
    const copied = await collect({ links: { '/etc/localtime': miss('failed', 'einval') } });
    assert.equal(copied.timeZone.status, 'failed');
  });

  it('tells no FIPS mode from a kernel that knows none', async () => {
    const off = await collect();
    assert.ok(off.fips.status === 'observed' && !off.fips.value);
    const none = await collect({ files: { '/proc/sys/crypto/fips_enabled': miss('absent') } });
    assert.ok(none.fips.status === 'absent' && none.fips.reason === 'no-fips-support');
  });

  it('takes what is missing from a partial recording for not recorded', async () => {
    const { host: document } = await host.collect(
      {
        ...fakeHost(debianServer),
        identity: () => Promise.resolve({ status: 'observed', value: { hostname: 'web1' }, source: 'system:identity' }),
      },
      digests,
    );
    assert.equal(document?.hostname.status, 'observed');
    assert.ok(document?.kernel.status === 'unsupported' && document.privilege.status === 'unsupported');
  });

  it('carries hostile names through as they are', async () => {
    const pretty = '"\u001b[2J<script>\u202e=cmd"';
    const { os, hostname } = await collect({
      identity: { hostname: 'w\udcfcb' },
      files: { '/etc/os-release': `ID=x\nPRETTY_NAME=${pretty}\n` },
    });
    assert.ok(os.status === 'observed' && os.value.prettyName === '\u001b[2J<script>\u202e=cmd');
    assert.deepEqual(hostname.status === 'observed' && hostname.value, { bytes: 'd/xi' });
  });

  it('says unsupported of a Windows that recorded nothing, not absent', async () => {
    const { host: document } = await host.collect(fakeHost({ os: 'windows', identity: miss('unsupported') }), digests);
    assert.ok(Object.values(document ?? {}).every((fact) => (fact as { status: string }).status === 'unsupported'));
  });

  it('sums up in plain words', async () => {
    const rows = host.summarise({ host: await collect() });
    assert.deepEqual(
      rows.map(({ label, text }) => `${label}: ${text}`),
      [
        'Server: web1',
        'System: Debian GNU/Linux 12 (bookworm), 12.11',
        'Kernel: 6.1.0-40-amd64 (x64)',
        'Hardware: QEMU Standard PC (Q35 + ICH9, 2009), firmware 1.16.2, virtual',
        'Seen: a whole machine',
        'Last boot: 2026-11-23T09:48:00Z',
        'Clock: synchronised (timedatectl)',
        'Time zone: Europe/Guernsey',
        'Collected as: root',
      ],
    );
  });

  it('never turns a source that could not be read into a value or an absence', async () => {
    // Firmware that leaves a string open, so that systeminformation is asked too.
    const { '/sys/class/dmi/id/bios_version': _version, ...files } = debianServer.files ?? {};
    const cases = await checkEachSource({
      collector: host,
      host: () => fakeHost({ ...debianServer, files }),
      emptyIsTrue: ['host.machineId'],
    });
    assert.ok(cases > 200, `only ${cases} cases`);
  });
});
