/**
 * Recordings of real Windows systems that may lie beside this checkout: those of sources that we read, n of
 * n key facts. Text of localised commands (systeminfo, wmic, net, dism) is not parsed, and not counted.
 */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseDomainRole } from '../../collectors/host/system-facts.ts';
import { rawInstant, rawVersion } from '../../collectors/raw-json.ts';
import { readBuild } from '../../collectors/updates/windows/build.ts';
import { displayBuildOf } from '../../collectors/updates/windows/exchange-answers.ts';
import { installedOn, parseHotfixes } from '../../collectors/updates/windows/hotfixes.ts';
import { parseUpdateHistory } from '../../collectors/updates/windows/update-history.ts';
import { fakeHost } from '../collectors/fake-host.ts';
import { folder } from './recordings-index.ts';

const own = join(folder, 'updates-windows');
const texts = (name: string): string => {
  const bytes = readFileSync(join(own, name));
  const isWide = bytes[0] === 0xff && bytes[1] === 0xfe;
  return new TextDecoder(isWide ? 'utf-16le' : 'utf-8').decode(bytes);
};

/** Members of an object in CLIXML, as Export-Clixml writes them, by name. */
function members(xml: string): Record<string, string> {
  return Object.fromEntries(
    [...xml.matchAll(/<(?:S|I32|U32|I64|Version|DT|B|Nil)\b[^>]* N="([^"]+)"(?:\/>|>([^<]*)<)/g)].map(
      ([, name = '', value = '']) => [name, value] as const,
    ),
  );
}

async function buildOf(values: Readonly<Record<string, { type: string; value: unknown }>>): Promise<string> {
  const host = fakeHost({
    os: 'windows',
    registry: { 'HKLM\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion': { values } },
  });
  const fact = await readBuild(host, { source: 'query:file-versions', versions: new Map() });
  return fact.status === 'observed' ? fact.value.version : fact.reason;
}

/** `"Name"="text"` and `"Name"=dword:hex` of a .reg file. */
function regValues(text: string): Record<string, { type: string; value: unknown }> {
  return Object.fromEntries(
    [...text.matchAll(/^\s*"([^"]+)"=(?:"([^"]*)"|dword:([0-9a-f]{8}))/gim)].map(([, name = '', value, hex]) => [
      name,
      hex === undefined ? { type: 'REG_SZ', value } : { type: 'REG_DWORD', value: Number.parseInt(hex, 16) },
    ]),
  );
}

describe('recordings of real Windows systems', () => {
  let found = 0;
  const facts = (name: string, list: () => Promise<readonly [unknown, unknown][]> | readonly [unknown, unknown][]) =>
    it(name, async function () {
      if (!existsSync(join(own, name))) {
        process.stdout.write('      skipped: the recordings of real systems are not beside this checkout\n');
        this.skip();
      }
      const pairs = await list();
      for (const [actual, expected] of pairs) assert.deepEqual(actual, expected);
      found += pairs.length;
      process.stdout.write(`      ${pairs.length} of ${pairs.length} key facts\n`);
    });

  facts('reg-export-currentversion-23h2-head.reg', async () => {
    const values = regValues(texts('reg-export-currentversion-23h2-head.reg'));
    return [[await buildOf(values), '10.0.22631.2859']];
  });
  facts('reg-export-currentversion-indented-fixture.reg', async () => {
    const values = regValues(texts('reg-export-currentversion-indented-fixture.reg'));
    return [
      [
        await buildOf({
          ...values,
          CurrentBuildNumber: values['CurrentBuildNumber'] ?? values['CurrentBuild'] ?? { type: 'REG_SZ', value: '' },
        }),
        '10.0.22631.4000',
      ],
      [values['EditionID']?.value, 'Enterprise'],
    ];
  });
  facts('vuls_currentversion-registry.txt', async () => {
    const lines = [...texts('vuls_currentversion-registry.txt').matchAll(/^(\w+)\s+: (.*?)\s*$/gm)];
    const values = Object.fromEntries(
      lines.map(([, name = '', value = '']) => [
        name,
        {
          type: /^\d+$/.test(value) ? 'REG_DWORD' : 'REG_SZ',
          value: /^\d+$/.test(value) && name !== 'CurrentBuildNumber' ? Number(value) : value,
        },
      ]),
    );
    return [
      [await buildOf(values), '10.0.19044.2364'],
      [values['CurrentVersion']?.value, '6.3'],
    ];
  });
  for (const [name, build] of [
    ['cssexchange_E16_ExSetup.clixml', '15.1.2375.7'],
    ['cssexchange_E19_ExSetup.clixml', '15.2.986.5'],
  ] as const)
    facts(name, () => {
      const told = members(texts(name));
      const parts = ['FileMajorPart', 'FileMinorPart', 'FileBuildPart', 'FilePrivatePart'].map((part) => told[part]);
      // The numbers, and the text with its leading zeros, name the same build.
      return [
        [rawVersion(parts.join('.')), build],
        [rawVersion(told['FileVersion']), build],
      ];
    });
  for (const [name, server, build] of [
    ['cssexchange_E16_Get-ExchangeServer.clixml', 'SOLO-E16A', '15.1.2375.7'],
    ['cssexchange_E19_Get-ExchangeServer.clixml', 'SOLO-E19A', '15.2.986.5'],
  ] as const)
    facts(name, () => {
      const xml = texts(name);
      const display = /Version \d+\.\d+ \(Build \d+\.\d+\)/.exec(xml)?.[0] ?? '';
      return [
        [displayBuildOf(display), build],
        [xml.includes(`<S N="Name">${server}</S>`), true],
      ];
    });
  for (const [name, version, boot] of [
    ['cssexchange_E16_Win32_OperatingSystem.clixml', '10.0.14393', '2021-09-28T18:11:19.858Z'],
    ['cssexchange_E19_Win32_OperatingSystem.clixml', '10.0.17763', '2021-09-29T18:59:07.020Z'],
  ] as const)
    facts(name, () => {
      const told = members(texts(name));
      return [
        [rawInstant(told['LastBootUpTime']), boot],
        [told['Version'], version],
        [parseDomainRole({ domainRole: Number(told['ProductType']) }), { ok: true, value: { role: 'member-server' } }],
      ];
    });
  for (const [name, product] of [
    ['cssexchange_E16_ProductName.clixml', 'Windows Server 2016 Datacenter'],
    ['cssexchange_E19_ProductName.clixml', 'Windows Server 2019 Datacenter'],
  ] as const)
    facts(name, () => [[texts(name).includes(product), true]]);
  facts('cssexchange_E16_Get-HotFix.clixml', () => {
    const xml = texts('cssexchange_E16_Get-HotFix.clixml');
    const objects = xml.split(/<Obj RefId="\d+">(?=\s*<TN)/).slice(1);
    const rows = objects.map(members).filter(({ HotFixID }) => HotFixID !== undefined);
    const all = [...xml.matchAll(/<S N="HotFixID">(KB\d+)<\/S>/g)].map(([, id]) => id);
    const days = [...xml.matchAll(/<S N="InstalledOn">([^<]+)<\/S>/g)].map(([, day = '']) => day);
    const parsed = parseHotfixes(all.map((id, at) => ({ HotFixID: id, InstalledOn: days[at] })));
    assert.ok(parsed.ok && rows.length > 0);
    const byId = new Map(parsed.value.map((each) => [each.id, each]));
    return [
      [[...byId.keys()].toSorted(), ['KB3192137', 'KB4049065', 'KB4051033', 'KB4054590', 'KB4486129']],
      // 9/12 may be September or December: the text stays; 11/24 can be one day only.
      [byId.get('KB3192137')?.installedOnText, '9/12/2016'],
      [byId.get('KB4054590')?.installedOn, { on: '2018-11-24' }],
    ];
  });
  facts('msdocs_get-hotfix.txt', () => {
    const rows = [...texts('msdocs_get-hotfix.txt').matchAll(/(KB\d+)\s.*?(\d+\/\d+\/\d{4} \d\d:\d\d:\d\d)/g)];
    return rows.map(([, id, day]) => [
      [id, installedOn(day)],
      [
        id,
        {
          installedOn: { on: { KB4495590: '2019-05-16', KB4470788: '2019-01-22', KB4480056: '2019-01-24' }[id ?? ''] },
        },
      ],
    ]);
  });
  facts('msdocs_win32qfe-table.txt', () => {
    const [, id, day] = /(KB\d+).*?(\d+\/\d+\/\d{4})/.exec(texts('msdocs_win32qfe-table.txt')) ?? [];
    return [
      [id, 'KB4048951'],
      [installedOn(day), { installedOn: { on: '2017-12-16' } }],
    ];
  });
  facts('msdocs_win32qfe-property-list.txt', () => {
    const id = /HotFixID\s*:\s*(KB\d+)/.exec(texts('msdocs_win32qfe-property-list.txt'))?.[1];
    return [[parseHotfixes({ HotFixID: id, InstalledOn: null }), { ok: true, value: [{ id: 'KB4533002' }] }]];
  });
  facts('vuls_wu-history-ja.txt', () => {
    const blocks = texts('vuls_wu-history-ja.txt')
      .split(/\r?\n\r?\n/)
      .filter((block) => block.includes('Title'));
    const entries = blocks.map((block) => {
      const field = (name: string): string | undefined =>
        new RegExp(`^${name}\\s*: (.*)$`, 'm').exec(block)?.[1]?.trim();
      return { title: field('Title'), operation: Number(field('Operation')), result: Number(field('ResultCode')) };
    });
    const parsed = parseUpdateHistory({ total: entries.length, entries });
    assert.ok(parsed.ok);
    const kbs = (operation: string): string[] =>
      parsed.value.events
        .filter((event) => event.operation === operation && event.result === 'succeeded')
        .flatMap((event) => event.kbs ?? []);
    const removed = kbs('uninstall');
    return [
      [kbs('install').filter((kb) => !removed.includes(kb)), ['KB5021088', 'KB5021233']],
      [removed, ['KB5020435']],
    ];
  });
  after(() => {
    if (found > 0) process.stdout.write(`      ${found} of ${found} key facts of recorded Windows sources\n`);
  });
});
