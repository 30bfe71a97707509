/** Bitdefender GravityZone: `product.console.exe /c …`. An attempt that is newer than the last success failed. */
import { type Parsed, parsed, unparsed } from '../../../fact.ts';
import { wholeOutput } from '../../../updates/whole-text.ts';
import { keyValues, shortText } from '../../key-values.ts';
import { momentOfSeconds } from '../../moments.ts';
import { reading, type Values } from '../../product.ts';
import type { WindowsProduct } from './windows-product.ts';

export const bitdefender: WindowsProduct = {
  id: 'bitdefender',
  vendor: 'Bitdefender',
  product: 'GravityZone',
  traces: {
    services: ['EPSecurityService'],
    helperServices: ['EPIntegrationService', 'EPProtectedService', 'EPUpdateService', 'EPRedline'],
    drivers: ['gzflt', 'trufos', 'atc', 'bddci', 'gemma'],
    uninstall: /^Bitdefender Endpoint Security/,
  },
  async read({ host }) {
    const version = wholeOutput(await host.exec('bitdefender-version-product'), parseVersion);
    const signatures = wholeOutput(await host.exec('bitdefender-version-antivirus'), parseVersion);
    const update = wholeOutput(await host.exec('bitdefender-update-antivirus'), parseUpdateStatus);
    return [{ version }, { signatureVersion: signatures }, reading(update, ['signatureUpdatedAt', 'signatureUpdate'])];
  },
};

/** One line: `7.9.5.318`. */
export function parseVersion(text: string): Parsed<string> {
  const version = shortText(text.trim());
  return version !== undefined && /^[0-9]+(?:\.[0-9]+)+$/.test(version)
    ? parsed(version)
    : unparsed('unexpected-output');
}

/** `lastSucceededTime: 1691587153`, `lastAttemptedTime: …`, `lastError: 0`. */
export function parseUpdateStatus(text: string): Parsed<Values> {
  const values = keyValues(text);
  const success = momentOfSeconds(values.get('lastsucceededtime') ?? '');
  const attempt = momentOfSeconds(values.get('lastattemptedtime') ?? '');
  const error = shortText(values.get('lasterror'));
  if (success === undefined && attempt === undefined) return unparsed('unexpected-output');
  return parsed({
    ...(success !== undefined && { signatureUpdatedAt: { moment: success, basis: 'installed' } }),
    signatureUpdate: {
      ...(attempt !== undefined && { lastAttempt: attempt }),
      ...(success !== undefined && { lastSuccess: success }),
      ...(error !== undefined && error !== '0' && { lastError: error }),
    },
  });
}
