/** What the document `updates` says of missing fixes, of Exchange, and of a restart that is still to come. */
import { brokenParts } from '../judge/exchange-installed.ts';
import { shownText } from '../judge/mfa/text.ts';
import { sqlContradiction } from '../judge/sql-server.ts';
import type { Advisory, UpdatesDocument } from '../schemas/generated/types.ts';
import { dayOf } from './days.ts';
import type { Seen, SeenExchange, SeenFix, SeenSql, SeenWindows } from './observation.ts';
import { severityOf } from './policy/knowledge.ts';
import { placeOf, seen } from './seen-fact.ts';

export function observeExchange(updates: UpdatesDocument): Seen<SeenExchange> {
  const { exchange } = updates;
  if (exchange.status !== 'observed')
    return seen('updates', 'exchange', exchange, () => ({ build: '', broken: [], claimedKbs: [], mitigations: [] }));
  const build = exchange.value.setupFileVersion;
  if (build === undefined) {
    const miss = exchange.value.setupFileMiss;
    return {
      ...placeOf('updates', '/exchange/value/setupFileMiss', exchange),
      status: miss === undefined || miss.status === 'absent' ? 'failed' : miss.status,
      reason: miss?.reason ?? 'no-version-of-exsetup',
    };
  }
  return {
    ...placeOf('updates', '/exchange/value/setupFileVersion', exchange),
    status: 'observed',
    value: { build, broken: brokenParts(updates, build), ...claims(updates), mitigations: mitigations(updates) },
  };
}

function claims({ exchangeClaims, windowsUpdateHistory }: UpdatesDocument): Pick<SeenExchange, 'claimedKbs'> {
  const lists = exchangeClaims.status === 'observed' ? exchangeClaims.value : [];
  const history = windowsUpdateHistory.status === 'observed' ? windowsUpdateHistory.value.events : [];
  const kbs = [
    ...lists.flatMap(({ kb, result }) => (kb === undefined || result === 'failed' ? [] : [kb])),
    ...history.flatMap(({ kbs: named = [], operation, result }) =>
      operation === 'install' && result.startsWith('succeeded') ? named : [],
    ),
  ].map((kb) => (kb.startsWith('KB') ? kb : `KB${kb}`));
  return { claimedKbs: [...new Set(kbs)].toSorted() };
}

function mitigations({ exchangeServer }: UpdatesDocument): string[] {
  if (exchangeServer.status !== 'observed') return [];
  return (exchangeServer.value.mitigationsApplied ?? []).map((name) => `emergency mitigation ${name}`);
}

/** Pending renames alone are noise; a new name of the machine or domain has nothing to do with fixes. */
const weakSignals: ReadonlySet<string> = new Set(['pending-file-renames', 'computer-rename', 'domain-join']);

export function observeRestart({ pendingReboot, rebootRequired }: UpdatesDocument): Seen<boolean> {
  if (pendingReboot.status === 'observed') {
    const { signals, unread = [] } = pendingReboot.value;
    const place = placeOf('updates', '/pendingReboot/value/signals', pendingReboot);
    if (signals.some(({ name, present }) => present && !weakSignals.has(name)))
      return { ...place, status: 'observed', value: true };
    const blind = unread.filter((name) => !weakSignals.has(name));
    return blind.length === 0
      ? { ...place, status: 'observed', value: false }
      : { ...place, status: 'denied', reason: `not looked at: ${blind.join(', ')}` };
  }
  if (rebootRequired.status === 'observed' || pendingReboot.status === 'not-applicable')
    return seen(
      'updates',
      'rebootRequired',
      rebootRequired,
      ({ required, livePatched }) => required && livePatched !== true,
    );
  return seen('updates', 'pendingReboot', pendingReboot, () => true);
}

/** Security fixes that the server's own package system names, by advisory where one is given. */
export function observeFixes({
  availableUpdates,
  advisories,
  packageFamily,
}: UpdatesDocument): Seen<readonly SeenFix[]> {
  const known = new Map(advisories.status === 'observed' ? advisories.value.map((each) => [each.id, each]) : []);
  const family = packageFamily.status === 'observed' ? packageFamily.value : 'packages';
  return seen('updates', 'availableUpdates', availableUpdates, (list) => {
    const fixes = new Map<string, SeenFix>();
    for (const { name, candidateVersion, securityRelevant, advisoryIds = [] } of list) {
      if (securityRelevant !== 'yes') continue;
      const named = advisoryIds.map((id) => known.get(id)).filter((each) => each?.kind === 'security');
      for (const advisory of named) if (advisory !== undefined) fixes.set(advisory.id, ofAdvisory(advisory, family));
      if (named.length === 0)
        fixes.set(`${name} ${candidateVersion}`, {
          id: `${name} ${candidateVersion}`,
          product: family,
          title: `${name} ${candidateVersion}`,
          cves: [],
          severity: 'unknown',
        });
    }
    for (const advisory of known.values())
      if (advisory.kind === 'security' && !fixes.has(advisory.id)) fixes.set(advisory.id, ofAdvisory(advisory, family));
    return [...fixes.values()];
  });
}

function ofAdvisory({ id, severity, releasedAt, cveIds, packages }: Advisory, family: string): SeenFix {
  return {
    id,
    product: family,
    title: `${id}: ${packages
      .slice(0, 3)
      .map((each) => shownText(each))
      .join(', ')}`,
    cves: cveIds,
    severity: severityOf(severity?.toLowerCase(), undefined),
    ...(releasedAt !== undefined && { releasedAt: dayOf(releasedAt) }),
  };
}

export function observeWindows({ osBuild, hotpatch, supportLicences }: UpdatesDocument): Seen<SeenWindows> {
  if (osBuild.status === 'observed' && osBuild.value.ubr === undefined)
    return { ...placeOf('updates', '/osBuild', osBuild), status: 'failed', reason: 'no-update-of-the-build' };
  return seen('updates', 'osBuild', osBuild, ({ version }) => ({
    build: version,
    hotpatch:
      hotpatch.status === 'observed'
        ? hotpatch.value.enrolled === true ||
          hotpatch.value.azureEdition === true ||
          ((hotpatch.value.tableSize ?? 0) > 0 && hotpatch.value.virtualizationBasedSecurity !== 'off')
        : undefined,
    ...(supportLicences.status === 'observed' && {
      extendedSecurity: supportLicences.value.some(
        ({ extendedSecurity, status }) => extendedSecurity === true && status === 'licensed',
      ),
    }),
  }));
}

/** Instances of the database engine; other parts of SQL Server are updated with it or have rows of their own. */
export function observeSql({ sqlInstances }: UpdatesDocument): Seen<readonly SeenSql[]> {
  return seen('updates', 'sqlInstances', sqlInstances, (list) =>
    list
      .filter(({ kind }) => kind === 'sql')
      .map((instance): SeenSql => {
        const build = instance.patchLevel ?? instance.version;
        const why = build === undefined ? 'its build is not known' : sqlContradiction(instance);
        return { name: shownText(instance.name), ...(why === undefined ? build !== undefined && { build } : { why }) };
      }),
  );
}
