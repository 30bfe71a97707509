/** The replayed case through the real pipeline: signed, chained, logged, verified, stated by persons, reported. */
import { deepEqual, equal, match, ok } from 'node:assert/strict';
import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { playMailServer, playRecovery, playSecondFactor, recoveryLines, storyLines } from '../../tools/case/demo.ts';
import { temporaryFolder } from '../agent/host/temporary-folder.ts';

describe('the replayed case, signed day by day', () => {
  const base = temporaryFolder();

  it('shows what would have been known when, from 549 packs that verify', () => {
    const folder = join(base(), 'mail-server');
    mkdirSync(folder);
    const played = playMailServer(folder);
    const { audit } = played;
    equal(played.packs, 549);
    equal(audit.bundles, 549);
    equal(readdirSync(join(folder, 'packs')).length, 549);
    deepEqual(audit.history.gaps, []);
    deepEqual(audit.history.faults, []);
    equal(audit.history.replayed, true);
    const story = storyLines(played).join('\n');
    for (const line of [
      /2020-09-11 {2}first breach by a missing update, Essential Eight.* 330 days before the mass exploitation of 2021-08-07/,
      /2020-07-02 {2}6 accounts are administrators all the time/,
      /2020-07-02 {2}each of the 6 gets in with one factor, by .*owa/,
      /2020-09-23 {2}Cyber Essentials, 14 days; 318 days before/,
      /2021-08-18 {2}nobody looked at the detection/,
      /2021-12-01 {2}somebody notices, 107 days later; 54 files were removed by then/,
      /The claim "updates are installed" is contradicted: The evidence shows 9 updates missing on that day, 4 of them critical/,
      /Broken 339 days before the compromise/,
    ])
      match(story, line);
    const finding = audit.findings.find(({ rule, subject }) => rule === 'ce-14d' && subject === 'Sep20SU');
    ok(
      finding?.evidence.every(
        ({ bundle, logIndex, documentDigest }) =>
          /^[0-9a-f]{64}$/.test(bundle) && logIndex !== undefined && documentDigest !== undefined,
      ),
    );
    match(played.html, /2020-09-11/);
  });
  it('closes the items of the plan after the fine, read again from signed packs', async () => {
    const folder = join(base(), 'recovery');
    mkdirSync(folder);
    const played = await playRecovery(folder);
    const lines = recoveryLines(played).join('\n');
    for (const line of [
      /2026-01-19 {2}done +admins-temporary/,
      /2026-02-24 {2}done +mail-by-tokens/,
      /2025-12-18 {2}done +detections-reviewed/,
      /2025-12-15 {2}done +payment: stated by John Roe/,
      // Nobody holds standing rights there, so that no login shows what would be asked: not known, and not fulfilled.
      / undetermined second-factor: not known: mail1: no administrator could get in/,
    ])
      match(lines, line);
    match(played.html, /Who said to have looked at detections/);
  });
  it('says of five months without a second factor who got in with one', async () => {
    const folder = join(base(), 'second-factor');
    mkdirSync(folder);
    const { audit } = await playSecondFactor(folder);
    ok(audit.findings.some(({ rule, breachDay }) => rule === 'pci-8.4' && breachDay === '2024-01-03'));
    match(audit.findings.find(({ rule }) => rule === 'claim-contradicted')?.reason ?? '', /got in with one factor/);
  });
});
