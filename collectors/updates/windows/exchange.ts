/** Exchange Server: what is installed, what only claims to be, and what an update can leave behind. */
import type { Answer, Host, RegistryKey } from '../../../agent/host/host.ts';
import type {
  ExchangeClaim,
  ExchangeInstallation,
  ExchangeScanning,
  Fact,
  InstalledSoftware,
  Unseen,
  WindowsUpdateHistory,
} from '../../../schemas/generated/types.ts';
import type { Draft } from '../../collector.ts';
import { fromAnswer, missed, observed, unseen } from '../../fact.ts';
import { isRawObject, rawPart, rawVersion } from '../../raw-json.ts';
import { registryNumber, registryText } from '../../registry-key.ts';
import { toText } from '../../text.ts';
import {
  parseExchangeFiles,
  parseExchangeSchema,
  parseExchangeServer,
  parseServiceStates,
} from './exchange-answers.ts';
import { kbsIn } from './update-history.ts';

const root = String.raw`HKLM\SOFTWARE\Microsoft\ExchangeServer\v15`;
const providersKey = String.raw`HKLM\SOFTWARE\Microsoft\AMSI\Providers`;

export type ExchangeFacts = Pick<
  Draft<'updates'>,
  | 'exchange'
  | 'exchangeServer'
  | 'exchangeFiles'
  | 'exchangeServices'
  | 'exchangeClaims'
  | 'exchangeScanning'
  | 'exchangeSchema'
>;

function all(why: Unseen): ExchangeFacts {
  return {
    exchange: why,
    exchangeServer: why,
    exchangeFiles: why,
    exchangeServices: why,
    exchangeClaims: why,
    exchangeScanning: why,
    exchangeSchema: why,
  };
}

export async function readExchange(
  host: Host,
  software: Fact<InstalledSoftware[]>,
  history: Fact<WindowsUpdateHistory>,
): Promise<ExchangeFacts> {
  const [setup, v15] = await Promise.all([host.registry(`${root}\\Setup`), host.registry(root)]);
  if (setup.status === 'absent') return all(unseen('absent', 'no-exchange', [setup.source]));
  if (setup.status !== 'observed') return all(missed(setup));
  const path = registryText(setup.value, 'MsiInstallPath');
  // Management tools alone have no path of an installation here.
  if (path === undefined) return all(unseen('failed', 'no-install-path', [setup.source]));
  const [files, services, schema, server] = await Promise.all([
    host.query('exchange-files'),
    host.query('exchange-services'),
    host.query('exchange-schema'),
    host.query('exchange-server'),
  ]);
  return {
    exchange: installation(setup, v15, files, path),
    exchangeServer: fromAnswer(server, parseExchangeServer),
    exchangeFiles: fromAnswer(files, parseExchangeFiles),
    exchangeServices: fromAnswer(services, parseServiceStates),
    exchangeClaims: claims(software, history),
    exchangeScanning: await readScanning(host, path),
    exchangeSchema: fromAnswer(schema, parseExchangeSchema),
  };
}

function installation(
  setup: Extract<Answer<RegistryKey>, { status: 'observed' }>,
  v15: Answer<RegistryKey>,
  files: Answer<unknown>,
  path: string,
): Fact<ExchangeInstallation> {
  const key = setup.value;
  const numbers = ['MsiProductMajor', 'MsiProductMinor', 'MsiBuildMajor', 'MsiBuildMinor'].map((name) =>
    registryNumber(key, name),
  );
  const registryVersion = numbers.every((number) => number !== undefined) ? numbers.join('.') : undefined;
  const owaVersion = rawVersion(registryText(key, 'OwaVersion'));
  const roles = (v15.status === 'observed' ? (v15.value.keys ?? []) : []).filter((name) => name.endsWith('Role'));
  return observed(
    {
      installPath: toText(path.slice(0, 1024)),
      ...setupFile(files),
      ...(registryVersion === undefined ? {} : { registryVersion }),
      ...(owaVersion === undefined ? {} : { owaVersion }),
      ...(roles.length === 0 ? {} : { roles: roles.toSorted().slice(0, 32) }),
    },
    setup.source,
    v15.source,
    files.source,
  );
}

function setupFile(files: Answer<unknown>): Pick<ExchangeInstallation, 'setupFileVersion' | 'setupFileMiss'> {
  if (files.status !== 'observed') return { setupFileMiss: { status: files.status, reason: files.reason } };
  const part = rawPart(isRawObject(files.value) ? files.value['setup'] : undefined);
  if (!part.ok) return { setupFileMiss: { status: 'failed', reason: part.reason } };
  const setupFileVersion = rawVersion(part.value);
  return setupFileVersion === undefined
    ? { setupFileMiss: { status: 'failed', reason: 'no-file-version' } }
    : { setupFileVersion };
}

/** Entries of Exchange that name an article: `Security Update for Exchange Server 2016 Cumulative Update 21 (KB5007409)`. */
function claims(software: Fact<InstalledSoftware[]>, history: Fact<WindowsUpdateHistory>): Fact<ExchangeClaim[]> {
  if (software.status !== 'observed') return software;
  const listed = software.value.flatMap(({ name, installedOn: on, parent }): ExchangeClaim[] => {
    if (typeof name !== 'string' || !/Exchange Server/i.test(`${name} ${parent ?? ''}`)) return [];
    return kbsIn(name).map((kb) => ({
      claimedBy: 'uninstall-entry' as const,
      kb,
      name,
      ...(on === undefined ? {} : { on: { on } }),
    }));
  });
  const remembered = (history.status === 'observed' ? history.value.events : []).flatMap(
    ({ title, kbs = [], at, operation, result }): ExchangeClaim[] => {
      if (typeof title !== 'string' || !/Exchange Server/i.test(title) || operation !== 'install') return [];
      const end = result.startsWith('succeeded') ? 'succeeded' : result === 'failed' ? 'failed' : 'unknown';
      return kbs.map((kb) => ({
        claimedBy: 'update-history' as const,
        kb,
        name: title,
        ...(at === undefined ? {} : { on: { at } }),
        result: end,
      }));
    },
  );
  return observed([...listed, ...remembered].slice(0, 1000), ...software.sources, ...history.sources);
}

const sites = [
  String.raw`FrontEnd\HttpProxy\ecp\web.config`,
  String.raw`FrontEnd\HttpProxy\owa\web.config`,
  String.raw`ClientAccess\ecp\web.config`,
] as const;

async function readScanning(host: Host, path: string): Promise<Fact<ExchangeScanning>> {
  const providers = await host.registry(providersKey);
  if (providers.status !== 'observed' && providers.status !== 'absent') return missed(providers);
  const folder = path.replace(/\\+$/, '');
  const isPath = /^[A-Za-z]:\\/.test(folder);
  const files = isPath
    ? await Promise.all(sites.map(async (site) => [site, await host.readFile(`${folder}\\${site}`)] as const))
    : [];
  const modules = files.flatMap(([site, file]) =>
    file.status === 'observed' && !file.value.truncated
      ? [{ site, present: /<add\b[^>]*\bname="HttpRequestFilteringModule"/i.test(file.value.text) }]
      : [],
  );
  const below = providers.status === 'observed' ? providers.value.keys : [];
  if (below === undefined) return unseen('failed', 'keys-not-listed', [providers.source]);
  return observed(
    { providers: [...below].slice(0, 64), ...(modules.length === 0 ? {} : { modules }) },
    providers.source,
    ...files.map(([, { source }]) => source),
  );
}
