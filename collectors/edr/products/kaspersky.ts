/**
 * Kaspersky Endpoint Security for Linux: `kesl-control --app-info --json`, whose keys and values are
 * translated into the system's language. We ask in English; Russian is known as well, every other
 * language is a failure and no answer.
 */
import { type Parsed, parsed, unparsed } from '../../fact.ts';
import { wholeOutput } from '../../updates/whole-text.ts';
import { keyValues, shortText } from '../key-values.ts';
import { dayOfIso } from '../moments.ts';
import { type Product, reading, type Values } from '../product.ts';

export const kaspersky: Product = {
  id: 'kaspersky',
  vendor: 'Kaspersky',
  product: 'Endpoint Security for Linux',
  traces: {
    packages: ['kesl', 'kesl-astra'],
    units: ['kesl.service', 'kesl-supervisor.service'],
    processes: ['kesl'],
    paths: ['/opt/kaspersky/kesl'],
  },
  async read({ host }) {
    const info = wholeOutput(await host.exec('kesl-app-info'), parseKesl);
    return [
      reading(info, [
        'version',
        'mode',
        'realTimeProtection',
        'behaviourMonitoring',
        'cloudProtection',
        'signatureUpdatedAt',
        'licence',
      ]),
    ];
  },
};

const names = {
  version: ['version', 'версия'],
  licence: [
    'key status',
    'license status',
    'license state',
    'application license information',
    'статус ключа',
    'информация о лицензии',
  ],
  expires: ['license expiration date', 'application license expiration date', 'дата окончания срока действия лицензии'],
  released: [
    'last release date of databases',
    'release date of the application databases',
    'дата последнего выпуска баз программы',
    'дата последнего выпуска баз',
  ],
  loaded: [
    'anti-virus databases loaded',
    'application databases loaded',
    'базы программы загружены',
    'базы приложения загружены',
  ],
  cloud: [
    'ksn state',
    'kaspersky security network usage',
    'use of kaspersky security network',
    'использование kaspersky security network',
  ],
  files: ['file threat protection', 'file monitoring', 'защита от файловых угроз'],
  behaviour: ['behavior detection', 'анализ поведения'],
} as const;

/** Fails with `unknown-language` where none of the known keys is there. */
export function parseKesl(text: string): Parsed<Values> {
  const values = valuesOf(text);
  const get = (keys: readonly string[]): string | undefined => {
    for (const key of keys) {
      const value = values.get(key);
      if (value !== undefined && value !== '') return value;
    }
    return undefined;
  };
  const version = shortText(get(names.version));
  if (version === undefined) return unparsed(values.size > 0 ? 'unknown-language' : 'unexpected-output');
  const files = componentState(get(names.files));
  const behaviour = componentState(get(names.behaviour));
  const loaded = yes(get(names.loaded));
  const moment = dayOfIso(get(names.released) ?? '');
  const cloud = get(names.cloud);
  const asks =
    cloud === undefined
      ? undefined
      : /^(?:off|disabled|no|нет|выключен|не используется)/i.test(cloud)
        ? false
        : /^(?:on|enabled|yes|standard|extended|да|включ|используется)/i.test(cloud)
          ? true
          : undefined;
  const key = get(names.licence);
  const expires = dayOfIso(get(names.expires) ?? '');
  const valid =
    key === undefined
      ? undefined
      : /^(?:valid|the key is valid|действи|ключ действителен)/i.test(key)
        ? 'licensed'
        : /expired|истек/i.test(key)
          ? 'expired'
          : undefined;
  return parsed({
    version,
    ...(files !== undefined && {
      mode: { mode: files.running ? 'active' : 'disabled' },
      // Without its databases it runs and knows nothing.
      realTimeProtection: {
        enabled: files.running,
        ...(loaded !== undefined && { available: files.available && loaded }),
      },
    }),
    ...(behaviour !== undefined && { behaviourMonitoring: behaviour.running }),
    ...(moment !== undefined && { signatureUpdatedAt: { moment, basis: 'built' } }),
    ...(asks !== undefined && { cloudProtection: { enabled: asks } }),
    ...(valid !== undefined && { licence: { state: valid, ...(expires !== undefined && { expires }) } }),
  });
}

function valuesOf(text: string): ReadonlyMap<string, string> {
  try {
    const json: unknown = JSON.parse(text);
    const values = new Map<string, string>();
    if (typeof json === 'object' && json !== null)
      for (const [name, value] of Object.entries(json))
        if (typeof value === 'string') values.set(name.trim().toLowerCase(), value.trim());
    return values;
  } catch {
    return keyValues(text);
  }
}

/** `Available and running`, `Available and stopped`, `Unavailable due to license limitation`, and in Russian. */
function componentState(
  text: string | undefined,
): { readonly running: boolean; readonly available: boolean } | undefined {
  if (text === undefined) return undefined;
  if (/^(?:unavailable|not available|недоступ)/i.test(text)) return { running: false, available: false };
  if (/(?:not running|stopped|not started|остановлен|не запущен)/i.test(text))
    return { running: false, available: true };
  if (/(?:running|started|запущен)/i.test(text)) return { running: true, available: true };
  return undefined;
}

function yes(text: string | undefined): boolean | undefined {
  if (text === undefined) return undefined;
  return /^(?:yes|да)$/i.test(text) ? true : /^(?:no|нет)$/i.test(text) ? false : undefined;
}
