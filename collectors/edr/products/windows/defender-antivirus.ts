/**
 * Microsoft Defender Antivirus, by its CIM classes. An HRESULT of theirs becomes a reason, and stays in
 * the detail: https://learn.microsoft.com/defender-endpoint/troubleshoot-microsoft-defender-antivirus
 */
import type { Answer } from '../../../../agent/host/host.ts';
import type { Detections, Fact, ProtectionProduct, Unseen } from '../../../../schemas/generated/types.ts';
import { fromAnswer, mapFact, missed, observed, unseen } from '../../../fact.ts';
import { flagOf, objectOf, type Raw } from '../../../raw-objects.ts';
import { countDetections } from '../../detections.ts';
import { type Findings, reading } from '../../product.ts';
import { parseDetections, threatsById } from './defender-detections.ts';
import { type DefenderEvents, parseDefenderEvents } from './defender-events.ts';
import { exclusionsOf, keptDaysOf, preferenceGives, preferenceValues, sparesThreats } from './defender-preferences.ts';
import { runningModeOf, signaturesOf, statusGives, statusValues } from './defender-status.ts';
import type { WindowsProduct } from './windows-product.ts';

export const defenderAntivirus: WindowsProduct = {
  id: 'defender-antivirus',
  vendor: 'Microsoft',
  product: 'Defender Antivirus',
  traces: { services: ['WinDefend'], helperServices: ['WdNisSvc'], drivers: ['WdFilter', 'WdBoot', 'WdNisDrv'] },
  async read({ host, digests }) {
    const status = defenderFact(await host.query('Get-MpComputerStatus'));
    const preference = defenderFact(await host.query('Get-MpPreference'));
    const threats = await host.query('Get-MpThreat');
    const known = fromAnswer(threats, threatsById);
    const found = await host.query('Get-MpThreatDetection');
    const kept = preference.status === 'observed' ? keptDaysOf(preference.value) : undefined;
    const detections =
      found.status === 'observed'
        ? fromAnswer(found, (value) =>
            parseDetections(value, known.status === 'observed' ? known.value : undefined, kept, digests),
          )
        : defenderMiss(missed(found));
    const silent = detections.status !== 'observed' || status.status !== 'observed';
    const log = silent
      ? fromAnswer(await host.query('defender-events'), (value) => parseDefenderEvents(value, digests))
      : undefined;
    return [
      {
        ...reading(
          mapFact(status, (raw) => statusValues(raw)),
          statusGives,
        ),
        ...modeFact(status),
        ...realTimeFact(status, preference),
        ...realTimeInLog(status, log),
        signatureUpdatedAt: signaturesFact(status),
        running: serviceFact(status),
      },
      {
        ...reading(
          mapFact(preference, (raw) => preferenceValues(raw)),
          preferenceGives,
        ),
        exclusions:
          preference.status === 'observed' ? exclusionsOf(preference.value, digests, preference.sources) : preference,
        detections: withLog(detections, log),
      },
    ];
  },
};

/** Codes that say why there is no answer. Whatever else it is stays a failure with its code. */
const codes: Readonly<Record<string, { readonly status: Unseen['status']; readonly reason: string }>> = {
  'hresult-0x800106ba': { status: 'failed', reason: 'defender-not-running' },
  'hresult-0x80070422': { status: 'failed', reason: 'defender-service-disabled' },
  'hresult-0x800106a9': { status: 'failed', reason: 'defender-not-running' },
  'hresult-0x8007045b': { status: 'failed', reason: 'shutdown-in-progress' },
  'hresult-0x80041010': { status: 'unsupported', reason: 'no-such-class' },
  'hresult-0x8004100e': { status: 'unsupported', reason: 'no-such-namespace' },
  'hresult-0x80041013': { status: 'failed', reason: 'provider-does-not-load' },
  'hresult-0x80070005': { status: 'denied', reason: 'permission-denied' },
  'hresult-0x80041003': { status: 'denied', reason: 'permission-denied' },
  'hresult-0x800706ba': { status: 'failed', reason: 'rpc-unavailable' },
  'hresult-0x80070015': { status: 'failed', reason: 'not-ready' },
};

export function defenderMiss(miss: Unseen): Unseen {
  const told = Object.hasOwn(codes, miss.reason) ? codes[miss.reason] : undefined;
  if (told === undefined) return miss.status === 'absent' ? { ...miss, status: 'unsupported' } : miss;
  const code = miss.reason.slice('hresult-'.length);
  const detail = miss.detail === undefined ? code : `${code}: ${miss.detail}`;
  return unseen(told.status, told.reason, miss.sources, detail);
}

function defenderFact(answer: Answer<unknown>): Fact<Raw> {
  const fact = fromAnswer(answer, objectOf);
  return fact.status === 'observed' ? fact : defenderMiss(fact);
}

/** A word that we do not know is a failure, not a mode. */
function modeFact(status: Fact<Raw>): Findings {
  if (status.status !== 'observed' || runningModeOf(status.value).known) return {};
  return { mode: unseen('failed', 'unknown-mode', status.sources) };
}

/** The log only speaks where Defender does not, and only against it: what it does not hold may be gone from it. */
function withLog(told: Fact<Detections>, log: Fact<DefenderEvents> | undefined): Fact<Detections> {
  if (told.status === 'observed' || log?.status !== 'observed') return told;
  const counted = countDetections(log.value.items);
  if ((counted.unresolved ?? 0) > 0) return observed(counted, ...told.sources, ...log.sources);
  const detail = `the event log tells of ${counted.total}, all dealt with`;
  return unseen(
    told.status,
    told.reason,
    [...told.sources, ...log.sources],
    [told.detail, detail].filter(Boolean).join('; '),
  );
}

function realTimeInLog(status: Fact<Raw>, log: Fact<DefenderEvents> | undefined): Findings {
  if (status.status === 'observed' || log?.status !== 'observed' || log.value.realTime !== false) return {};
  return { realTimeProtection: observed({ enabled: false }, ...status.sources, ...log.sources) };
}

type RealTime = ProtectionProduct['realTimeProtection'];

/**
 * Status and preference speak of the same switch: where they disagree both answers stand. That what is found is left
 * alone stands in the preference alone: with it every switch of the status still is on.
 */
function realTimeFact(status: Fact<Raw>, preference: Fact<Raw>): Findings {
  if (status.status !== 'observed' || preference.status !== 'observed') return {};
  const said = statusValues(status.value).realTimeProtection;
  const spares = sparesThreats(preference.value);
  const told = said === undefined || !spares ? said : { ...said, blocking: false };
  const off = flagOf(preference.value['DisableRealtimeMonitoring']);
  if (told === undefined) return {};
  const [first = '', second = ''] = [status.sources[0], preference.sources[0]];
  if (off === undefined || told.enabled === !off)
    return spares ? { realTimeProtection: observed(told, first, second) } : {};
  const fact: RealTime = {
    ...observed(told, first, second),
    answers: [
      { source: first, answer: told },
      { source: second, answer: { enabled: !off } },
    ],
  } as RealTime;
  return { realTimeProtection: fact };
}

function signaturesFact(status: Fact<Raw>): ProtectionProduct['signatureUpdatedAt'] {
  if (status.status !== 'observed') return status;
  const signatures = signaturesOf(status.value);
  if (signatures === 'never') return unseen('absent', 'never-updated', status.sources);
  return signatures === undefined
    ? unseen('unsupported', 'not-stated', status.sources)
    : observed(signatures, ...status.sources);
}

/** Its service's own word: with it off the antivirus is off, whatever the service control manager says. */
function serviceFact(status: Fact<Raw>): Fact<boolean> {
  if (status.status !== 'observed') return status;
  const enabled = flagOf(status.value['AMServiceEnabled']);
  const antivirus = flagOf(status.value['AntivirusEnabled']);
  if (enabled === false || antivirus === false) return observed(false, ...status.sources);
  return enabled === undefined
    ? unseen('unsupported', 'not-stated', status.sources)
    : observed(enabled, ...status.sources);
}
