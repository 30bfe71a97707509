/**
 * The PAM half of `npm run bench:mfa`: how long the judge takes for every service and 200 administrators, and
 * whether the named stacks and 2,000 random ones agree with libpam (the agreement table, by the slow tests).
 */
import { spawnSync } from 'node:child_process';
import { observed } from '../collectors/fact.ts';
import { judgePam, pamFiles, type Requirement } from '../judge/mfa/pam/judge-pam.ts';
import type { Enrolment } from '../schemas/generated/types.ts';
import { namedStacks } from '../test/judge/mfa/pam/named-stacks.ts';
import { pamSource } from '../test/judge/mfa/pam/pam-source.ts';

const administrators = 200;
const services = [
  'sshd',
  'login',
  'su',
  'su-l',
  'sudo',
  'sudo-i',
  'polkit-1',
  'cockpit',
  'gdm-password',
  'lightdm',
  'xrdp-sesman',
  'other',
] as const;

/** CPU seconds of this process for one judgement of each service and administrator. */
export function pamCpuSeconds(): { readonly seconds: number; readonly judged: number } {
  const common =
    'auth [success=2 default=ignore] pam_unix.so nullok\nauth [success=1 default=ignore] pam_sss.so use_first_pass\nauth requisite pam_deny.so\nauth required pam_permit.so\nauth optional pam_cap.so\n';
  const stack =
    '@include common-auth\nauth [success=1 default=ignore] pam_succeed_if.so quiet user ingroup robots\nauth required pam_google_authenticator.so nullok\naccount required pam_access.so\naccount required pam_unix.so\n';
  const names = Array.from({ length: administrators }, (_, at) => `admin${at}`);
  const enrolments: Enrolment[] = names.map((account, at) => ({
    account,
    method: 'google-authenticator',
    location: `/home/${account}/.google_authenticator`,
    enrolled: observed(at % 7 !== 0, 'stat:/home'),
    changeableByAccount: observed(true, 'stat:/home'),
  }));
  const facts = pamSource(new Map([['common-auth', common], ...services.map((service) => [service, stack] as const)]), {
    enrolments: observed(enrolments, 'stat:/home'),
    conditionGroups: observed(
      [{ group: 'robots', members: names.slice(0, 20), view: 'files' as const }],
      'file:/etc/group',
    ),
    accessRules: observed(
      Array.from({ length: 50 }, (_, at) => ({
        definedIn: '/etc/security/access.conf',
        line: at + 1,
        permission: 'deny' as const,
        users: [`guest${at}`],
        origins: ['ALL'],
      })),
      'file:/etc/security/access.conf',
    ),
  });
  const accounts = names.map((name, at) => ({ name, uid: 1000 + at, local: true, password: 'set' as const }));
  const files = pamFiles(facts);
  const before = process.cpuUsage();
  const seen = new Map<Requirement, number>();
  for (const service of services)
    for (const account of accounts) {
      const { requirement } = judgePam(facts, files, { service, account, origin: 'remote' });
      seen.set(requirement, (seen.get(requirement) ?? 0) + 1);
    }
  const { user, system } = process.cpuUsage(before);
  return { seconds: (user + system) / 1e6, judged: [...seen.values()].reduce((sum, count) => sum + count, 0) };
}

/** Runs the slow tests and prints their figures; true where all agree. */
function agreement(): boolean {
  const tests = ['test/slow/pam/random-stacks.test.ts', 'test/slow/pam/named-stacks.test.ts'];
  const mocha = [
    'node_modules/mocha/bin/mocha.js',
    '--no-config',
    '--require',
    'test/hooks.ts',
    '--reporter',
    'dot',
    ...tests,
  ];
  const ran = spawnSync(process.execPath, mocha, { encoding: 'utf8', cwd: `${import.meta.dirname}/..` });
  const lines = ran.stdout.split('\n').filter((line) => /stacks|passing|failing|pending/.test(line));
  for (const line of lines) process.stdout.write(`  ${line.trim()}\n`);
  return ran.status === 0;
}

if (import.meta.main) {
  const { seconds, judged } = pamCpuSeconds();
  const verdict = seconds < 1 ? 'met' : 'MISSED';
  process.stdout.write('\nPAM: every service for 200 administrators\n');
  process.stdout.write(
    `  ${verdict.padEnd(6)}  ${judged} verdicts in ${seconds.toFixed(2)} s CPU (goal: under 1 s, with all other ways)\n`,
  );
  process.stdout.write(`\nAgreement with libpam (${namedStacks.length} named stacks, 2,000 random ones)\n`);
  process.exitCode = agreement() && seconds < 1 ? 0 : 1;
}
