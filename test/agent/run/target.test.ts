import assert from 'node:assert/strict';
import { targetOf } from '../../../agent/run/target.ts';
import type { TargetIdentity } from '../../../collectors/host/target-identity.ts';
import type { Unseen } from '../../../schemas/generated/types.ts';

const stateId = '00000000000000000000000000000001';
const machineId = '4309a2fda6245685fde1c8381c445591';
const denied: Unseen = { status: 'denied', reason: 'permission-denied', sources: ['file:/x'] };
const seen = <T>(value: T) => ({ status: 'observed' as const, value, sources: ['file:/x'] });
const nothing: TargetIdentity = { machineId: denied, smbiosUuid: denied, sshHostKeys: denied };
const whole: TargetIdentity = { ...nothing, machineId: seen(machineId) };

describe('the target of a bundle', () => {
  it('is the machine-id, else the best that is seen, else the id of the state folder', () => {
    assert.deepEqual(targetOf(whole, stateId), { id: machineId, basis: 'machine-id' });
    assert.equal(targetOf({ ...nothing, smbiosUuid: seen('u') }, stateId).basis, 'smbios-uuid');
    const keys = seen([{ type: 'ssh-ed25519', fingerprint: 'SHA256:x' }]);
    assert.equal(targetOf({ ...nothing, sshHostKeys: keys }, stateId).basis, 'ssh-host-key');
    assert.deepEqual(targetOf(nothing, stateId), { id: stateId, basis: 'state' });
  });

  it('stays where a run could not look, so that the endpoint does not refuse the bundle for good', () => {
    const last = targetOf(whole, stateId);
    assert.deepEqual(targetOf(undefined, stateId, last), last);
    assert.deepEqual(targetOf(nothing, stateId, last), last);
  });

  it('stays where a later run sees more than the first one did', () => {
    const last = targetOf(nothing, stateId);
    assert.deepEqual(targetOf(whole, stateId, last), last);
  });

  it('is another where what it rests on was seen and is another: a state folder on the wrong machine', () => {
    const last = targetOf(whole, stateId);
    const other = { ...nothing, machineId: seen('ffffffffffffffffffffffffffffffff') };
    assert.deepEqual(targetOf(other, stateId, last), { id: 'ffffffffffffffffffffffffffffffff', basis: 'machine-id' });
  });
});
