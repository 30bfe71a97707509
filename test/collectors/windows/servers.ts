/** The recorded Windows servers: what the engine is given, and where the recordings and documents lie. */
import { join } from 'node:path';
import { admins } from '../../../collectors/admins/index.ts';
import type { Collector } from '../../../collectors/collector.ts';
import { edr } from '../../../collectors/edr/index.ts';
import { mfa } from '../../../collectors/mfa/index.ts';
import type { RecordedWindows } from '../../powershell/engine.ts';
import { languages } from './languages.ts';
import { memberServer } from './member-server.ts';
import { domainAway, domainController, exchangeServer } from './other-servers.ts';

export const collectors: readonly Collector[] = [edr, admins, mfa];

const fixtures = join(import.meta.dirname, '../../fixtures');

export const machineFolder = (name: string): string => join(fixtures, 'machines', name);
export const expectedFolder = (name: string): string => join(fixtures, 'expected', name);

export type RecordedServer = { readonly name: string; readonly recorded: RecordedWindows };

export const recordedServers: readonly RecordedServer[] = [
  ...languages.map((language) => ({ name: `windows-member-${language}`, recorded: memberServer(language) })),
  { name: 'windows-domain-away-fr', recorded: domainAway('fr') },
  { name: 'windows-controller-ja', recorded: domainController('ja') },
  { name: 'windows-exchange-de', recorded: exchangeServer('de') },
];
