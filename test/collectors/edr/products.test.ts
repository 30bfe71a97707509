import assert from 'node:assert/strict';
import { findSecret } from '../../../agent/host/secrets.ts';
import { judgeEdr } from '../../../judge/edr.ts';
import type { ProtectionProduct } from '../../../schemas/generated/types.ts';
import { miss } from '../fake-host.ts';
import { clamServer, collect, mdatpHealth, mdatpServer, now, server } from './machine.ts';
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

describe('what the products say of themselves', () => {
  it('reads Defender: healthy is a claim, passive and real-time are facts', async () => {
    const managed = (value: boolean) => ({ displayValue: true, isManaged: true, value });
    const machine = mdatpServer({
      'mdatp-health-json': mdatpHealth({
        passiveModeEnabled: managed(true),
        realTimeProtectionEnabled: managed(false),
      }),
    });
    const product = await productOf(machine, 'defender-endpoint');
    assert.deepEqual(valueOf(product.vendorHealth), { healthy: true, issues: [] });
    assert.deepEqual(valueOf(product.mode), {
      mode: 'passive',
      verbatim: 'passive_mode_enabled: true',
      troubleshooting: false,
    });
    assert.deepEqual(valueOf(product.realTimeProtection), {
      enabled: false,
      available: true,
      subsystem: 'fanotify',
      setBy: 'policy',
    });
    assert.deepEqual(valueOf(product.signatureUpdatedAt), {
      moment: { at: '2026-11-23T06:00:00Z' },
      basis: 'installed',
    });
    assert.equal(judgeEdr(await collect(machine), { at: now }).outcome, 'fail');
  });

  it('falls back to the text of Defender where there is no JSON, and takes "unavailable" for no value', async () => {
    const product = await productOf(
      mdatpServer({ 'mdatp-health-json': miss('failed', 'exit-1'), 'mdatp-health': samples['mdatp-health'] ?? '' }),
      'defender-endpoint',
    );
    assert.deepEqual(valueOf(product.realTimeProtection), { enabled: true, setBy: 'policy' });
    assert.deepEqual(valueOf(product.mode), { mode: 'active', verbatim: 'passive_mode_enabled: false' });
    assert.deepEqual(valueOf(product.signatureUpdatedAt), {
      moment: { at: '2026-11-23T06:00:00Z' },
      basis: 'installed',
    });
    assert.deepEqual(valueOf(product.conflicts), ['clamd']);
    assert.equal(valueOf(product.tamperProtection), 'unsupported not-stated');
  });

  it('keeps of an exclusion and of a detection what kind of place it is, and never the path', async () => {
    const machine = mdatpServer({
      'mdatp-exclusions': samples['mdatp-exclusions'] ?? '',
      'mdatp-threats': samples['mdatp-threats'] ?? '',
    });
    const edr_ = await collect(machine);
    const text = JSON.stringify(edr_);
    assert.ok(!text.includes('jane'), 'a name of a person is in the document');
    assert.ok(!text.includes('/var/lib/mysql'));
    const product = await productOf(machine, 'defender-endpoint');
    assert.equal(product.exclusions.status, 'observed');
    assert.deepEqual(
      product.exclusions.value.map(({ kind, pathClass, name }) => [kind, pathClass, name]),
      [
        ['path', 'database-data', undefined],
        ['process', 'system-folder', 'python3'],
        ['extension', undefined, 'log'],
        ['path', 'user-profile', undefined],
      ],
    );
    assert.equal(product.detections.status, 'observed');
    const { total, active, unresolved, distinct, newestAt } = product.detections.value;
    assert.deepEqual([total, active, unresolved, distinct, newestAt], [2, 0, 1, 2, { at: '2026-11-23T05:00:00Z' }]);
    const verdict = judgeEdr(edr_, { at: now });
    assert.deepEqual(
      verdict.riskyExclusions.map(({ why }) => why),
      ['the program python3, and all that it is told to run'],
    );
    assert.equal(verdict.toReview[0]?.total, 2);
  });

  it('says that a Falcon in reduced functionality mode is that, though its service runs', async () => {
    const of = (text: string) =>
      server({
        units: { 'falcon-sensor.service': {} },
        commands: { 'falconctl-options': text, 'falconctl-backend': 'backend=kernel.\n' },
        stats: { '/opt/CrowdStrike': {} },
      });
    const reduced = of(
      'aid is not set, rfm-state=true, rfm-reason=Modules file was not found, code=0xC0000034, version = 7.20.17306.0Sensor grouping tags are not set,\n',
    );
    const product = await productOf(reduced, 'crowdstrike-falcon');
    assert.deepEqual(valueOf(product.mode), {
      mode: 'reduced-functionality',
      verbatim: 'rfm-state=true',
      cause: 'Modules file was not found, code=0xC0000034',
    });
    assert.deepEqual(valueOf(product.cloudContact), { registered: false });
    assert.equal(judgeEdr(await collect(reduced), { at: now }).outcome, 'fail');
    const unset = await productOf(of('rfm-state is not set, version = 7.20.17306.0\n'), 'crowdstrike-falcon');
    assert.equal(valueOf(unset.mode), 'unsupported not-stated');
    const full = of(samples['falconctl-options'] ?? '');
    const verdict = judgeEdr(await collect(full), { at: now });
    assert.equal(verdict.outcome, 'undetermined');
    assert.ok(
      verdict.unknowns.includes('crowdstrike-falcon: real-time protection: it does not show here, ask its console'),
      verdict.unknowns.join(),
    );
  });

  it('never lets the site key of SentinelOne near a fact', async () => {
    const machine = everything();
    const text = JSON.stringify(await collect(machine));
    assert.ok(!text.includes('0a1b2c3d4e5f60718293a4b5'));
    assert.ok(!text.includes('usea1'));
    assert.equal(findSecret(JSON.parse(text)), undefined);
  });

  it('reads what each product says of itself', async () => {
    const { products: found } = await collect(everything());
    assert.equal(found.status, 'observed');
    const read = Object.fromEntries(
      found.value.map(({ id, version, mode, realTimeProtection, signatureUpdatedAt, running }) => [
        id,
        [version, mode, realTimeProtection, signatureUpdatedAt, running].map((fact) => {
          const value = valueOf(fact);
          if (typeof value !== 'object' || value === null) return value;
          if ('mode' in value) return value.mode;
          if ('enabled' in value) return value.enabled;
          return 'moment' in value ? Object.values(value.moment as object)[0] : value;
        }),
      ]),
    );
    const kept = 'unsupported vendor-does-not-expose';
    const unstated = 'unsupported not-stated';
    assert.deepEqual(
      { ...read, clamav: undefined, 'defender-endpoint': undefined },
      {
        ...read,
        clamav: undefined,
        'defender-endpoint': undefined,
        'crowdstrike-falcon': ['7.20.17306.0', 'active', kept, 'not-applicable no-signatures', true],
        sentinelone: ['24.2.2.20', unstated, true, 'not-applicable no-signatures', true],
        'sophos-protection': [kept, kept, kept, kept, true],
        'sophos-antivirus': ['9.17.1', 'active', true, '2026-11-10', true],
        'trend-deep-security': ['20.0.1', 'active', true, kept, true],
        eset: [kept, kept, kept, '2026-11-22', true],
        bitdefender: ['7.2.1.2300', 'active', unstated, '2026-11-23T07:44:37Z', true],
        'trellix-ens': ['10.7.18.100', 'active', true, '2026-11-22', true],
        symantec: [kept, 'disabled', false, kept, true],
        'carbon-black-cloud': ['2.15.2.1', 'disabled', kept, 'not-applicable no-signatures', true],
        'cortex-xdr': ['8.4.0.12345', kept, kept, kept, true],
        kaspersky: ['12.1.0.1297', 'active', true, '2026-11-23', true],
        'elastic-defend': ['9.1.0', unstated, unstated, kept, true],
        'cisco-secure-endpoint': ['1.25.0.1009', 'active', kept, kept, true],
        'wazuh-agent': ['v4.9.2', kept, kept, kept, true],
      },
    );
  });

  it('reads Kaspersky in Russian too, and says so where the language is another', async () => {
    const of = (text: string) =>
      server({
        units: { 'kesl.service': {} },
        commands: { 'kesl-app-info': text },
        stats: { '/opt/kaspersky/kesl': {} },
      });
    const russian = await productOf(
      of(
        '{"Версия":"12.0.0.6672","Дата последнего выпуска баз программы":"2026-11-22 03:00:00","Базы программы загружены":"Да","Защита от файловых угроз":"Доступна и остановлена"}',
      ),
      'kaspersky',
    );
    assert.deepEqual(
      [valueOf(russian.version), valueOf(russian.realTimeProtection)],
      ['12.0.0.6672', { enabled: false, available: true }],
    );
    const german = await productOf(
      of('{"Programmversion":"12.0.0.6672","Schutz vor bedrohlichen Dateien":"Wird ausgeführt"}'),
      'kaspersky',
    );
    assert.equal(valueOf(german.realTimeProtection), 'failed unknown-language');
  });

  it('takes ClamAV for protection in real time only where the daemon for that runs and watches a place', async () => {
    const on = await productOf(clamServer(), 'clamav');
    assert.equal(on.realTimeProtection.status, 'observed');
    assert.deepEqual(
      {
        ...on.realTimeProtection.value,
        watched: on.realTimeProtection.value.watched?.map(({ pathClass }) => pathClass),
      },
      { enabled: true, subsystem: 'fanotify', blocking: true, watched: ['home', 'web-root'] },
    );
    assert.deepEqual(valueOf(on.signatureUpdatedAt), { moment: { at: '2026-11-23T05:00:00Z' }, basis: 'built' });
    // A unit that is active while its process is gone is no protection.
    const off = await productOf(clamServer({ processes: ['clamd'] }), 'clamav');
    assert.deepEqual(valueOf(off.realTimeProtection), { enabled: false });
    const nowhere = clamServer({
      files: { '/etc/clamav/clamd.conf': 'LogFile /var/log/clamav/clamav.log\nOnAccessPrevention yes\n' },
    });
    assert.equal(judgeEdr(await collect(nowhere), { at: now }).outcome, 'fail');
  });

  it('dates the signatures that clamd has loaded, not those that lie on disk', async () => {
    const machine = clamServer({ commands: { 'clamdscan-version': 'ClamAV 1.4.3/27800/Sun Oct 19 05:00:00 2025\n' } });
    const product = await productOf(machine, 'clamav');
    assert.deepEqual(valueOf(product.signatureUpdatedAt), { moment: { on: '2025-10-19' }, basis: 'built' });
    assert.equal(judgeEdr(await collect(machine), { at: now }).outcome, 'fail');
  });

  it('makes no date of a fresh file on disk where clamd does not say what it has loaded', async () => {
    const machine = clamServer({ commands: { 'clamdscan-version': 'ClamAV 1.4.3\n' } });
    const product = await productOf(machine, 'clamav');
    assert.equal(valueOf(product.signatureUpdatedAt), 'failed engine-did-not-answer');
    assert.equal(judgeEdr(await collect(machine), { at: now }).outcome, 'undetermined');
  });

  it('counts what ClamAV found, and hands it over for review', async () => {
    const log =
      'Sun Nov 22 05:10:00 2026 -> /var/www/html/a.php: Php.Webshell-1(0123456789abcdef0123456789abcdef:68) FOUND\nMon Nov 23 05:10:00 2026 -> /home/jane.doe/x.exe: Win.Test.EICAR_HDB-1 FOUND\n';
    const edr_ = await collect(clamServer({ files: { '/var/log/clamav/clamav.log': log } }));
    assert.ok(!JSON.stringify(edr_).includes('jane'));
    assert.deepEqual(
      judgeEdr(edr_, { at: now }).toReview.map(({ total, newestAt }) => [total, newestAt]),
      [[2, { on: '2026-11-23' }]],
    );
  });
});
