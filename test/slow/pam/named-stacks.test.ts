/**
 * The named stacks against real logins with no factor, one, two. pam_unix, pam_google_authenticator, pam_oath,
 * pam_u2f (nobody enrolled), pam_succeed_if and all small modules are the real ones, on private accounts
 * (nss_wrapper); what needs a device or a server (pam_u2f enrolled, pam_duo, pam_fprintd, pam_sss) and
 * pam_faillock, which writes, has the controlled module in its place.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { chmodSync, chownSync, existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { judge } from '../../judge/mfa/pam/judge-named.ts';
import { type NamedStack, usualFacts } from '../../judge/mfa/pam/named-stack.ts';
import { namedStacks } from '../../judge/mfa/pam/named-stacks.ts';
import { type RealLibpam, realLibpam } from './real-libpam.ts';

const security = [
  '/usr/lib/x86_64-linux-gnu/security',
  '/usr/lib/aarch64-linux-gnu/security',
  '/usr/lib64/security',
  '/lib/x86_64-linux-gnu/security',
];
const wrappers = [
  '/usr/lib/x86_64-linux-gnu/libnss_wrapper.so',
  '/usr/lib/aarch64-linux-gnu/libnss_wrapper.so',
  '/usr/lib64/libnss_wrapper.so',
];
const password = 'correct horse';
/** Of a throw-away account in a temporary folder. */
const seed = Buffer.from('12345678901234567890');
const base32Seed = 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ';
const holders = ['', 'k', 'p', 'i', 'kp', 'ki', 'pi', 'kpi'];
const letterOf: Readonly<Record<string, string>> = { knowledge: 'k', possession: 'p', inherence: 'i' };

describe('named PAM configurations against real logins', function () {
  this.timeout(300_000);
  let libpam: RealLibpam;
  let environment: Record<string, string> = {};
  let compared = 0;
  let real = 0;

  before(function () {
    const wrapper = wrappers.find((path) => existsSync(path));
    const missing = ['pam_google_authenticator.so', 'pam_oath.so', 'pam_u2f.so', 'pam_cap.so'].find(
      (module) => !security.some((folder) => existsSync(join(folder, module))),
    );
    const made = realLibpam();
    const lacks =
      typeof made === 'string'
        ? made
        : process.getuid?.() !== 0
          ? 'root is needed: pam_unix and pam_google_authenticator act for other accounts'
          : wrapper === undefined
            ? 'libnss-wrapper is needed'
            : missing;
    if (typeof made === 'string' || lacks !== undefined || wrapper === undefined) {
      if (process.env['CI'] !== undefined) throw new Error(lacks);
      this.skip();
      return;
    }
    libpam = made;
    environment = accountsIn(libpam.folder, wrapper);
    chmodSync(libpam.folder, 0o755);
    chmodSync(join(libpam.folder, '..'), 0o755);
  });
  after(() => {
    process.stdout.write(`    ${compared} named stacks, ${real} logins, every verdict as it happened\n`);
    libpam?.[Symbol.dispose]();
  });

  for (const stack of namedStacks)
    it(stack.name, function () {
      if (stack.debian === true && !libpam.atIncludes) this.skip();
      const { files, account = 'alice', facts, service = 'svc' } = stack;
      const verdict = judge(files, { ...usualFacts, ...facts }, account, service);
      for (const [name, text] of Object.entries(files))
        libpam.write(name === 'svc' ? service : name, runnable(text, libpam, account === 'alice'));
      const gotIn = new Map(holders.map((holds) => [holds, login(service, account, holds) === 0]));
      for (const holds of holders) {
        // Whoever holds more can leave some of it unused.
        const opens = holders.some(
          (fewer) => fewer.split('').every((each) => holds.includes(each)) && gotIn.get(fewer) === true,
        );
        const says = verdict.ways.some(
          ({ certainty, factors }) =>
            certainty === 'can' && factors.every((category) => holds.includes(letterOf[category] ?? '-')),
        );
        assert.equal(opens, says, `a holder of [${holds}]: ${JSON.stringify(verdict.ways, undefined, 1)}`);
      }
      compared += 1;
    });

  it('Duo out of reach lets pass with failmode=safe, and not with secure', function () {
    if (!security.some((folder) => existsSync(join(folder, 'pam_duo.so')))) this.skip();
    for (const [failmode, result] of [
      ['safe', 0],
      ['secure', 3],
    ] as const) {
      const conf = join(libpam.folder, '..', `duo-${failmode}.conf`);
      writeFileSync(
        conf,
        `[duo]\nikey=DIXXXXXXXXXXXXXXXXXX\nskey=${'0'.repeat(40)}\nhost=127.0.0.1:9\nfailmode=${failmode}\n`,
        { mode: 0o600 },
      );
      libpam.write('duo', `auth requisite pam_unix.so\nauth required pam_duo.so conf=${conf}\n`);
      assert.equal(login('duo', 'alice', 'k'), result);
    }
  });

  function login(service: string, user: NamedStack['account'] & string, holds: string): number {
    real += 1;
    refresh(libpam.folder);
    const code = holds.includes('p') ? oneTimeCode(Date.now()) : '000000';
    const given = user === 'carol' ? '' : holds.includes('k') ? password : 'wrong';
    const [answer] = libpam.login([{ service, user, code, password: given }], {
      ...environment,
      AFFIANT_PAM_HOLDS: holds,
    });
    return answer?.result ?? -1;
  }
});

/** The text as it runs here: folder filled in, controlled modules for what cannot run. */
function runnable(text: string, { folder, module }: RealLibpam, enrolled: boolean): string {
  return (
    text
      .replaceAll('FOLDER', folder)
      .replace(/pam_sss\.so.*/g, `${module} ret=10`)
      .replace(/pam_duo\.so.*/g, `${module} ask=p`)
      .replace(/pam_fprintd\.so.*/g, `${module} ask=i`)
      .replace(/pam_faillock\.so preauth.*/g, `${module} ret=0`)
      .replace(/pam_faillock\.so authfail.*/g, `${module} ret=25`)
      .replace(/pam_u2f\.so pinverification=1.*/g, enrolled ? `${module} ask=kp` : '$&')
      .replace(/pam_u2f\.so cue.*/g, enrolled ? `${module} ask=p` : '$&')
      // It reads the file itself, not through NSS.
      .replace(/pam_localuser\.so/g, `pam_localuser.so file=${join(folder, '..', 'passwd')}`)
      .replace(/(pam_google_authenticator\.so.*)/g, '$1 no_increment_hotp')
  );
}

/** Accounts that only the driver sees. Their hash stands in passwd itself: nss_wrapper does not reach every look-up of shadow. */
function accountsIn(folder: string, wrapper: string): Record<string, string> {
  const hashed = spawnSync('openssl', ['passwd', '-6', '-stdin'], {
    input: `${password}\n`,
    encoding: 'utf8',
  }).stdout.trim();
  assert.match(hashed, /^\$6\$/);
  const [passwd, group] = [join(folder, '..', 'passwd'), join(folder, '..', 'group')];
  const line = (name: string, uid: number, hash: string): string =>
    `${name}:${hash}:${uid}:${uid}::/nonexistent:/bin/sh\n`;
  writeFileSync(
    passwd,
    `root:*:0:0::/root:/bin/sh\n${line('alice', 1500, hashed)}${line('bob', 1501, hashed)}${line('carol', 1502, '')}`,
  );
  writeFileSync(group, 'root:x:0:\nalice:x:1500:\nbob:x:1501:\ncarol:x:1502:\nstaff:x:2000:alice\nrobots:x:2001:bob\n');
  return { LD_PRELOAD: wrapper, NSS_WRAPPER_PASSWD: passwd, NSS_WRAPPER_GROUP: group, PATH: '/usr/bin:/bin' };
}

/** Enrolment files as they were: the modules write to them, and refuse a code that was used. */
function refresh(folder: string): void {
  chmodSync(folder, 0o777);
  const google = join(folder, 'google-alice');
  writeFileSync(google, `${base32Seed}\n" TOTP_AUTH\n`);
  chownSync(google, 1500, 1500);
  chmodSync(google, 0o600);
  writeFileSync(join(folder, 'users.oath'), `HOTP/T30/6 alice - ${seed.toString('hex')}\n`, { mode: 0o600 });
}

/** RFC 6238 with SHA-1, 30 seconds, six digits. */
function oneTimeCode(nowMs: number): string {
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(nowMs / 30_000)));
  const mac = createHmac('sha1', seed).update(counter).digest();
  const offset = (mac.at(-1) ?? 0) & 15;
  return String((mac.readUInt32BE(offset) & 0x7fffffff) % 1_000_000).padStart(6, '0');
}
