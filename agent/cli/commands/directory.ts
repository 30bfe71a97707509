/** Asks one tenant of an identity provider, signs what it said, and shows what it means for administrators. */
import { join } from 'node:path';
import type { TenantOptions } from '../../../collectors/identity-provider/index.ts';
import { unseenOfAdministrators } from '../../../collectors/identity-provider/index.ts';
import { ok, type Result, refuse } from '../../../evidence/result.ts';
import { type JudgedProvider, judgeIdentityProvider } from '../../../judge/identity-provider.ts';
import type { DirectoryConfig, IdentityProviderDocument } from '../../../schemas/generated/types.ts';
import { type DirectorySeam, openDirectory } from '../../directory/open-directory.ts';
import { type RequestSpec, requests } from '../../directory/requests.ts';
import { bundleTenant } from '../../run/bundle-tenant.ts';
import type { Bundled } from '../../run/make-bundle.ts';
import { tenantTarget } from '../../run/target.ts';
import { readArguments, readFormat } from '../arguments.ts';
import { exitCodes } from '../exit-codes.ts';
import type { Io } from '../io.ts';
import { progressOn } from '../progress.ts';
import { administratorLines } from '../render/administrators.ts';
import { forJson } from '../render/escape.ts';
import { bundleLines } from '../render/presentation.ts';
import { pairLines, unseenFacts } from '../render/report.ts';
import { styleFor, tableLines, widthOf } from '../render/table.ts';
import { openSession, openSessionState, type Session, stateOptions, stop } from '../session.ts';
import { writePack } from './collect.ts';

type Vendor = 'entra' | 'okta';

const kinds = { out: 'text', format: 'text', strict: 'flag', ...stateOptions } as const;
const usage = 'directory entra|okta|requests [--out FILE] [--format table|json] [--strict]';
/** How far back sign-ins are looked at. */
const signInDays = 30;

/** `seam` is for tests: it is no flag, no setting and no variable. */
export async function run(args: readonly string[], io: Io, seam: DirectorySeam = {}): Promise<number> {
  const read = readArguments(args, kinds, { min: 1, max: 1 }, usage);
  if (!read.ok) return stop(io, read.refusal);
  const { options, positionals } = read.value;
  const format = readFormat(options.format);
  if (!format.ok) return stop(io, format.refusal);
  const [what = ''] = positionals;
  if (what === 'requests') return showRequests(format.value, io);
  if (what !== 'entra' && what !== 'okta')
    return stop(io, {
      code: 'usage',
      message: `directory ${what} is not known`,
      remedy: `affiant ${usage}`,
    });
  const session = await openSession(options, io);
  if (!session.ok) return stop(io, session.refusal);
  const bundled = await bundle(what, session.value, io, seam);
  if (!bundled.ok) return stop(io, bundled.refusal);
  const { bundled: made, stateFolder } = bundled.value;
  const out = options.out === undefined ? ok(undefined) : writePack(io.path(options.out), made);
  const document = made.collected.documents.get('identityProvider') as IdentityProviderDocument | undefined;
  const judged = document === undefined ? undefined : judgeIdentityProvider(document);
  if (format.value === 'json') io.out(`${forJson(jsonOf(made, judged))}\n`);
  else io.out(`${tableOf(made, document, judged, stateFolder, io).join('\n')}\n`);
  if (!out.ok) return stop(io, out.refusal);
  const whole = made.collected.outcomes.every(({ outcome }) => outcome === 'complete');
  return options.strict === true && !(whole && unseenFacts(made.collected.documents).length === 0)
    ? exitCodes.partsUnseen
    : exitCodes.done;
}

async function bundle(
  vendor: Vendor,
  session: Session,
  io: Io,
  seam: DirectorySeam,
): Promise<Result<{ bundled: Bundled; stateFolder: string }>> {
  const { settings } = session.loaded;
  const config = settings.directory ?? {};
  const tenant = config[vendor]?.tenant;
  if (tenant === undefined)
    return refuse('config-directory-missing', `no tenant of ${vendor} is configured`, {
      remedy: `set directory.${vendor} in affiant.yaml; docs/identity-providers.md shows how`,
    });
  const target = tenantTarget(vendor, tenant);
  const directory = await openDirectory(vendor, config, seam);
  if (!directory.ok) return directory;
  const progress = progressOn(io);
  try {
    // A key speaks for one target: the tenant has a state folder of its own, with its own key and chain.
    const stateFolder = join(session.stateFolder, 'tenants', `${vendor}-${target.id.slice(0, 12)}`);
    const state = openSessionState({ ...session, stateFolder }, true);
    if (!state.ok) return state;
    progress.say(`asking ${vendor} ...`);
    const options = optionsOf(vendor, config, tenant, state.value.now());
    const bundled = await bundleTenant(state.value, { directory: directory.value, options, target, settings });
    return bundled.ok ? ok({ bundled: bundled.value, stateFolder }) : bundled;
  } finally {
    progress.clear();
    await directory.value.close();
  }
}

function optionsOf(vendor: Vendor, config: DirectoryConfig, tenant: string, now: Date): TenantOptions {
  if (vendor === 'okta') return { vendor, tenant };
  const cloud = config.entra?.cloud ?? 'global';
  // From midnight, so that two runs of one day ask the same.
  const since = new Date(now.getTime() - signInDays * 86_400_000).toISOString().slice(0, 10);
  return { vendor, tenant, cloud, signInsSince: `${since}T00:00:00Z` };
}

function showRequests(format: 'table' | 'json', io: Io): number {
  const list = Object.entries(requests).map(([id, { vendor, path, permission, reason }]: [string, RequestSpec]) => ({
    id,
    vendor,
    request: `GET ${path}`,
    permission,
    reason,
  }));
  if (format === 'json') io.out(`${forJson(list)}\n`);
  else {
    const style = styleFor(io.stdout, io.environment);
    const rows = list.map(({ vendor, request, permission, reason }) => [
      { text: vendor },
      { text: permission },
      { text: `${request}: ${reason}` },
    ]);
    io.out(
      `${tableLines([['of', 'permission', 'request and reason'].map((text) => ({ text, style: style.bold })), ...rows], widthOf(io.stdout), [6, 30], 0).join('\n')}\n`,
    );
  }
  return exitCodes.done;
}

function jsonOf({ collected, statement, digest, spooled }: Bundled, judged: JudgedProvider | undefined): object {
  return {
    target: statement.predicate.target,
    run: statement.predicate.run,
    collectors: statement.predicate.collectors,
    bundle: digest,
    pack: spooled?.path ?? null,
    judged: judged ?? null,
    documents: Object.fromEntries([...collected.documents].toSorted(([left], [right]) => (left < right ? -1 : 1))),
  };
}

function tableOf(
  { collected, statement, spooled, bytes }: Bundled,
  document: IdentityProviderDocument | undefined,
  judged: JudgedProvider | undefined,
  stateFolder: string,
  io: Io,
): string[] {
  const style = styleFor(io.stdout, io.environment);
  const width = widthOf(io.stdout);
  const within = document === undefined ? new Map<string, number>() : unseenOfAdministrators(document);
  const { key, chain } = statement.predicate;
  return [
    ...bundleLines(collected.documents, statement.predicate, width, style),
    ...[...within].map(([what, count]) => `  ${style.attention(`! of ${count} administrators ${what}`)}`),
    '',
    ...(judged === undefined ? [] : [...administratorLines(judged, width, style), '']),
    ...pairLines(
      'Evidence',
      [
        ['Pack', `${spooled?.path ?? 'nowhere'} (${Math.ceil(bytes.length / 1024)} KB), waiting for an endpoint`],
        ['Chain', `number ${chain.sequence} of ${chain.id}`],
        ['Signed by', `${key.id} (${key.protection})`],
        ['To send it', `affiant post --state ${stateFolder}`],
      ],
      width,
      style,
    ),
  ];
}
