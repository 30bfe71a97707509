/** How a proof of detection ended, in words for the person at the keyboard. */
import type { DetectionProof } from '../../../schemas/generated/types.ts';

const words: Readonly<Record<string, string>> = {
  'no-on-access-scanner': 'no scanner that watches file accesses runs here',
  'no-on-demand-scanner': 'clamdscan is not installed',
  'ignores-test-file': 'the product does not report the test file by design',
  'folder-not-watched': 'the scanner does not watch this folder: name one that it watches with --folder',
  'no-watched-folder': 'the scanner watches no folder',
  'processes-not-seen': 'the running processes could not be seen: run as root',
  'settings-not-seen': "the scanner's settings could not be read: run as root",
  'services-not-seen': 'the services could not be seen: run it elevated',
  'scanner-not-seen': 'Defender runs and does not say whether it scans: run it elevated',
  'real-time-not-seen': 'Defender does not say whether it scans files',
  'mounts-not-seen': 'it could not be seen what the folder lies on: run it elevated',
  'folder-unchecked': 'who may change the folder, or one above it, could not be read: run it elevated',
  'folder-unsafe': 'others could swap the folder, or one above it',
  'no-such-folder': 'there is no such folder',
  'shares-not-seen': 'it could not be seen what this server shares: run as root',
  'scanned-clean': 'the scanner called the test file clean',
  'scanner-error': 'the scanner could not scan: is its daemon running?',
  'control-failed': 'a harmless file could not be written and read there either',
  'control-found': 'the scanner called a harmless file infected',
  'control-gone': 'a harmless file went away too',
  'blocked-before-scan': 'another scanner was quicker',
  'deadline-passed': 'nothing came in the time that it may take',
  'auditd-not-installed': 'auditctl is not installed',
  'auditd-not-running': 'no daemon takes the messages of the audit system',
  'audit-disabled': 'auditing is switched off',
  'audit-status-refused': 'the audit system does not answer: run as root',
  'script-ran': 'the sample ran through: nothing behind AMSI looked at it',
  'not-windows': 'this is no Windows',
  'constrained-language': 'PowerShell may not run it here (constrained language)',
  'event-log-not-read': 'the event log could not be read',
  'canary-not-sent': 'the message could not be sent: run as root',
};

export function explainProof({ outcome, reason, stages = [], latencyMs, product, pathClass }: DetectionProof): string {
  const by = product === undefined ? '' : `${product}: `;
  if (outcome === 'detected')
    return `${by}${stages.length === 0 ? 'found' : stages.join(', ')} after ${latencyMs ?? 0} ms`;
  if (reason?.startsWith('forbidden-') === true) return `${by}never in a place like this (${pathClass ?? reason})`;
  return `${by}${words[reason ?? ''] ?? reason ?? ''}`;
}
