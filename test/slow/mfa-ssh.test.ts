/** What the judge says of SSH, against what a real sshd does for someone with no factor, one, or two. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openHost } from '../../agent/host/door.ts';
import type { Host } from '../../agent/host/host.ts';
import { localLinux } from '../../agent/host/local-linux.ts';
import { admins } from '../../collectors/admins/index.ts';
import type { Drafts } from '../../collectors/collector.ts';
import { mfa } from '../../collectors/mfa/index.ts';
import { judgeMfa, wayOf } from '../../judge/mfa/matrix.ts';
import type { Requirement } from '../../judge/mfa/requirement.ts';
import { assertValid, digests } from '../collectors/each-source-denied.ts';
import { cases } from './mfa-ssh-cases.ts';
import { account, type Factors, type Lab, labMissing, openLab, type Running } from './sshd-lab.ts';

const holders: readonly Factors[] = Array.from({ length: 8 }, (_unused, bits) => ({
  key: (bits & 1) !== 0,
  password: (bits & 2) !== 0,
  code: (bits & 4) !== 0,
}));

/** A key and a code are both something held. */
function categoriesOf({ key, password: known, code: held }: Factors): number {
  return (known ? 1 : 0) + (key || held ? 1 : 0);
}

/** What the logins themselves say, from one address. */
async function observed(
  server: Running,
  user: string,
  from: string,
): Promise<{ requirement: Requirement; who: string[] }> {
  const results = await Promise.all(
    holders.map(async (factors) => ({ factors, in: await server.login(user, factors, from) })),
  );
  const inside = results.filter((each) => each.in).map(({ factors }) => factors);
  const who = inside.map(
    ({ key, password: known, code: held }) =>
      [key ? 'key' : '', known ? 'password' : '', held ? 'code' : ''].filter((name) => name !== '').join('+') ||
      'nothing',
  );
  const requirement =
    inside.length === 0
      ? 'pathDisabled'
      : inside.some((factors) => categoriesOf(factors) < 2)
        ? 'notRequired'
        : 'required';
  return { requirement, who };
}

/** One factor is enough in both; sshd does not say which lists could be longer. */
function sameAnswer(judged: Requirement, seen: readonly Requirement[]): boolean {
  const open = new Set(seen.filter((each) => each !== 'pathDisabled'));
  if (open.size === 0) return judged === 'pathDisabled';
  if (open.size === 2) return judged === 'conditional';
  return open.has('required') ? judged === 'required' : judged === 'notRequired' || judged === 'optional';
}

/** The real machine, on which this lab's server is the only one that runs. */
function withServer(host: Host, program: string, configFile: string): Host {
  return {
    ...host,
    exec: (command, ...args) => {
      const source = `command:${command}`;
      if (command === 'ssh-processes')
        return Promise.resolve({
          status: 'observed',
          value: {
            stdout: `1 sshd: ${program} -D -e -f ${configFile} [listener] 0 of 100-100 startups\n`,
            stderr: '',
            exitCode: 0,
            truncated: false,
          },
          source,
        });
      if (command === 'systemctl-login-units')
        return Promise.resolve({ status: 'unsupported', reason: 'not-recorded', source });
      return host.exec(command, ...args);
    },
  };
}

describe('what is said of SSH, and what a real sshd does', () => {
  let lab: Lab | undefined;
  // No case changes who is an administrator, and the walk of the machine's programs takes longest.
  let people: Pick<Drafts, 'admins'> = {};
  before(async function () {
    const missing = labMissing();
    if (missing !== undefined) {
      console.error(`skipped: a real sshd: ${missing}`);
      this.skip();
    }
    this.timeout(60_000);
    lab = openLab();
    people = await admins.collect(openHost(localLinux()).host, digests);
  });
  after(() => lab?.close());

  for (const each of cases)
    it(each.name, async function () {
      this.timeout(120_000);
      assert.ok(lab);
      for (const [name, text] of Object.entries(each.files ?? {})) writeFileSync(join(lab.folder, name), text);
      lab.writePam(each.pam);
      const server = await lab.start(each.config);
      const user = each.user ?? account;
      try {
        const seen = [
          await observed(server, user, '127.0.0.1'),
          ...(each.addresses === true ? [await observed(server, user, '127.0.0.2')] : []),
        ];
        const door = openHost(localLinux()).host;
        const collected = {
          ...people,
          ...(await mfa.collect(withServer(door, lab.program, server.configFile), digests)),
        };
        assertValid(collected, each.name);
        assert.ok(collected.admins !== undefined && collected.mfa !== undefined);
        const way = wayOf(judgeMfa(collected.mfa, collected.admins), user, 'ssh');
        assert.ok(way !== undefined);
        const said = `${JSON.stringify(way.judged)}\nlogins: ${JSON.stringify(seen)}`;
        assert.ok(
          sameAnswer(
            way.judged.requirement,
            seen.map(({ requirement }) => requirement),
          ),
          said,
        );
        assert.equal(way.judged.requirement, each.expected, said);
        assert.ok(way.judged.witness.length > 0, said);
      } finally {
        await server.stop();
      }
    });
});
