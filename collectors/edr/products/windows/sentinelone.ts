/**
 * SentinelOne on Windows: `SentinelCtl.exe status`, in English whatever the system's language. A policy
 * `none` only reports what it finds.
 */
import { type Parsed, parsed, unparsed } from '../../../fact.ts';
import { toText } from '../../../text.ts';
import { wholeOutput } from '../../../updates/whole-text.ts';
import { keyValues, shortText } from '../../key-values.ts';
import { reading, type Values } from '../../product.ts';
import type { WindowsProduct } from './windows-product.ts';

export const sentinelone: WindowsProduct = {
  id: 'sentinelone',
  vendor: 'SentinelOne',
  product: 'Singularity agent',
  traces: {
    services: ['SentinelAgent'],
    helperServices: ['SentinelStaticEngine', 'SentinelHelperService', 'LogProcessorService'],
    drivers: ['SentinelMonitor', 'SentinelELAM', 'SentinelDeviceControl'],
    uninstall: /^Sentinel ?Agent$|^SentinelOne/i,
  },
  async read({ host }) {
    const status = wholeOutput(await host.exec('sentinelctl-windows-status'), parseSentinelStatus);
    return [
      reading(status, [
        'version',
        'mode',
        'realTimeProtection',
        'tamperProtection',
        'signatureVersion',
        'signatureUpdatedAt',
      ]),
      ...(status.status === 'observed'
        ? [
            {
              signatureVersion: { status: 'not-applicable' as const, reason: 'no-signatures', sources: status.sources },
              signatureUpdatedAt: {
                status: 'not-applicable' as const,
                reason: 'no-signatures',
                sources: status.sources,
              },
            },
          ]
        : []),
    ];
  },
};

/**
 * `Disable State: Not disabled by the user`, `SentinelMonitor is loaded`, `Self-Protection status: On`,
 * `Mitigation policy: quarantineThreat`. Only what is printed counts: what a version leaves out is not stated.
 */
export function parseSentinelStatus(output: string): Parsed<Values> {
  const text = output.replaceAll('\r\n', '\n').replaceAll(/^[ \t/#]+/gm, '');
  const values = keyValues(text);
  const disabled = values.get('disable state');
  const policy = values.get('mitigation policy');
  if (disabled === undefined) return unparsed('unexpected-output');
  const monitor = loaded(text, 'SentinelMonitor');
  const agent = loaded(text, 'SentinelAgent');
  const protection = values.get('self-protection status')?.toLowerCase();
  const version = /^([0-9]+(?:\.[0-9]+){1,4})/.exec(values.get('monitor build id') ?? '')?.[1];
  const mode = modeOf(disabled, policy, monitor, agent);
  return parsed({
    ...(shortText(version) !== undefined && { version: version ?? '' }),
    ...(mode !== undefined && { mode }),
    ...(monitor !== undefined && agent !== undefined && { realTimeProtection: { enabled: monitor && agent } }),
    ...((protection === 'on' || protection === 'off') && { tamperProtection: { state: protection } }),
  });
}

function loaded(text: string, name: string): boolean | undefined {
  const match = new RegExp(`^${name} is (not )?loaded\\s*$`, 'mi').exec(text);
  return match === null ? undefined : match[1] === undefined;
}

/** Active only where it is not disabled, both parts are loaded and the policy is one that acts. */
function modeOf(
  disabled: string,
  policy: string | undefined,
  monitor: boolean | undefined,
  agent: boolean | undefined,
): Values['mode'] {
  if (!/^not disabled\b/i.test(disabled)) return { mode: 'disabled', verbatim: toText(disabled.slice(0, 256)) };
  if (monitor === false || agent === false)
    return {
      mode: 'reduced-functionality',
      verbatim: monitor === false ? 'SentinelMonitor is not loaded' : 'SentinelAgent is not loaded',
    };
  if (policy === undefined || monitor === undefined || agent === undefined) return undefined;
  if (policy === 'none') return { mode: 'detect-only', verbatim: 'none' };
  return /^(?:quarantine|kill|mitigate|remediate|rollback)[A-Za-z]*$/i.test(policy)
    ? { mode: 'active', verbatim: policy }
    : undefined;
}
