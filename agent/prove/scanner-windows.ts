/** Which scanner of a Windows server should see a test file. */
import { runningModeOf, statusValues } from '../../collectors/edr/products/windows/defender-status.ts';
import { windowsProducts } from '../../collectors/edr/products/windows/list.ts';
import { parseServices, type WindowsService } from '../../collectors/edr/windows-view.ts';
import { fromAnswer } from '../../collectors/fact.ts';
import { objectOf, type Raw, textsOf } from '../../collectors/raw-objects.ts';
import type { Host } from '../host/host.ts';

export type WindowsScanner =
  | { readonly kind: 'defender' | 'other' | 'ignores'; readonly product: string }
  | { readonly kind: 'none' }
  | { readonly kind: 'unknown'; readonly reason: string };

/** They look at what programs do and do not report the test file by design; the same as on Linux. */
const ignoring: ReadonlySet<string> = new Set(['crowdstrike-falcon', 'elastic-defend', 'wazuh-agent']);
/** Defender is asked itself; its sensor scans no files. */
const asked: ReadonlySet<string> = new Set(['defender-antivirus', 'defender-endpoint-sensor']);

/** Another product beside a Defender that is passive scans; where both are at work Defender's record is the proof. */
export async function windowsScanner(host: Host): Promise<WindowsScanner> {
  const status = fromAnswer(await host.query('Get-MpComputerStatus'), objectOf);
  if (status.status === 'observed') {
    const mode = runningModeOf(status.value);
    if (!mode.known) return { kind: 'unknown', reason: 'unknown-mode' };
    const active = mode.value === undefined || mode.value.mode === 'active';
    const watching = statusValues(status.value).realTimeProtection?.enabled;
    if (active && watching === true) return { kind: 'defender', product: 'defender-antivirus' };
    if (active && watching === undefined) return { kind: 'unknown', reason: 'real-time-not-seen' };
  }
  const services = fromAnswer(await host.query('services'), parseServices);
  if (services.status !== 'observed') return { kind: 'unknown', reason: 'services-not-seen' };
  const running = [...services.value.values()].filter((service) => service.running);
  const there = windowsProducts.filter(({ id, traces }) => !asked.has(id) && traces.services.some(isRunning(running)));
  const scanner = there.find(({ id }) => !ignoring.has(id));
  if (scanner !== undefined) return { kind: 'other', product: scanner.id };
  const [blind] = there;
  if (blind !== undefined) return { kind: 'ignores', product: blind.id };
  // A Defender that does not answer may scan all the same.
  const silent = status.status !== 'observed' && isRunning(running)('WinDefend');
  return silent ? { kind: 'unknown', reason: 'scanner-not-seen' } : { kind: 'none' };
}

function isRunning(running: readonly WindowsService[]): (trace: string | RegExp) => boolean {
  return (trace) =>
    running.some(({ name }) =>
      typeof trace === 'string' ? name.toLowerCase() === trace.toLowerCase() : trace.test(name),
    );
}

/** Whether Defender is told to pass over such a file in a folder; undefined where its exclusions are hidden or were not seen. */
export async function isExcluded(host: Host, folder: string): Promise<boolean | undefined> {
  const preference = fromAnswer(await host.query('Get-MpPreference'), objectOf);
  return preference.status === 'observed' ? excludes(preference.value, folder) : undefined;
}

/** `N/A: Must be an administrator to view exclusions` stands where they are hidden. */
function excludes(preference: Raw, folder: string): boolean | undefined {
  const paths = textsOf(preference['ExclusionPath']);
  const extensions = textsOf(preference['ExclusionExtension']);
  if (paths === undefined || extensions === undefined) return undefined;
  if ([...paths, ...extensions].some((each) => /^N\/A\b/i.test(each))) return undefined;
  const below = `${folder.toLowerCase()}\\`;
  const holds = paths.some((path) => {
    // A star stands for one part of a path.
    const pattern = path.replace(/[.+^${}()|[\]\\?]/g, '\\$&').replaceAll('*', '[^\\\\]*');
    return new RegExp(`^${pattern}(?:\\\\|$)`, 'i').test(below);
  });
  return holds || extensions.some((extension) => /^(?:\*?\.)?com$/i.test(extension));
}
