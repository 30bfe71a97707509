/**
 * An Exchange server as Windows would describe it: documents host, updates and edr, made to their schemas for
 * each state that a replay needs. Facts that no clock here asks for are `unsupported`, as in a recording that
 * lacks them. The documents admins and mfa come from the real collectors (mail-access.ts).
 */

import { addDays, type Day } from '../../audit/days.ts';
import type { Draft, Drafts } from '../../collectors/collector.ts';
import edrSchema from '../../schemas/edr.schema.json' with { type: 'json' };
import type { DetectedThreat, ProtectionProduct } from '../../schemas/generated/types.ts';
import hostSchema from '../../schemas/host.schema.json' with { type: 'json' };
import updatesSchema from '../../schemas/updates.schema.json' with { type: 'json' };
import type { AccessDrafts } from './mail-access.ts';

export type ServerState = {
  readonly name: string;
  /** File version of ExSetup.exe. */
  readonly build: string;
  /** A core file that stayed behind, and a service that was left disabled. */
  readonly oldFile?: string;
  readonly disabledService?: string;
  readonly claimedKb?: string;
  readonly failedKb?: string;
  readonly mitigations?: readonly string[];
};

export type DetectorState = {
  /** Classes of folders that are excluded from detection. */
  readonly exclusions: readonly ('exchange-frontend-auth' | 'iis-temporary' | 'iis-system' | 'web-root')[];
  readonly signaturesOn: Day;
  readonly detections: readonly DetectedThreat[];
  readonly forwarded: boolean;
  readonly provedOn?: Day;
};

const notRecorded = { status: 'unsupported', reason: 'not-recorded', sources: ['query:none'] } as const;

/** Every required fact that is not given was not recorded. */
function filled(schema: { readonly required: readonly string[] }, given: object): object {
  const rest = schema.required.filter((name) => name !== 'format' && name !== 'blind');
  return { ...Object.fromEntries(rest.map((name) => [name, notRecorded])), ...given };
}

function observed<T>(value: T, source: string): { status: 'observed'; value: T; sources: string[] } {
  return { status: 'observed', value, sources: [source] };
}

export function hostDraft(name: string): Draft<'host'> {
  return filled(hostSchema, {
    hostname: observed(name, 'query:host'),
    os: observed(
      { family: 'windows', id: 'windows-server', versionId: '10.0.14393', prettyName: 'Windows Server 2016 Standard' },
      'query:host',
    ),
    clock: observed({ synchronised: true, keeper: 'w32time' }, 'query:host'),
  }) as Draft<'host'>;
}

export function updatesDraft(state: ServerState): Draft<'updates'> {
  const { build, oldFile, disabledService, claimedKb, failedKb, mitigations } = state;
  const files = ['Microsoft.Exchange.Common.dll', 'Microsoft.Exchange.Data.dll'].map((name) => ({
    name: `Bin\\${name}`,
    version: build,
  }));
  const services = ['MSExchangeIS', 'MSExchangeTransport', 'MSExchangeServiceHost', 'W3SVC'].map((name) => ({
    name,
    startType: name === disabledService ? ('disabled' as const) : ('automatic' as const),
    state: name === disabledService ? ('stopped' as const) : ('running' as const),
  }));
  const claims = [
    ...(claimedKb === undefined
      ? []
      : [
          {
            claimedBy: 'uninstall-entry' as const,
            kb: claimedKb,
            name: `Security Update for Exchange Server (${claimedKb})`,
            result: 'succeeded' as const,
          },
        ]),
    ...(failedKb === undefined
      ? []
      : [{ claimedBy: 'update-history' as const, kb: failedKb, result: 'failed' as const }]),
  ];
  return filled(updatesSchema, {
    exchange: observed(
      { installPath: 'C:\\Program Files\\Microsoft\\Exchange Server\\V15\\', setupFileVersion: build },
      'query:exchange',
    ),
    exchangeFiles: observed(
      {
        files:
          oldFile === undefined
            ? files
            : [...files, { name: 'Bin\\Microsoft.Exchange.Clients.Owa2.Server.dll', version: oldFile }],
        unread: 0,
      },
      'query:exchange-files',
    ),
    exchangeServices: observed(services, 'query:exchange-services'),
    exchangeClaims: observed(claims, 'query:exchange-claims'),
    exchangeServer:
      mitigations === undefined
        ? notRecorded
        : observed({ mitigationsApplied: [...mitigations] }, 'query:exchange-server'),
    pendingReboot: observed(
      {
        signals: [
          { name: 'cbs-reboot-pending', present: false },
          { name: 'windows-update-reboot-required', present: false },
        ],
      },
      'query:pending-reboot',
    ),
    availableUpdates: { status: 'not-applicable', reason: 'windows', sources: ['system:identity'] },
    // The agent of Windows Update offers nothing to a cumulative update that is out of support.
    offeredUpdates: observed({ mode: 'offline', resultCode: 2, updates: [] }, 'query:update-search'),
  }) as Draft<'updates'>;
}

function defender({ exclusions, signaturesOn, detections }: DetectorState): ProtectionProduct {
  const from = 'query:Get-MpComputerStatus';
  const yes = observed(true, from);
  return {
    id: 'microsoft-defender-windows',
    vendor: 'Microsoft',
    product: 'Microsoft Defender Antivirus',
    installed: yes,
    components: observed([{ kind: 'service', name: 'WinDefend', running: true }], from),
    running: yes,
    enabledAtBoot: yes,
    version: observed('4.18.2006.10', from),
    engineVersion: observed('1.1.17200.2', from),
    mode: observed({ mode: 'active' }, from),
    realTimeProtection: observed({ enabled: true, onAccess: true, downloads: true, network: true }, from),
    behaviourMonitoring: yes,
    cloudProtection: observed({ enabled: true }, from),
    signatureVersion: observed(`1.${signaturesOn.replaceAll('-', '')}`, from),
    signatureUpdatedAt: observed({ moment: { at: `${signaturesOn}T04:00:00Z` }, basis: 'built' }, from),
    signatureUpdate: observed({ automatic: true }, from),
    tamperProtection: observed({ state: 'on' }, from),
    exclusions: observed(
      exclusions.map((pathClass) => ({ kind: 'path', pathClass, keyedDigest: 'e'.repeat(64) })),
      'query:Get-MpPreference',
    ),
    attackSurfaceRules: notRecorded,
    cloudContact: observed({ connected: true }, from),
    tenantDigest: notRecorded,
    policy: notRecorded,
    licence: observed({ state: 'licensed' }, from),
    isolation: notRecorded,
    lastScan: notRecorded,
    detections: observed(
      {
        total: detections.length,
        active: 0,
        // The product removed each of them; nobody looked.
        unresolved: 0,
        distinct: detections.length,
        items: [...detections],
      },
      'query:Get-MpThreatDetection',
    ),
    kernelHooks: notRecorded,
    conflicts: observed([], 'query:services'),
    vendorHealth: observed({ healthy: true }, from),
  } as unknown as ProtectionProduct;
}

export function edrDraft(state: DetectorState): Draft<'edr'> {
  return filled(edrSchema, {
    products: observed([defender(state)], 'query:Get-MpComputerStatus'),
    searchedPlaces: observed(
      [
        { place: 'services', looked: true },
        { place: 'drivers', looked: true },
        { place: 'registry', looked: true },
      ],
      'query:services',
    ),
    logForwarding: state.forwarded
      ? observed(
          [
            {
              kind: 'windows-event-forwarding',
              name: 'Wecsvc',
              running: observed(true, 'query:services'),
              enabledAtBoot: observed(true, 'query:services'),
              configured: observed([{ address: 'collector.example', protocol: 'https' }], 'query:services'),
              delivering: observed(
                { connected: true, lastAcknowledgedAt: { at: `${state.signaturesOn}T22:00:00Z` } },
                'query:services',
              ),
            },
          ],
          'query:services',
        )
      : observed([], 'query:services'),
    logRetention: observed(
      [{ log: 'Security', oldestEntryAt: { on: addDays(state.signaturesOn, -120) }, enabled: true }],
      'query:event-logs',
    ),
    detectionProofs:
      state.provedOn === undefined
        ? observed([], 'query:none')
        : observed(
            [
              {
                method: 'eicar-on-access',
                nonceDigest: 'a'.repeat(64),
                startedAt: `${state.provedOn}T21:00:00Z`,
                outcome: 'detected',
                cleanedUp: true,
              },
            ],
            'query:none',
          ),
  }) as Draft<'edr'>;
}

export type WholeState = {
  readonly server: ServerState;
  readonly detector: DetectorState;
  /** Who administers it, and its ways in, as the real collectors gave them. */
  readonly access: Partial<AccessDrafts>;
};

/** The drafts of a state; those of an equal part are the same object, so that documents are made once. */
export function draftMaker(): (state: WholeState) => Drafts {
  const kept = new Map<string, unknown>();
  const once = <T>(name: string, key: unknown, make: () => T): T => {
    const text = `${name} ${JSON.stringify(key)}`;
    const known = (kept.get(text) as T | undefined) ?? make();
    kept.set(text, known);
    return known;
  };
  return ({ server, detector, access }) => ({
    ...access,
    host: once('host', server.name, () => hostDraft(server.name)),
    updates: once('updates', server, () => updatesDraft(server)),
    edr: once('edr', detector, () => edrDraft(detector)),
  });
}
