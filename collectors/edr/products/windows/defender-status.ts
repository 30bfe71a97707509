/**
 * MSFT_MpComputerStatus, what Microsoft Defender Antivirus says of itself. Members that an old version
 * lacks are not stated; an age of 4294967295 is "never".
 * https://learn.microsoft.com/powershell/module/defender/get-mpcomputerstatus
 */
import { flagOf, integerOf, momentOf, type Raw, textOf } from '../../../raw-objects.ts';
import { toText } from '../../../text.ts';
import { shortText } from '../../key-values.ts';
import type { FactName, Values } from '../../product.ts';

/** The largest UInt32: this never happened. */
const never = 4_294_967_295;

export const statusGives: readonly FactName[] = [
  'version',
  'engineVersion',
  'mode',
  'realTimeProtection',
  'behaviourMonitoring',
  'signatureVersion',
  'tamperProtection',
  'lastScan',
  'vendorHealth',
];

/** The words of AMRunningMode; every other is a failure, not a mode. */
const modes: Readonly<Record<string, NonNullable<Values['mode']>['mode']>> = {
  normal: 'active',
  passive: 'passive',
  'passive mode': 'passive',
  'sxs passive mode': 'passive',
  'edr block': 'edr-block',
  'edr block mode': 'edr-block',
  'edr over passive mode': 'edr-block',
  'not running': 'disabled',
};

export type RunningMode = { readonly known: true; readonly value: Values['mode'] } | { readonly known: false };

/** `known: false` is a word that we do not know; a member that is not there has no value. */
export function runningModeOf(status: Raw): RunningMode {
  const word = textOf(status['AMRunningMode']);
  if (word === undefined) return { known: true, value: undefined };
  const key = word.trim().toLowerCase();
  const mode = Object.hasOwn(modes, key) ? modes[key] : undefined;
  if (mode === undefined) return { known: false };
  const troubleshooting = troubleshootingOf(status['TroubleShootingMode']);
  return {
    known: true,
    value: { mode, verbatim: toText(word), ...(troubleshooting !== undefined && { troubleshooting }) },
  };
}

function troubleshootingOf(value: unknown): boolean | undefined {
  const word = typeof value === 'string' ? value.trim().toLowerCase() : undefined;
  return word === 'enabled' ? true : word === 'disabled' ? false : undefined;
}

export function statusValues(status: Raw): Values {
  const version = versionOf(status['AMProductVersion']);
  const engineVersion = versionOf(status['AMEngineVersion']);
  const signatureVersion = versionOf(status['AntivirusSignatureVersion']);
  const mode = runningModeOf(status);
  const enabled = flagOf(status['RealTimeProtectionEnabled']);
  const onAccess = flagOf(status['OnAccessProtectionEnabled']);
  const downloads = flagOf(status['IoavProtectionEnabled']);
  const network = flagOf(status['NISEnabled']);
  const behaviour = flagOf(status['BehaviorMonitorEnabled']);
  const tamper = flagOf(status['IsTamperProtected']);
  const tamperSource = textOf(status['TamperProtectionSource']);
  const scans = scansOf(status);
  const health = healthOf(status);
  return {
    ...(version !== undefined && { version }),
    ...(engineVersion !== undefined && { engineVersion }),
    ...(signatureVersion !== undefined && { signatureVersion }),
    ...(mode.known && mode.value !== undefined && { mode: mode.value }),
    ...(enabled !== undefined && {
      realTimeProtection: {
        enabled,
        subsystem: 'WdFilter',
        ...(onAccess !== undefined && { onAccess }),
        ...(downloads !== undefined && { downloads }),
        ...(network !== undefined && { network }),
      },
    }),
    ...(behaviour !== undefined && { behaviourMonitoring: behaviour }),
    ...(tamper !== undefined && {
      tamperProtection: {
        state: tamper ? 'on' : 'off',
        ...(tamperSource !== undefined && tamperSource !== 'N/A' && { verbatim: toText(tamperSource) }),
      },
    }),
    ...(scans.length > 0 && { lastScan: scans }),
    ...(health !== undefined && { vendorHealth: health }),
  };
}

/** `0.0.0.0` stands where nothing runs. */
function versionOf(value: unknown): string | undefined {
  const text = shortText(textOf(value));
  return text === undefined || /^0(?:\.0)+$/.test(text) ? undefined : text;
}

/** never: it has none. A date, or undefined where nothing usable is stated. */
export function signaturesOf(status: Raw): Values['signatureUpdatedAt'] | 'never' | undefined {
  const moment = momentOf(status['AntivirusSignatureLastUpdated']);
  if (moment !== undefined) return { moment, basis: 'installed' };
  return integerOf(status['AntivirusSignatureAge']) === never ? 'never' : undefined;
}

function scansOf(status: Raw): NonNullable<Values['lastScan']> {
  return (['Quick', 'Full'] as const).flatMap((name): NonNullable<Values['lastScan']> => {
    const kind = name === 'Quick' ? ('quick' as const) : ('full' as const);
    const ended = momentOf(status[`${name}ScanEndTime`]);
    const age = integerOf(status[`${name}ScanAge`]);
    if (age === never) return [{ kind, ran: false }];
    if (ended !== undefined) return [{ kind, ran: true, ended }];
    return age === undefined ? [] : [{ kind, ran: true }];
  });
}

/** What ComputerState and its neighbours say is still to be done about what was found. */
const states: readonly (readonly [number, string])[] = [
  [1, 'FullScanPending'],
  [2, 'RebootPending'],
  [4, 'ManualStepsRequired'],
  [8, 'OfflineScanPending'],
  [16, 'CriticalFailure'],
];

function healthOf(status: Raw): Values['vendorHealth'] {
  const state = integerOf(status['ComputerState']);
  const outOfDate = flagOf(status['DefenderSignaturesOutOfDate']);
  if (state === undefined && outOfDate === undefined) return undefined;
  const pending = state === undefined ? [] : states.filter(([bit]) => (state & bit) !== 0).map(([, name]) => name);
  return { issues: [...pending, ...(outOfDate === true ? ['DefenderSignaturesOutOfDate'] : [])] };
}
