/**
 * Published samples of others, where they are present: text forms of objects are made the objects that the
 * queries give. Text of tools that is translated (sc, fltmc, auditpol /get) is not parsed by the product.
 */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseDetections } from '../../../collectors/edr/products/windows/defender-detections.ts';
import { exclusionsOf } from '../../../collectors/edr/products/windows/defender-preferences.ts';
import { runningModeOf, signaturesOf, statusValues } from '../../../collectors/edr/products/windows/defender-status.ts';
import { parseSentinelStatus } from '../../../collectors/edr/products/windows/sentinelone.ts';
import { folder } from '../../slow/recordings-index.ts';
import { digests } from '../each-source-denied.ts';

const root = join(folder, 'edr-windows');

/** `Name : value` of Format-List as an object; dates in the culture that the index names. */
function objectOf(text: string, order: 'MDY' | 'DMY'): Record<string, unknown> {
  const object: Record<string, unknown> = {};
  for (const line of text.split('\n')) {
    const match = /^[\s#/]*([A-Za-z][A-Za-z0-9]{2,40})\s*:\s?(.*?)\s*$/.exec(line);
    if (match?.[1] !== undefined) object[match[1]] = valueOf(match[2] ?? '', order);
  }
  return object;
}

function valueOf(text: string, order: 'MDY' | 'DMY'): unknown {
  if (text === '') return null;
  if (text === 'True' || text === 'False') return text === 'True';
  if (/^[0-9]+$/.test(text)) return Number(text);
  if (/^\{.*\}$/.test(text) && !/^\{[0-9A-F-]{36}\}$/i.test(text)) return [text.slice(1, -1)];
  const date = /^(\d{1,2})[./](\d{1,2})[./](\d{4}) (\d{1,2}):(\d{2}):(\d{2})(?: ([AP])M)?$/.exec(text);
  if (date === null) return text;
  const [, first, second, year, hour, minute, seconds, half] = date;
  const [month, day] = order === 'MDY' ? [first, second] : [second, first];
  const hours = half === undefined ? Number(hour) : (Number(hour) % 12) + (half === 'P' ? 12 : 0);
  return new Date(
    Date.UTC(Number(year), Number(month) - 1, Number(day), hours, Number(minute), Number(seconds)),
  ).toISOString();
}

type Status = {
  readonly file: string;
  readonly order?: 'DMY';
  readonly expect: {
    readonly mode?: string | null;
    readonly realTime?: boolean | null;
    readonly signatures?: string;
    readonly tamper?: string | null;
    readonly onAccess?: boolean;
    readonly behaviour?: boolean;
    readonly version?: string;
  };
};

const statuses: readonly Status[] = [
  {
    file: 'get-mpcomputerstatus-2019-normal.txt',
    expect: {
      mode: null,
      realTime: true,
      behaviour: true,
      onAccess: true,
      tamper: null,
      signatures: '2019-11-21T18:54:43Z',
      version: '4.18.1905.4',
    },
  },
  {
    file: 'get-mpcomputerstatus-2020-normal-comment.txt',
    expect: { mode: 'active', realTime: true, tamper: 'off', signatures: '2020-12-20T18:33:13Z' },
  },
  {
    file: 'get-mpcomputerstatus-comment-au.txt',
    order: 'DMY',
    expect: { tamper: 'on', signatures: '2019-10-15T01:28:43Z' },
  },
  {
    file: 'get-mpcomputerstatus-edr-block-mode-de.txt',
    order: 'DMY',
    expect: { mode: 'edr-block', signatures: '2021-02-25T22:37:08Z' },
  },
  {
    file: 'get-mpcomputerstatus-not-running.txt',
    expect: { mode: 'disabled', realTime: false, signatures: 'never', tamper: 'off', version: '4.18.2109.6' },
  },
  {
    file: 'get-mpcomputerstatus-server2016-head.txt',
    expect: { mode: null, realTime: null, behaviour: false, signatures: '2021-03-28T02:59:12Z' },
  },
  {
    file: 'get-mpcomputerstatus-server2016-rtp-on-parts-off.txt',
    expect: { mode: null, realTime: true, onAccess: false, behaviour: false, signatures: '2020-09-02T11:31:51Z' },
  },
  { file: 'get-mpcomputerstatus-spacing-lost.txt', expect: { realTime: true, signatures: '2020-09-02T11:31:51Z' } },
  {
    file: 'checkmk-windows-defender-section.txt',
    order: 'DMY',
    expect: { realTime: true, signatures: '2021-10-07T10:38:19Z' },
  },
];

type Threat = {
  readonly file: string;
  readonly state: string;
  readonly id: string;
  readonly first?: string;
  readonly order?: 'DMY';
};

const threats: readonly Threat[] = [
  { file: 'get-mpthreatdetection-2024.txt', state: 'quarantined', id: '2147894794', first: '2024-04-09T09:38:39Z' },
  { file: 'get-mpthreatdetection-unremediated.txt', state: 'active', id: '2147775465', first: '2025-02-08T21:33:44Z' },
  {
    file: 'wmi-mpthreatdetection-cim-dates.txt',
    state: 'unknown',
    id: '2147686744',
    first: '2025-01-28T16:44:51Z',
  },
];

describe('published samples of Windows', () => {
  let facts = 0;
  let right = 0;
  const check = (what: string, actual: unknown, expected: unknown): void => {
    facts += 1;
    assert.deepEqual(actual, expected, what);
    right += 1;
  };

  before(function () {
    if (existsSync(root)) return;
    process.stdout.write('      skipped: no recordings of others\n');
    this.skip();
  });
  after(() => {
    if (facts > 0) process.stdout.write(`      ${right} of ${facts} key facts of published samples\n`);
  });

  it('of MSFT_MpComputerStatus give what they say', () => {
    for (const { file, order = 'MDY', expect } of statuses) {
      const object = objectOf(readFileSync(join(root, file), 'utf8'), order);
      const values = statusValues(object);
      const mode = runningModeOf(object);
      const signatures = signaturesOf(object);
      const moment = typeof signatures === 'object' && 'at' in signatures.moment ? signatures.moment.at : signatures;
      if (expect.mode !== undefined) check(file, mode.known ? (mode.value?.mode ?? null) : 'unknown', expect.mode);
      if (expect.realTime !== undefined) check(file, values.realTimeProtection?.enabled ?? null, expect.realTime);
      if (expect.onAccess !== undefined) check(file, values.realTimeProtection?.onAccess, expect.onAccess);
      if (expect.behaviour !== undefined) check(file, values.behaviourMonitoring, expect.behaviour);
      if (expect.tamper !== undefined) check(file, values.tamperProtection?.state ?? null, expect.tamper);
      if (expect.version !== undefined) check(file, values.version, expect.version);
      if (expect.signatures !== undefined) check(file, moment, expect.signatures);
    }
  });

  it('of MSFT_MpThreatDetection give state and date', () => {
    for (const { file, state, id, first, order = 'MDY' } of threats) {
      const read = parseDetections(
        objectOf(readFileSync(join(root, file), 'utf8'), order),
        undefined,
        undefined,
        digests,
      );
      assert.ok(read.ok, file);
      const [item] = read.value.items ?? [];
      check(file, item?.state, state);
      check(file, item?.threatId, id);
      check(file, item?.firstSeen, { at: first });
      check(file, read.value.active, state === 'active' ? 1 : 0);
    }
  });

  it('of hidden exclusions are denied, and of SentinelOne tell prevention from detection', () => {
    const sentence = readFileSync(join(root, 'get-mppreference-exclusions-unelevated.txt'), 'utf8').trim();
    check('exclusions', exclusionsOf({ ExclusionPath: sentence }, digests, ['query:x']).status, 'denied');
    for (const [file, mode, version] of [
      ['sentinelctl-status-22.2.3.txt', 'active', '22.2.3.402'],
      ['sentinelctl-status-25.1.4.txt', 'detect-only', '25.1.4.434'],
    ] as const) {
      const read = parseSentinelStatus(readFileSync(join(root, file), 'utf8'));
      assert.ok(read.ok, file);
      check(file, read.value.mode?.mode, mode);
      check(file, read.value.version, version);
      check(file, read.value.tamperProtection?.state, 'on');
    }
  });
});
