import assert from 'node:assert/strict';
import { edr } from '../../../collectors/edr/index.ts';
import { products } from '../../../collectors/edr/products/list.ts';
import { watchedUnits } from '../../../collectors/edr/watched-units.ts';
import { judgeEdr } from '../../../judge/edr.ts';
import type { ProtectionProduct } from '../../../schemas/generated/types.ts';
import { assertValid, checkEachSource, digests } from '../each-source-denied.ts';
import { fakeHost, miss } from '../fake-host.ts';
import { feed } from '../mutations.ts';
import { falseFines } from './false-fine.ts';
import { clamServer, collect, mdatpServer, now, server, trueWhenEmpty } from './machine.ts';
import { parsers } from './parsers.ts';
import { everything, samples } from './samples.ts';

async function productOf(machine: ReturnType<typeof server>, id: string): Promise<ProtectionProduct> {
  const { products: found } = await collect(machine);
  assert.equal(found.status, 'observed');
  const product = found.value.find((each) => each.id === id);
  assert.ok(product, id);
  return product;
}

function valueOf(fact: { status: string }): unknown {
  return 'value' in fact ? fact.value : `${fact.status} ${'reason' in fact ? String(fact.reason) : ''}`;
}

describe('the collector of threat detection', () => {
  it('asks systemd about every unit that a product of the list has', () => {
    const missing = products
      .flatMap(({ traces }) => [...traces.units, ...(traces.helperUnits ?? [])])
      .filter((name) => !watchedUnits.includes(name));
    assert.deepEqual(missing, []);
    assert.equal(new Set(watchedUnits).size, watchedUnits.length);
    for (const { id, traces } of products)
      for (const name of [...traces.processes, ...(traces.helperProcesses ?? [])])
        assert.ok(name.length <= 15, `${id}: the kernel cuts ${name}`);
  });

  it('says that there is no product only where every place was looked at', async () => {
    const none = await collect(server({}));
    assert.deepEqual(valueOf(none.products), []);
    const machine = server({});
    for (const spoilt of [
      { ...machine, processes: miss('denied') },
      { ...machine, commands: { ...machine.commands, 'dpkg-query': miss('timed-out') } },
      { ...machine, commands: { ...machine.commands, 'systemctl-show-protection': miss('failed') } },
      { ...machine, files: { ...machine.files, '/proc/modules': miss('denied') } },
      { ...machine, stats: { ...machine.stats, '/opt/traps': miss('denied') } },
    ]) {
      const edr_ = await collect(spoilt);
      assert.notEqual(edr_.products.status, 'observed');
      assert.equal(judgeEdr(edr_, { at: now }).outcome, 'undetermined');
    }
  });

  it('does not take an absent process for one that does not run where others are hidden (hidepid)', async () => {
    const machine = clamServer();
    const hidden = {
      ...machine,
      processes: { processes: [{ pid: 77, name: 'node', goneFiles: [] }], complete: true, namesComplete: true },
    };
    assert.equal(
      (await productOf(hidden, 'clamav')).realTimeProtection.status,
      'observed',
      'its unit says that it runs',
    );
    assert.equal(judgeEdr(await collect(hidden), { at: now }).outcome, 'undetermined');
    const units = { ...hidden, commands: { ...hidden.commands, 'systemctl-show-protection': miss('failed') } };
    assert.equal(valueOf((await productOf(units, 'clamav')).realTimeProtection), 'denied others-hidden');
  });

  it('keeps the state of audit that belongs to the machine out of a container', async () => {
    const machine = server({});
    const container = {
      ...machine,
      stats: { ...machine.stats, '/.dockerenv': {} },
      links: { ...machine.links, '/proc/self/ns/pid': 'pid:[4026532999]' },
    };
    const edr_ = await collect(container);
    assert.equal(valueOf(edr_.auditd), 'unsupported container-scope');
    assert.equal(valueOf(edr_.auditRulesLoaded), 'unsupported container-scope');
    assert.notEqual(judgeEdr(edr_, { at: now }).audit.outcome, 'pass');
  });

  it('tells a locked audit system with lost records and no daemon', async () => {
    const edr_ = await collect(
      server({
        commands: {
          'auditctl-status': 'enabled 2\nfailure 1\npid 0\nrate_limit 0\nbacklog_limit 64\nlost 7\nbacklog 0\n',
        },
      }),
    );
    assert.deepEqual(valueOf(edr_.auditd), { enabled: 2, failure: 1, pid: 0, rateLimit: 0, backlogLimit: 64, lost: 7 });
    assert.equal(judgeEdr(edr_, { at: now }).audit.faults.length, 2);
  });

  it('takes "No rules" for none, and an empty answer for no answer', async () => {
    assert.deepEqual(
      valueOf((await collect(server({ commands: { 'auditctl-list': 'No rules\n' } }))).auditRulesLoaded),
      [],
    );
    assert.equal(
      valueOf((await collect(server({ commands: { 'auditctl-list': '' } }))).auditRulesLoaded),
      'failed no-answer',
    );
  });

  it('finds where logs are sent, and leaves passwords in addresses alone', async () => {
    const edr_ = await collect(
      server({
        units: { 'systemd-journal-upload.service': {} },
        files: { '/etc/systemd/journal-upload.conf': '[Upload]\nURL=https://user:secret@siem.example.org:19532\n' },
        stats: { '/var/lib/systemd/journal-upload/state': { mtime: '2026-11-23T08:00:00Z' } },
      }),
    );
    assert.ok(!JSON.stringify(edr_).includes('secret'));
    assert.equal(edr_.logForwarding.status, 'observed');
    const shown = edr_.logForwarding.value.map(({ kind, configured }) => [kind, valueOf(configured)]);
    assert.deepEqual(shown, [
      [
        'rsyslog',
        [
          {
            address: 'siem.example.org',
            port: 6514,
            protocol: 'tcp',
            selects: ['*.*'],
            definedIn: '/etc/rsyslog.d/50-siem.conf',
          },
        ],
      ],
      [
        'journal-upload',
        [
          {
            address: 'siem.example.org',
            port: 19_532,
            protocol: 'https',
            definedIn: '/etc/systemd/journal-upload.conf',
          },
        ],
      ],
    ]);
    assert.equal(judgeEdr(edr_, { at: now }).forwarding.outcome, 'pass');
  });

  it('does not take part of the journal for the journal', async () => {
    const hint = {
      stdout: samples['journalctl-boots'] ?? '',
      stderr: 'Hint: You are currently not seeing messages from other users and the system.\n',
    };
    assert.equal(
      valueOf((await collect(server({ commands: { 'journalctl-boots': hint } }))).logRetention),
      'denied journal-partly-hidden',
    );
  });

  it('takes a journal that has no files for none, and an answer that it does not know for no answer', async () => {
    const boots = async (answer: { stdout: string; stderr?: string }) =>
      valueOf((await collect(server({ commands: { 'journalctl-boots': answer } }))).logRetention);
    const audit = [{ log: 'audit', oldestEntryAt: { at: '2026-11-18T11:06:40Z' }, persistent: true }];
    assert.deepEqual(await boots({ stdout: '', stderr: 'No journal files were found.\n' }), audit);
    assert.equal(await boots({ stdout: '' }), 'failed unexpected-output');
  });

  it('gives valid documents and lines to read whatever is installed', async () => {
    for (const machine of [server({}), mdatpServer(), clamServer(), everything()]) {
      const drafts = await edr.collect(fakeHost(machine), digests);
      assertValid(drafts, 'a server');
      for (const row of edr.summarise(drafts)) assert.ok(row.text.length > 0 && row.label.length > 0);
    }
  });

  it('turns no single answer that was spoilt into "none"', async () => {
    const cases = await checkEachSource({
      collector: edr,
      host: () => fakeHost(clamServer()),
      ...trueWhenEmpty,
    });
    assert.ok(cases > 100, `${cases} cases`);
  }).timeout(60_000);

  it('never lets a spoilt answer pass what fails with the answer', async () => {
    const machine = clamServer({ processes: ['clamd'] });
    assert.equal(judgeEdr(await collect(machine), { at: now }).outcome, 'fail');
    const { cases, wrong } = await falseFines(() => fakeHost(machine), now);
    assert.deepEqual(wrong, []);
    console.log(`      0 false fine in ${cases} spoilt answers`);
  }).timeout(60_000);

  it('ends with a value or a named failure whatever a parser is fed', () => {
    for (const { name, sample, parse } of parsers) {
      const result = parse(sample);
      assert.ok(
        result !== undefined &&
          !(typeof result === 'object' && result !== null && 'ok' in result && result.ok === false),
        `${name}: ${JSON.stringify(result)}`,
      );
    }
    for (const each of parsers) feed(each, 200);
  }).timeout(60_000);
});
