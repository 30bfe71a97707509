import assert from 'node:assert/strict';
import { placeOf } from '../../../agent/prove/place.ts';
import { type FakeMachine, fakeHost, miss } from '../../collectors/fake-host.ts';
import { type FakeProof, fakeProofMachine } from './fake-proof-machine.ts';

const mounts =
  '22 1 254:1 / / rw - ext4 /dev/vda1 rw\n23 22 0:40 / /opt/share rw - nfs4 filer:/x rw\n24 22 0:41 / /opt/with\\040blank rw - cifs //a/b rw\n';

async function reasonFor(
  folder: string,
  fake: FakeProof = {},
  files: NonNullable<FakeMachine['files']> = {},
): Promise<string> {
  const machine = fakeProofMachine({ ...fake, folders: { [folder]: {}, ...fake.folders } });
  const host = fakeHost({ restIsAbsent: true, files: { '/proc/self/mountinfo': mounts, ...files } });
  const place = await placeOf(folder, machine, host);
  return place.ok ? 'allowed' : place.reason;
}

describe('the place for a test file', () => {
  it('may be a temporary folder or a program folder of nobody else', async () => {
    for (const folder of ['/var/tmp', '/tmp', '/opt/scan']) assert.equal(await reasonFor(folder), 'allowed', folder);
  });

  it('is never among data, in homes, document roots, mail, shares or the system', async () => {
    const forbidden = [
      '/',
      '/etc',
      '/usr/share',
      '/home',
      '/home/alice',
      '/root',
      '/var/www/html',
      '/srv/www',
      '/usr/share/nginx/html',
      '/var/lib/mysql',
      '/var/lib/postgresql/15/main',
      '/var/lib/ldap',
      '/var/lib/samba/sysvol',
      '/var/mail',
      '/var/spool/mail',
      '/var/lib/docker/volumes',
      '/mnt/Exchange Server/V15',
      '/opt/zimbra/store',
      '/opt/oradata',
    ];
    for (const folder of forbidden) assert.match(await reasonFor(folder), /^forbidden-/, folder);
  });

  it('is not below the data of a database under another name', async () => {
    assert.equal(
      await reasonFor('/opt/scan/x', { folders: { '/opt/scan/PG_VERSION': { directory: false } } }),
      'forbidden-database-data',
    );
  });

  it('is not on a network share, and not what this server serves to others', async () => {
    for (const folder of ['/opt/share/x', '/opt/with blank/y']) {
      const parent = folder.slice(0, folder.lastIndexOf('/'));
      assert.equal(await reasonFor(folder, { folders: { [parent]: {} } }), 'forbidden-network-share', folder);
    }
    assert.equal(
      await reasonFor('/opt/scan', {}, { '/etc/samba/smb.conf': '[x]\n  path = /opt/scan/\n' }),
      'forbidden-served-folder',
    );
    assert.equal(await reasonFor('/opt/scan', {}, { '/etc/exports': '/opt *(rw)\n' }), 'forbidden-served-folder');
  });

  it('is refused while it could not be seen whether it is one of those', async () => {
    assert.equal(await reasonFor('/opt/scan', {}, { '/proc/self/mountinfo': miss('denied') }), 'mounts-not-seen');
    assert.equal(await reasonFor('/opt/scan', {}, { '/etc/samba/smb.conf': miss('denied') }), 'shares-not-seen');
  });

  it('is refused where others could swap it', async () => {
    assert.equal(await reasonFor('/opt/scan', { folders: { '/opt/scan': { mode: 0o777 } } }), 'folder-unsafe');
    assert.equal(await reasonFor('/opt/scan', { folders: { '/opt': { uid: 1000 } } }), 'folder-unsafe');
    assert.equal(await reasonFor('/opt/scan', { folders: { '/opt/scan': { mode: 0o1777 } } }), 'allowed');
  });

  it('must be there', async () => {
    const place = await placeOf('/nowhere', fakeProofMachine(), fakeHost({}));
    assert.deepEqual(place, { ok: false, reason: 'no-such-folder', pathClass: 'other' });
  });
});
