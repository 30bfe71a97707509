/** ESET Server Security and Endpoint Antivirus for Linux: `upd --list-modules`, `lic --status`. Its settings are the console's. */
import { type Parsed, parsed, unparsed } from '../../fact.ts';
import { wholeOutput } from '../../updates/whole-text.ts';
import { keyValues, shortText } from '../key-values.ts';
import { dayOfIso } from '../moments.ts';
import { type Product, reading, type Values } from '../product.ts';

export const eset: Product = {
  id: 'eset',
  vendor: 'ESET',
  product: 'Server Security',
  traces: {
    packages: ['efs', 'eea', 'esets'],
    units: ['efs.service', 'eea.service', 'esets.service'],
    processes: ['startd', 'scand', 'oaeventd', 'esets_daemon'],
    paths: ['/opt/eset'],
    modules: ['eset_rtp'],
  },
  async read({ host }) {
    const modules = wholeOutput(await host.exec('eset-modules'), parseEsetModules);
    const licence = wholeOutput(await host.exec('eset-licence'), parseEsetLicence);
    return [
      reading(modules, ['engineVersion', 'signatureVersion', 'signatureUpdatedAt']),
      reading(licence, ['licence']),
    ];
  },
};

export type EsetModule = {
  readonly id: string;
  readonly version: string;
  readonly date: string;
  readonly name: string;
};

/** `EM002⇥ 31832 (20250909)⇥Detection engine`. */
export function esetModules(text: string): readonly EsetModule[] {
  const modules: EsetModule[] = [];
  for (const match of text.matchAll(/^(EM[0-9]{3})\s+([0-9.]{1,16}) \(([0-9]{8})\)\s+(\S[^\n]{0,127}?)\s*$/gm)) {
    const [, id = '', version = '', date = '', name = ''] = match;
    modules.push({ id, version, date, name });
  }
  return modules;
}

/** The detection engine's own module decides; others are older for good reasons. */
export function parseEsetModules(text: string): Parsed<Values> {
  const modules = esetModules(text);
  if (modules.length === 0) return unparsed('unexpected-output');
  const engine = modules.find(({ id, name }) => id === 'EM002' || name === 'Detection engine');
  const scanner = modules.find(({ id }) => id === 'EM001');
  const moment = engine === undefined ? undefined : dayOfIso(engine.date);
  return parsed({
    ...(engine !== undefined && { signatureVersion: engine.version }),
    ...(scanner !== undefined && { engineVersion: scanner.version }),
    ...(moment !== undefined && { signatureUpdatedAt: { moment, basis: 'built' } }),
  });
}

/** `Status: Activated`. */
export function parseEsetLicence(text: string): Parsed<Values> {
  const values = keyValues(text);
  const status = shortText(values.get('status'));
  if (status === undefined) return unparsed('unexpected-output');
  const expires = dayOfIso(values.get('license validity') ?? '');
  const states: Readonly<Record<string, 'licensed' | 'expired' | 'unlicensed'>> = {
    activated: 'licensed',
    expired: 'expired',
    'not activated': 'unlicensed',
  };
  const word = status.toLowerCase();
  const state = Object.hasOwn(states, word) ? states[word] : undefined;
  if (state === undefined) return unparsed('unknown-licence-state');
  return parsed({ licence: { state, verbatim: status, ...(expires !== undefined && { expires }) } });
}
