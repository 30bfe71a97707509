import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type DraftOptions, draftFrom, withDefaults } from '../../../agent/attest/draft.ts';
import { authorOf, createPersonKey, openPersonKey } from '../../../agent/attest/person-key.ts';
import { type AttestationKind, signAttestation } from '../../../evidence/attestation.ts';
import { sha256Hex } from '../../../evidence/digest.ts';
import { codeOf, valueOf } from '../../evidence/sample.ts';

const now = new Date('2026-01-02T03:04:05Z');
const target = ['0f5b6c1d2e3f405162738495a6b7c8d9'];
const digest = 'a'.repeat(64);
const jane = { name: 'Jane Doe', role: 'officer' } as const;

describe("a person's key", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'affiant-person-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  function secret(name: string, text: string): string {
    const file = join(folder, name);
    writeFileSync(file, text, { mode: 0o600 });
    return file;
  }

  it('is for its owner alone to read, and never written over another', () => {
    const file = join(folder, 'jane.key');
    const made = valueOf(createPersonKey(file, jane, undefined));
    assert.equal(statSync(file).mode & 0o777, 0o600);
    assert.equal(valueOf(openPersonKey(file, undefined)).keyId, made.keyId);
    assert.deepEqual(authorOf(file), jane);
    assert.equal(codeOf(createPersonKey(file, jane, undefined)), 'out-unwritable');
  });

  it('opens with its passphrase and with no other, and neither is quoted', () => {
    const file = join(folder, 'jane.key');
    const right = secret('right', 'correct horse\n');
    const made = valueOf(createPersonKey(file, jane, right));
    assert.match(readFileSync(file, 'utf8'), /BEGIN ENCRYPTED PRIVATE KEY/);
    assert.equal(valueOf(openPersonKey(file, right)).keyId, made.keyId);
    assert.equal(codeOf(openPersonKey(file, undefined)), 'passphrase-missing');
    const wrong = openPersonKey(file, secret('wrong', 'hunter2'));
    assert.equal(codeOf(wrong), 'passphrase-wrong');
    assert.ok(!JSON.stringify(wrong).includes('hunter2'));
  });
});

describe('an attestation from options', () => {
  const plan = 'title: Action plan\n';
  const options: Readonly<Record<AttestationKind, DraftOptions>> = {
    'detection-acknowledged': { target, 'up-to': '2026-01-01T00:00:00Z', disposition: 'removed', outcome: 'red team' },
    'admins-reviewed': { target, bundle: [digest], document: [digest], decision: 'accepted', outcome: 'fine' },
    exception: {
      target,
      about: 'fix:CVE-2026-0001',
      reason: 'vendor',
      'compensating-measure': 'firewall',
      owner: 'Jane',
      expires: '90d',
    },
    'break-glass': {
      target,
      account: ['emergency', 'admin@example.onmicrosoft.com'],
      reason: 'outage',
      expires: '2026-06-01T00:00:00Z',
    },
    'incident-aware': { 'aware-at': '2026-01-01T00:00:00Z', what: 'mail to strangers' },
    plan: { plan: 'plan.yaml' },
    claim: { target, claim: 'admins-are:root, alice', words: 'these two' },
    withdrawal: { attestation: digest, reason: 'wrong server' },
  };
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'affiant-plan-'));
    writeFileSync(join(folder, 'plan.yaml'), plan);
  });
  after(() => rmSync(folder, { recursive: true }));

  for (const [kind, given] of Object.entries(options) as [AttestationKind, DraftOptions][])
    it(`says ${kind} as its schema demands`, () => {
      const file = join(folder, `${kind}.key`);
      const signer = valueOf(createPersonKey(file, jane, undefined));
      const draft = valueOf(draftFrom(kind, given, { now, path: (name) => join(folder, name) }));
      const predicate = { ...withDefaults(kind, { author: jane, ...draft }, now), kind, madeAt: now.toISOString() };
      valueOf(signAttestation(predicate, signer));
    });

  it('means what was said: times from now, accounts with their directory, claims with their objects', () => {
    const at = { now, path: (name: string) => join(folder, name) };
    assert.equal(valueOf(draftFrom('exception', options.exception, at))['expiresAt'], '2026-04-02T03:04:05.000Z');
    assert.deepEqual(valueOf(draftFrom('break-glass', options['break-glass'], at))['accounts'], [
      { name: 'emergency' },
      { name: 'admin', directory: 'example.onmicrosoft.com' },
    ]);
    assert.deepEqual(valueOf(draftFrom('claim', options.claim, at))['claim'], {
      kind: 'admins-are',
      accounts: ['root', 'alice'],
    });
    assert.deepEqual(valueOf(draftFrom('claim', { claim: 'fix-installed:KB5' }, at))['claim'], {
      kind: 'fix-installed',
      fix: 'KB5',
    });
    assert.equal(valueOf(draftFrom('plan', options.plan, at))['digest'], sha256Hex(Buffer.from(plan)));
  });

  it('passes over no option that says nothing in its kind, and no moment that is none', () => {
    const at = { now, path: (name: string) => name };
    assert.equal(codeOf(draftFrom('claim', { owner: 'x' }, at)), 'usage');
    assert.equal(codeOf(draftFrom('exception', { expires: 'soon' }, at)), 'usage');
    assert.equal(codeOf(draftFrom('plan', { plan: '/nowhere/plan.yaml' }, at)), 'usage');
  });
});
