/**
 * Our units under a real systemd: they do their work under their own lockdown, and the lockdown hides nothing that
 * the same privilege sees outside it.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { canonicalText } from '../../../evidence/canonical-json.ts';
import { type Booted, boot, missingForBoot } from './booted.ts';

const root = join(import.meta.dirname, '../../..');
const folder = join(root, 'packaging/units');
const unit = (name: string): string => readFileSync(join(folder, name), 'utf8');
const program = `${process.execPath} ${join(root, 'agent/cli/affiant.mjs')}`;
const state = '/var/lib/affiant';

/** Here the program runs from its sources; nothing else of a unit is changed. */
const fromSource = (name: string): string => unit(name).replace('ExecStart=/usr/bin/affiant', `ExecStart=${program}`);

/** Tries one thing after the other in place of the unit's own program, and says which could be done. */
function probe(tries: Readonly<Record<string, string>>): string {
  const script = Object.entries(tries)
    .map(([name, command]) => `(${command}) >/dev/null 2>&1 && echo ${name}`)
    .join('; ');
  return `[Service]\nExecStart=\nExecStart=/bin/bash -c '${script}; true'\nStandardOutput=truncate:/run/probe\n`;
}

describe('the units', function () {
  this.timeout(120_000);
  let machine: Booted | undefined;
  before(async function () {
    const missing = missingForBoot();
    if (missing !== undefined) {
      console.log(`      skipped: ${missing} is missing`);
      this.skip();
    }
    machine = await boot({
      '/etc/systemd/system/affiant-collect.service': fromSource('affiant-collect.service'),
      '/etc/systemd/system/affiant-collect.timer': unit('affiant-collect.timer'),
      '/etc/systemd/system/affiant-post.service': fromSource('affiant-post.service'),
      '/etc/systemd/system/affiant-post.path': unit('affiant-post.path'),
      '/etc/systemd/system/affiant-post.timer': unit('affiant-post.timer'),
      '/etc/systemd/system/affiant-serve.service': `[Service]\nExecStart=${program} serve --state /srv/endpoint --trust-key ${state}/public.pem\n`,
      '/usr/lib/sysusers.d/affiant.conf': unit('affiant.sysusers.conf'),
      '/usr/lib/tmpfiles.d/affiant.conf': unit('affiant.tmpfiles.conf'),
      '/etc/affiant/affiant.yaml': 'endpoint:\n  url: http://127.0.0.1:8620\n',
    });
    run('/usr/bin/systemd-sysusers');
    run('/usr/bin/systemd-tmpfiles', '--create', '/usr/lib/tmpfiles.d/affiant.conf');
  });
  after(async () => {
    await machine?.halt();
  });

  function run(...argv: readonly string[]): string {
    const { code, out, err } = (machine as Booted).run(...argv);
    assert.equal(code, 0, `${argv.join(' ')}: ${err}${out}`);
    return out;
  }
  const at = (path: string): string => (machine as Booted).path(path);
  const packs = (part: string): string[] =>
    readdirSync(at(join(state, part))).filter((name) => name.endsWith('.pack.json'));

  it('score under 2.0 for exposure', () => {
    for (const name of ['affiant-collect.service', 'affiant-post.service']) {
      const score = exposureOf([join(folder, name)]);
      console.log(`      ${name}: ${score}`);
      assert.ok(score < 2, `${name}: ${score}`);
    }
  });

  it('collect, and the lockdown hides nothing that the same privilege sees without it', () => {
    const first = differing();
    // What changed meanwhile on the machine below is no matter of the lockdown: that hides a thing each time.
    const again = first.length === 0 ? [] : differing();
    assert.deepEqual(
      first.filter((fact) => again.includes(fact)),
      [],
    );
  });

  /** The facts of the unit that are not what the same privilege sees without it. */
  function differing(): string[] {
    run('/usr/bin/systemctl', 'start', 'affiant-collect.service');
    const name = packs('spool').at(-1) ?? '';
    const inUnit = factsOf(JSON.parse(readFileSync(at(join(state, 'spool', name)), 'utf8')) as Pack);
    const plain = JSON.parse(run(...asCollector, 'collect', '--format', 'json', '--state', '/tmp/plain')) as Pack;
    const without = factsOf(plain);
    assert.ok(without.size > 100, `only ${without.size} facts`);
    return [...without].filter(([fact, text]) => inUnit.get(fact) !== text).map(([fact]) => fact);
  }

  it('send what waits as soon as it is there, without the key', async () => {
    run('/usr/bin/systemctl', 'start', 'affiant-serve.service', 'affiant-post.path');
    run(...asCollector, 'collect', '--scheduled', '--only', 'host', '--state', state);
    await until(() => packs('packs').length > 1 && packs('spool').length === 0);
    const [first = ''] = packs('packs');
    const sender = Number(run('/usr/bin/id', '-u', 'affiant-post'));
    assert.equal(statSync(at(join(state, 'packs', first))).uid, sender);
    const before = packs('packs').length;
    // What the sender learnt is what the collection quotes next.
    run(...asCollector, 'collect', '--scheduled', '--only', 'host', '--state', state);
    await until(() => packs('packs').length > before);
    const last = JSON.parse(readFileSync(at(join(state, 'packs', packs('packs').at(-1) ?? '')), 'utf8')) as SignedPack;
    const statement = Buffer.from(last.bundle.dsseEnvelope.payload, 'base64').toString('utf8');
    assert.match(statement, /"checkpoint":\{"origin":"log\.affiant\.localhost"/);
    assert.match(statement, /"mode":"task"/);
  });

  it('let the collection read everything, write and connect nowhere', () => {
    const could = tried('affiant-collect.service', {
      'read-shadow': 'cat /etc/shadow',
      'read-root-home': 'ls /root',
      'see-listeners': 'grep -q :21AC /proc/net/tcp',
      'write-own-state': `touch ${state}/probe && rm ${state}/probe`,
      connect: 'echo > /dev/tcp/127.0.0.1/8620',
      'write-etc': 'touch /etc/probe',
      'write-var': 'touch /var/tmp/probe',
      'write-root-home': 'touch /root/probe',
      'make-set-id': `chmod u+s ${state}/lock`,
      namespace: 'unshare --user true',
      mount: 'mount -t tmpfs tmpfs /tmp',
      'become-root': 'setpriv --reuid=0 true',
    });
    assert.deepEqual(could, ['read-shadow', 'read-root-home', 'see-listeners', 'write-own-state']);
  });

  it('let the sender connect and move packs, and neither read the key nor touch the chain', () => {
    const could = tried('affiant-post.service', {
      connect: 'echo > /dev/tcp/127.0.0.1/8620',
      'read-packs': `cat ${state}/packs/*.json`,
      'write-spool': `touch ${state}/spool/.probe.tmp && rm ${state}/spool/.probe.tmp`,
      'read-chain': `cat ${state}/chain.json`,
      'read-key': `cat ${state}/key.pem`,
      'read-blind-key': `cat ${state}/blind.key`,
      'replace-key': `cp ${state}/public.pem ${state}/spool/k && mv -f ${state}/spool/k ${state}/key.pem`,
      'remove-key': `rm -f ${state}/key.pem && test ! -e ${state}/key.pem`,
      'write-chain': `echo >> ${state}/chain.json`,
      'replace-chain': `mv -f ${state}/chain.json ${state}/chain2.json`,
      'move-spool': `mv ${state}/spool ${state}/spool2`,
      'open-to-others': `chmod o+rwx ${state}`,
      'read-shadow': 'cat /etc/shadow',
      'see-processes': 'test -e /proc/1/status',
      'write-etc': 'touch /etc/probe',
    });
    assert.deepEqual(could, ['connect', 'read-packs', 'write-spool', 'read-chain']);
  });

  it('have their turn once a day and make up for a missed one', () => {
    const shown = run(
      '/usr/bin/systemctl',
      'show',
      'affiant-collect.timer',
      '-p',
      'Persistent',
      '-p',
      'FixedRandomDelay',
      '-p',
      'RandomizedDelayUSec',
    );
    assert.deepEqual(shown.trim().split('\n').toSorted(), [
      'FixedRandomDelay=yes',
      'Persistent=yes',
      'RandomizedDelayUSec=1d',
    ]);
    const told = (machine as Booted).run(
      '/usr/bin/systemd-analyze',
      'verify',
      ...['collect.service', 'collect.timer', 'post.service', 'post.path', 'post.timer'].map(
        (name) => `/etc/systemd/system/affiant-${name}`,
      ),
    );
    // The page of the manual is not installed here.
    assert.deepEqual(
      told.err.split('\n').filter((line) => line !== '' && !line.includes("Command 'man affiant(1)' failed")),
      [],
    );
  });

  /** The names of what could be done, in their order. */
  function tried(name: string, tries: Readonly<Record<string, string>>): string[] {
    const place = at(`/run/systemd/system/${name}.d`);
    mkdirSync(place, { recursive: true });
    writeFileSync(join(place, 'probe.conf'), probe(tries));
    run('/usr/bin/systemctl', 'daemon-reload');
    run('/usr/bin/systemctl', 'start', name);
    rmSync(place, { recursive: true });
    run('/usr/bin/systemctl', 'daemon-reload');
    return readFileSync(at('/run/probe'), 'utf8').split('\n').filter(Boolean);
  }
});

async function until(done: () => boolean): Promise<void> {
  const deadline = Date.now() + 60_000;
  while (!done()) {
    assert.ok(Date.now() < deadline, 'nothing came of it in a minute');
    await wait(100);
  }
}

type SignedPack = { readonly bundle: { readonly dsseEnvelope: { readonly payload: string } } };
type Pack = { readonly documents: Record<string, Record<string, unknown>> };

const asCollector = [
  '/usr/bin/setpriv',
  '--reuid=affiant',
  '--regid=affiant',
  '--clear-groups',
  '--inh-caps=-all,+dac_read_search',
  '--ambient-caps=+dac_read_search',
  '--bounding-set=-all,+dac_read_search',
  '--',
  ...program.split(' '),
];

/** Facts by name, each as its canonical text. */
function factsOf({ documents }: Pack): Map<string, string> {
  const facts = new Map<string, string>();
  for (const document of Object.values(documents))
    for (const [name, fact] of Object.entries(document))
      if (typeof fact === 'object' && fact !== null && 'status' in fact)
        facts.set(`${String(document['format'])}: ${name}`, canonicalText(fact));
  return facts;
}

function exposureOf(files: readonly string[]): number {
  const told = spawnSync('/usr/bin/systemd-analyze', ['security', '--offline=true', '--no-pager', ...files], {
    encoding: 'utf8',
  });
  return Number(/Overall exposure level for \S+: ([0-9.]+)/.exec(told.stdout)?.[1] ?? Number.NaN);
}
