/** Opens the door to a tenant: origins by cloud, secrets from files, budget, source records. */
import { ok, type Result, refuse } from '../../evidence/result.ts';
import type { DirectoryConfig, SourceRecord } from '../../schemas/generated/types.ts';
import { createAsker } from '../host/asker.ts';
import { usesProxy } from '../post/proxy-rules.ts';
import { readAuthorities, type Way } from '../post/transport.ts';
import { type Connection, openConnection } from './connection.ts';
import type { Directory } from './directory.ts';
import { type Api, readAll, readOne } from './pages.ts';
import { type Pace, realPace } from './patience.ts';
import { type RequestId, type RequestSpec, requestPath, requests } from './requests.ts';
import { readSecretFile } from './secret-file.ts';
import { apiToken, assertion, assertionKey, clientCredentials, type TokenSource } from './token.ts';

export type OpenDirectory = {
  readonly directory: Directory;
  readonly records: () => SourceRecord[];
  close(): Promise<void>;
};

export type Origins = { readonly api: string; readonly login: string };

/** What only tests replace: where the tenant is, time and chance. No setting and no flag reaches it. */
export type DirectorySeam = { readonly origins?: Origins; readonly pace?: Pace; readonly signal?: AbortSignal };

/** https://learn.microsoft.com/graph/deployments#microsoft-graph-and-graph-explorer-service-root-endpoints */
const clouds: Readonly<Record<'global' | 'usgov' | 'usgov-dod' | 'china', Origins>> = {
  global: { api: 'https://graph.microsoft.com', login: 'https://login.microsoftonline.com' },
  usgov: { api: 'https://graph.microsoft.us', login: 'https://login.microsoftonline.us' },
  'usgov-dod': { api: 'https://dod-graph.microsoft.us', login: 'https://login.microsoftonline.us' },
  china: { api: 'https://microsoftgraph.chinacloudapi.cn', login: 'https://login.partner.microsoftonline.cn' },
};

/** Each list as long as it takes, within the budget of the whole. */
const longestListMs = 600_000;
const defaultBudgetSeconds = 900;
const oktaScopes = 'okta.policies.read okta.roles.read okta.users.read';

/** Opens nothing over the network yet. Refuses with `config-directory-…`, `secret-file-…`, `directory-key-unusable`, `ca-unreadable`. */
export async function openDirectory(
  vendor: 'entra' | 'okta',
  config: DirectoryConfig,
  seam: DirectorySeam = {},
): Promise<Result<OpenDirectory>> {
  const way = waysOf(config);
  if (!way.ok) return way;
  const pace = seam.pace ?? realPace;
  const origins = seam.origins ?? originsOf(vendor, config);
  const credentials = credentialsOf(vendor, config, origins, pace);
  if (!credentials.ok) return credentials;
  const connect = (origin: string): Promise<Connection> => openConnection(origin, way.value(new URL(origin)));
  const connection = await connect(origins.api);
  const login = origins.login === origins.api ? connection : await connect(origins.login);
  const api: Api = { connection, token: credentials.value(login), pace };
  const asker = createAsker({ privilege: () => 'application' }, pace.monotonicMs);
  const scope = asker('identity-provider', {
    milliseconds: (config.budgetSeconds ?? defaultBudgetSeconds) * 1000,
    ...(seam.signal === undefined ? {} : { signal: seam.signal }),
  });
  return ok({
    directory: directoryOver(vendor, api, scope.ask),
    records: scope.records,
    close: async () => {
      await connection.close();
      if (login !== connection) await login.close();
    },
  });
}

function directoryOver(
  vendor: 'entra' | 'okta',
  api: Api,
  ask: ReturnType<ReturnType<typeof createAsker>>['ask'],
): Directory {
  const prepared = (id: RequestId, args: readonly string[]): { path: string; locator: string } | undefined =>
    requests[id].vendor === vendor ? requestPath(id, args) : undefined;
  const refused = { raw: { outcome: 'failed', reason: 'invalid-request' } } as const;
  return {
    get(id, ...args) {
      const spec: RequestSpec = requests[id];
      const asked = prepared(id, args);
      const locator = asked?.locator ?? `api:${id}`;
      return ask({ kind: 'api', subject: locator, locator, limits: limits() }, ({ deadlineMs }) =>
        asked === undefined
          ? Promise.resolve(refused)
          : readOne(api, asked.path, spec, api.pace.monotonicMs() + deadlineMs),
      );
    },
    list(id, ...args) {
      const spec: RequestSpec = requests[id];
      const asked = prepared(id, args);
      const locator = asked?.locator ?? `api:${id}`;
      return ask({ kind: 'api', subject: locator, locator, limits: limits() }, async ({ deadlineMs }) => {
        if (asked === undefined) return refused;
        const { raw, proof } = await readAll(api, asked.path, spec, api.pace.monotonicMs() + deadlineMs);
        if (raw.outcome !== 'ok') return { raw };
        const entries = raw.value.items.length;
        return { raw, proof: { ...proof, entries, ...(raw.value.complete ? {} : { truncated: true as const }) } };
      });
    },
  };
}

function limits(): { maxBytes: number; deadlineMs: number } {
  return { maxBytes: 0, deadlineMs: longestListMs };
}

function originsOf(vendor: 'entra' | 'okta', config: DirectoryConfig): Origins {
  if (vendor === 'entra') return clouds[config.entra?.cloud ?? 'global'];
  const origin = `https://${config.okta?.tenant}`;
  return { api: origin, login: origin };
}

function waysOf({ caFile, proxy, noProxy = [] }: DirectoryConfig): Result<(url: URL) => Way> {
  const ca = caFile === undefined ? ok(undefined) : readAuthorities(caFile, 'directory.caFile');
  if (!ca.ok) return ca;
  return ok((url) => ({
    timeoutMs: 60_000,
    ...(ca.value === undefined ? {} : { ca: ca.value }),
    ...(proxy !== undefined && usesProxy(url.hostname, Number(url.port) || 443, noProxy) ? { proxy } : {}),
  }));
}

function credentialsOf(
  vendor: 'entra' | 'okta',
  { entra, okta }: DirectoryConfig,
  origins: Origins,
  pace: Pace,
): Result<(login: Connection) => TokenSource> {
  if (vendor === 'entra') {
    if (entra === undefined) return missing('entra');
    const secret = readSecretFile(entra.secretFile, 'directory.entra.secretFile');
    if (!secret.ok) return secret;
    const scope = `${clouds[entra.cloud ?? 'global'].api}/.default`;
    const form = (): Record<string, string> => ({ client_id: entra.clientId, client_secret: secret.value, scope });
    return ok((login) => clientCredentials(login, { path: `/${entra.tenant}/oauth2/v2.0/token`, form }, pace));
  }
  if (okta === undefined) return missing('okta');
  if (okta.tokenFile !== undefined) {
    const token = readSecretFile(okta.tokenFile, 'directory.okta.tokenFile');
    return token.ok ? ok(() => apiToken(token.value)) : token;
  }
  const { clientId, keyFile, keyId } = okta;
  if (clientId === undefined || keyFile === undefined)
    return refuse('config-directory-incomplete', 'directory.okta names neither a token nor a key', {
      remedy: 'set directory.okta.clientId and directory.okta.keyFile, or directory.okta.tokenFile',
    });
  const pem = readSecretFile(keyFile, 'directory.okta.keyFile');
  if (!pem.ok) return pem;
  const key = assertionKey(pem.value, keyFile);
  if (!key.ok) return key;
  const path = '/oauth2/v1/token';
  const who = { clientId, audience: `${origins.login}${path}`, ...(keyId === undefined ? {} : { keyId }) };
  const form = (): Record<string, string> => ({
    scope: oktaScopes,
    client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    client_assertion: assertion(who, key.value, pace.now()),
  });
  return ok((login) => clientCredentials(login, { path, form }, pace));
}

function missing(vendor: 'entra' | 'okta'): Result<never> {
  return refuse('config-directory-missing', `no tenant of ${vendor} is configured`, {
    remedy: `set directory.${vendor} in affiant.yaml; docs/identity-providers.md shows how`,
  });
}
