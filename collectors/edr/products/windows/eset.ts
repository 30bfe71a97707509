/**
 * ESET on Windows: `eRmm.exe get …` in JSON, where the policy lets it answer, and its key. Its words are
 * translated; only numbers and dates of it are used.
 */
import { mapFact, type Parsed, parsed, unparsed } from '../../../fact.ts';
import { isRaw, type Raw, textOf } from '../../../raw-objects.ts';
import { type RegistryValues, readValues } from '../../../registry-values.ts';
import { wholeOutput } from '../../../updates/whole-text.ts';
import { shortText } from '../../key-values.ts';
import { dayOfIso, momentOfRfc3339 } from '../../moments.ts';
import { reading, type Values } from '../../product.ts';
import type { WindowsProduct } from './windows-product.ts';

export const eset: WindowsProduct = {
  id: 'eset',
  vendor: 'ESET',
  product: 'Server Security',
  traces: {
    services: ['ekrn'],
    helperServices: ['EraAgentSvc', 'ekrnEpfw'],
    drivers: ['eamonm', 'ehdrv', 'edevmon', 'eelam'],
    uninstall: /^ESET (?:Server|File|Mail|Endpoint|Security)/,
  },
  async read({ host }) {
    const info = await readValues(host, String.raw`HKLM\SOFTWARE\ESET\ESET Security\CurrentVersion\Info`);
    const status = wholeOutput(await host.exec('eset-rmm-status'), parseEsetStatus);
    const update = wholeOutput(await host.exec('eset-rmm-update'), parseEsetUpdate);
    return [
      reading(mapFact(info, esetInfo), ['version', 'signatureVersion', 'signatureUpdatedAt']),
      reading(status, ['vendorHealth']),
      reading(update, ['signatureUpdate']),
    ];
  },
};

/** ScannerVersion: `28341 (20231205)`, the detection engine with the day it was made. */
export function esetInfo(values: RegistryValues): Values {
  const version = shortText(values.text('ProductVersion'));
  const scanner = shortText(values.text('ScannerVersion'));
  const made = /^([0-9]+)(?:[A-Z])?\s*\(([0-9]{8})\)$/.exec(scanner ?? '');
  const moment = made?.[2] === undefined ? undefined : dayOfIso(made[2]);
  return {
    ...(version !== undefined && { version }),
    ...(scanner !== undefined && { signatureVersion: scanner }),
    ...(moment !== undefined && { signatureUpdatedAt: { moment, basis: 'built' } }),
  };
}

/** `{"id":1,"result":{"status":0,"description":"You are protected"},"error":null}`: 0 is in order. */
export function parseEsetStatus(text: string): Parsed<Values> {
  const result = resultOf(text);
  const status = result?.['status'];
  if (typeof status !== 'number' || !Number.isSafeInteger(status)) return unparsed('unexpected-output');
  return parsed({
    vendorHealth: {
      healthy: status === 0,
      verbatim: String(status),
      ...(status !== 0 && { issues: [`protection-status ${status}`] }),
    },
  });
}

/** `{"result":{"last_update_time":"2023-12-05 06:30:00","last_update_result":"…","last_successful_update_time":…}}` in local time. */
export function parseEsetUpdate(text: string): Parsed<Values> {
  const result = resultOf(text);
  if (result === undefined) return unparsed('unexpected-output');
  const attempt = whenOf(result['last_update_time']);
  const success = whenOf(result['last_successful_update_time']);
  if (attempt === undefined && success === undefined) return unparsed('unexpected-output');
  return parsed({
    signatureUpdate: {
      ...(attempt !== undefined && { lastAttempt: attempt }),
      ...(success !== undefined && { lastSuccess: success }),
    },
  });
}

function whenOf(value: unknown): ReturnType<typeof dayOfIso> {
  const text = textOf(value);
  return text === undefined ? undefined : (momentOfRfc3339(text) ?? dayOfIso(text));
}

/** Undefined where it is no answer, or the policy refuses one (`error`). */
function resultOf(text: string): Raw | undefined {
  try {
    const json: unknown = JSON.parse(text.trim());
    return isRaw(json) && isRaw(json['result']) && !isRaw(json['error']) ? json['result'] : undefined;
  } catch {
    return undefined;
  }
}
