/**
 * CrowdStrike Falcon: `falconctl -g`. Prevention policy and detections are in its console alone; what the
 * sensor says here is whether it works in full (reduced functionality mode, RFM).
 */
import type { Digests } from '../../collector.ts';
import { mapFact, type Parsed, parsed, unparsed, unseen } from '../../fact.ts';
import { toText } from '../../text.ts';
import { wholeOutput } from '../../updates/whole-text.ts';
import { plainDigest } from '../plain-digest.ts';
import { type Product, reading, type Values } from '../product.ts';

export const falcon: Product = {
  id: 'crowdstrike-falcon',
  vendor: 'CrowdStrike',
  product: 'Falcon',
  traces: {
    packages: ['falcon-sensor'],
    units: ['falcon-sensor.service'],
    processes: ['falcon-sensor', 'falcon-sensor-b'],
    paths: ['/opt/CrowdStrike'],
    modules: ['falcon_lsm_serviceable', 'falcon_nf_netcontain', 'falcon_kal'],
  },
  async read({ host, digests }) {
    const options = wholeOutput(await host.exec('falconctl-options'), parseFalconctl);
    const backend = wholeOutput(await host.exec('falconctl-backend'), parseFalconctl);
    const none = unseen('not-applicable', 'no-signatures', options.sources);
    return [
      reading(
        mapFact(options, (found) => falconValues(found, digests)),
        ['version', 'mode', 'cloudContact', 'tenantDigest', 'policy'],
      ),
      {
        signatureUpdatedAt: none,
        signatureVersion: none,
        realTimeProtection: consoleOnly(
          options.sources,
          backend.status === 'observed' ? backend.value.backend : undefined,
        ),
      },
    ];
  },
};

/** Whether it prevents is the console's policy; the backend that it hooks in with is all that shows here. */
function consoleOnly(sources: readonly string[], backend: string | undefined) {
  return unseen(
    'unsupported',
    'vendor-does-not-expose',
    sources,
    backend === undefined ? undefined : `backend ${backend}`,
  );
}

export type FalconOptions = {
  readonly agentId?: string;
  readonly customerId?: string;
  readonly version?: string;
  readonly reducedFunctionality?: boolean;
  readonly reducedReason?: string;
  readonly reducedCode?: string;
  readonly tags?: string;
  readonly backend?: string;
  /** Options that it says were not set. */
  readonly unset: readonly string[];
};

/**
 * `cid="…", aid="…", rfm-state=false, rfm-reason=None, code=0x0, version = 6.24.12104.0tags=a/b,`: what
 * falconctl prints may lack its separators, and a single answer ends in a full stop.
 */
export function parseFalconctl(text: string): Parsed<FalconOptions> {
  const agentId = /(?<![a-z])aid="([0-9a-f]{32})"/i.exec(text)?.[1];
  const customerId = /(?<![a-z])cid="([0-9a-f]{32})"/i.exec(text)?.[1];
  const version = /(?<![a-z])version ?= ?([0-9]{1,6}(?:\.[0-9]{1,6}){1,4})/.exec(text)?.[1];
  const state = /(?<![a-z-])rfm-state=(true|false)\b/.exec(text)?.[1];
  const reason = /(?<![a-z-])rfm-reason=([^,\n]{1,256}), code=(0x[0-9A-Fa-f]{1,16})/.exec(text);
  const tags = /(?<![a-z])tags=([^,\n]{1,1024}?)[,.]?\s*$/m.exec(text)?.[1];
  const backend = /(?<![a-z])backend=([a-z]{1,32})\b/.exec(text)?.[1];
  const unset = [
    ...text.matchAll(/(?<![a-z-])(aid|cid|rfm-state|rfm-reason|backend|version|apd|aph|app) is not set/g),
  ].map((match) => match[1] ?? '');
  const found = {
    ...(agentId !== undefined && { agentId }),
    ...(customerId !== undefined && { customerId }),
    ...(version !== undefined && { version }),
    ...(state !== undefined && { reducedFunctionality: state === 'true' }),
    ...(reason !== null && { reducedReason: reason[1] ?? '', reducedCode: reason[2] ?? '' }),
    ...(tags !== undefined && { tags }),
    ...(backend !== undefined && { backend }),
  };
  if (Object.keys(found).length === 0 && unset.length === 0) return unparsed('unexpected-output');
  return parsed({ ...found, unset });
}

export function falconValues(found: FalconOptions, digests: Digests): Values {
  const { agentId, customerId, version, reducedFunctionality, reducedReason, reducedCode, tags, unset } = found;
  const registered = agentId !== undefined ? true : unset.includes('aid') ? false : undefined;
  const cause = reducedCode === undefined ? undefined : `${reducedReason ?? ''}, code=${reducedCode}`;
  return {
    ...(version !== undefined && { version }),
    ...(reducedFunctionality !== undefined && {
      mode: {
        mode: reducedFunctionality ? 'reduced-functionality' : 'active',
        verbatim: `rfm-state=${reducedFunctionality}`,
        ...(reducedFunctionality && cause !== undefined && { cause: toText(cause) }),
      },
    }),
    ...(registered !== undefined && { cloudContact: { registered } }),
    ...(customerId !== undefined && { tenantDigest: plainDigest(customerId.toLowerCase(), digests) }),
    ...(tags !== undefined && { policy: { name: toText(tags) } }),
  };
}
