/**
 * Outputs of real products, where the folder of recordings lies beside the project: the key facts of each
 * through our parsers, and each as a partial machine before the judge, whole and with its answers denied.
 */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { CommandId } from '../../agent/host/commands.ts';
import { judgeEdr } from '../../judge/edr.ts';
import { assertValid } from '../collectors/each-source-denied.ts';
import { falseFines } from '../collectors/edr/false-fine.ts';
import { clamServer, collect, mdatpServer, now } from '../collectors/edr/machine.ts';
import { found, notFacts, type Row } from '../collectors/edr/recorded-facts.ts';
import { everything } from '../collectors/edr/samples.ts';
import { type FakeMachine, fakeHost, miss } from '../collectors/fake-host.ts';
import { mutated, numbers, seed } from '../collectors/mutations.ts';

const folder = join(import.meta.dirname, '../../../shared/recordings');

function rows(): Row[] {
  return readFileSync(join(folder, 'INDEX.tsv'), 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('edr-linux/'))
    .map((line) => {
      const [file = '', command = '', , , expected = ''] = line.split('\t');
      const unquoted = expected.startsWith('"') ? expected.slice(1, -1).replaceAll('""', '"') : expected;
      return { file, command, expected: JSON.parse(unquoted) as Record<string, unknown> };
    });
}

/** Which command of ours an output answers; what we never run is left out. */
const commandOf: readonly (readonly [RegExp, CommandId])[] = [
  [/falconctl.*backend/, 'falconctl-backend'],
  [/falconctl/, 'falconctl-options'],
  [/mdatp.*\.json/, 'mdatp-health-json'],
  [/mdatp-health/, 'mdatp-health'],
  [/sentinelctl-(?:30|control)/, 'sentinelctl-control'],
  [/clamscan-version/, 'clamdscan-version'],
  [/bduitool/, 'bduitool-status'],
  [/cytool.*info-query/, 'cytool-info-query'],
  [/cytool.*info/, 'cytool-info'],
  [/cytool.*runtime/, 'cytool-runtime'],
  [/eea.*lic/, 'eset-licence'],
  [/eea.*modules/, 'eset-modules'],
  [/control-info/, 'wazuh-info'],
  [/control-status/, 'wazuh-status'],
  [/savdstatus/, 'savdstatus'],
  [/auditctl-s/, 'auditctl-status'],
  [/auditctl-l/, 'auditctl-list'],
];

describe('recorded outputs of threat detection on Linux', () => {
  before(function () {
    // No mocha run hides this: the line says what was not tested.
    if (!existsSync(join(folder, 'edr-linux'))) {
      console.log('      skipped: the folder of recordings is not there');
      this.skip();
    }
  });

  it('give their key facts', () => {
    const missing: string[] = [];
    let total = 0;
    for (const row of rows()) {
      const facts = found(row, readFileSync(join(folder, row.file), 'utf8'));
      for (const [name, expected] of Object.entries(row.expected)) {
        if (notFacts.has(name)) continue;
        total += 1;
        const got = facts[name];
        const matches =
          isDeepStrictEqual(got, expected) ||
          (Array.isArray(got) && got.some((each) => isDeepStrictEqual(each, expected)));
        if (!matches)
          missing.push(`${row.file} ${name}: expected ${JSON.stringify(expected)}, found ${JSON.stringify(got)}`);
      }
    }
    console.log(
      `      edr: ${total - missing.length} of ${total} key facts in ${rows().length} of ${rows().length} recordings; not asked for: 0`,
    );
    for (const line of missing) console.log(`      ${line}`);
    assert.ok((total - missing.length) / total >= 0.98, missing.join('\n'));
  });

  it('never pass before the judge, neither as they are nor with answers taken away', async () => {
    let machines = 0;
    let cases = 0;
    for (const row of rows()) {
      const id = commandOf.find(([pattern]) => pattern.test(row.file))?.[1];
      const text = readFileSync(join(folder, row.file), 'utf8');
      const machine: FakeMachine =
        id !== undefined
          ? { commands: { [id]: text } }
          : {
              files: {
                [row.file.includes('conf') ? '/var/ossec/etc/ossec.conf' : '/var/log/clamav/freshclam.log']: text,
              },
            };
      const edr = await collect(machine);
      assertValid({ edr }, row.file);
      const verdict = judgeEdr(edr, { at: now });
      assert.notEqual(verdict.outcome, 'pass', row.file);
      assert.notEqual(verdict.audit.outcome, 'pass', row.file);
      assert.notEqual(verdict.forwarding.outcome, 'pass', row.file);
      const { cases: more, wrong } = await falseFines(() => fakeHost(machine), now);
      assert.deepEqual(wrong, [], row.file);
      machines += 1;
      cases += more;
    }
    console.log(`      0 false fine in ${machines} recordings and ${cases} variants of them`);
  }).timeout(600_000);

  it('make nothing pass on a server that is otherwise in order, and is seen whole, an hour after its signatures', async () => {
    let machines = 0;
    let cases = 0;
    let failing = 0;
    let mutations = 0;
    for (const row of rows()) {
      const id = commandOf.find(([pattern]) => pattern.test(row.file))?.[1];
      if (id === undefined) continue;
      const text = readFileSync(join(folder, row.file), 'utf8');
      const base = id.startsWith('mdatp') ? mdatpServer() : id.startsWith('clam') ? clamServer() : everything();
      const commands = {
        ...base.commands,
        ...(id === 'mdatp-health' && { 'mdatp-health-json': miss('failed') }),
        [id]: text,
      };
      const machine = { ...base, commands };
      const edr = await collect(machine);
      const dates =
        edr.products.status === 'observed'
          ? edr.products.value.flatMap(({ signatureUpdatedAt: date }) =>
              date.status === 'observed' && 'at' in date.value.moment ? [date.value.moment.at] : [],
            )
          : [];
      const at = new Date(Date.parse(dates[0] ?? now) + 3_600_000).toISOString();
      const before = judgeEdr(edr, { at });
      if (before.outcome === 'fail') failing += 1;
      const { cases: more, wrong } = await falseFines(() => fakeHost(machine), at);
      assert.deepEqual(wrong, [], row.file);
      machines += 1;
      cases += more;
      if (before.outcome === 'pass') continue;
      for (let run = 0; run < 200; run += 1) {
        const text_ = mutated(text, numbers(seed + run));
        const after = judgeEdr(await collect({ ...base, commands: { ...commands, [id]: text_ } }), { at });
        assert.notEqual(after.outcome, 'pass', `${row.file}: ${JSON.stringify(text_)}`);
        mutations += 1;
      }
    }
    console.log(
      `      0 false fine on ${machines} whole servers (${failing} fail), ${cases} variants and ${mutations} mutations of them`,
    );
  }).timeout(600_000);
});
