import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { collectOkta } from '../../../collectors/identity-provider/okta.ts';
import type { Fact } from '../../../schemas/generated/types.ts';
import { fakeDirectory, miss } from './fake-directory.ts';
import { fixtures, okta, told, valid, value } from './made.ts';
import { oktaAnswers } from './okta-org.ts';

describe('what Okta says', () => {
  it('becomes the golden document', async () => {
    const golden: unknown = JSON.parse(readFileSync(join(fixtures, 'okta.json'), 'utf8'));
    assert.deepEqual(await okta(), golden);
  });

  it('has policies and rules by priority, and factors that are not active marked so', async () => {
    const made = await okta();
    assert.deepEqual(
      value(made.signOnPolicies).map(({ name }) => name),
      ['Admins', 'Default Policy', 'Any two factors', 'Unused'],
    );
    assert.deepEqual(
      value(value(made.signOnPolicies)[1]?.rules ?? assert.fail()).map(({ name }) => name),
      ['Office', 'Default Rule'],
    );
    assert.deepEqual(
      value(value(made.administrators)[0]?.factors ?? assert.fail()).map(({ type, active }) => [type, active]),
      [
        ['push', true],
        ['sms', false],
      ],
    );
  });

  it('asks Classic Engine for no policies of applications', async () => {
    const directory = fakeDirectory({ ...oktaAnswers, 'okta-organization': { id: '00o1', pipeline: 'v1' } });
    const made = valid(await collectOkta(directory, { tenant: 'example.okta.com' }));
    assert.equal(value(made.signOnPolicies).length, 2);
    assert.ok(!directory.asked.includes('okta-application-policies'));
  });

  it('keeps no phone number', async () => {
    assert.ok(!JSON.stringify(await okta()).includes('12345678901'));
  });

  it('has no value where everything was denied', async () => {
    const made = valid(await collectOkta(fakeDirectory({}, miss('denied')), { tenant: 'example.okta.com' }));
    const statuses = Object.fromEntries(
      Object.entries(made).map(([name, fact]) => [name, (fact as Fact<unknown>).status]),
    );
    assert.deepEqual(
      [statuses['tenant'], statuses['signOnPolicies'], statuses['administrators']],
      ['denied', 'denied', 'denied'],
    );
    assert.ok(!Object.values(statuses).includes('observed'));
  });

  it('keeps a policy whose rules were not seen, without rules', async () => {
    const made = await okta({ 'okta-rules 00pAdmins': miss('denied') });
    assert.equal(told(value(made.signOnPolicies)[0]?.rules ?? assert.fail()), 'denied http-403');
  });

  it('reads the recorded list of sign-on policies', async function () {
    const file = join(import.meta.dirname, '../../../../shared/recordings/mfa/okta_policies-signon.json');
    if (!existsSync(file)) return this.skip();
    const recorded = JSON.parse(readFileSync(file, 'utf8')) as unknown[];
    const made = await okta({ 'okta-session-policies': recorded });
    assert.deepEqual(
      value(made.signOnPolicies)
        .slice(0, 2)
        .map(({ name, active, priority }) => [name, active, priority]),
      [
        ['python_sdk Test-Sign-On', true, 1],
        ['Default Policy', true, 2],
      ],
    );
  });

  it('reads the recorded factors', async function () {
    const file = join(import.meta.dirname, '../../../../shared/recordings/mfa/okta_factors-signed-nonce.json');
    if (!existsSync(file)) return this.skip();
    const made = await okta({ 'okta-user-factors 00uAlice': JSON.parse(readFileSync(file, 'utf8')) as unknown });
    const text = JSON.stringify(value(made.administrators)[0]?.factors);
    assert.match(text, /signed_nonce.*token:software:totp/);
    assert.doesNotMatch(text, /jane|P-256|FAKEDEVICE/);
  });
});
