/** What a server's documents say of its Exchange, as the judge of Exchange takes it. */
import type { Catalogue, UpdatesDocument } from '../schemas/generated/types.ts';
import { type InstalledExchange, judgeExchange } from './exchange.ts';
import { type Verdict, verdictOf } from './verdict.ts';
import { compareBuilds, parseBuild } from './versions/build.ts';

type Facts = Omit<UpdatesDocument, 'format' | 'blind'>;

/** Services without which Exchange takes no mail; a failed update leaves them disabled. */
const core = new Set(['msexchangeis', 'msexchangetransport', 'msexchangeservicehost', 'w3svc']);

/** Undefined where there is no Exchange. `at` is a day. */
export function exchangeVerdict(updates: Facts, catalogue: Catalogue | undefined, at: string): Verdict | undefined {
  const { exchange } = updates;
  if (exchange.status === 'absent' || exchange.status === 'not-applicable') return undefined;
  if (exchange.status !== 'observed') return verdictOf([], [`exchange: ${exchange.reason}`]);
  const { setupFileVersion: build, setupFileMiss } = exchange.value;
  if (build === undefined)
    return verdictOf([], [`the version of ExSetup.exe: ${setupFileMiss?.reason ?? 'not known'}`]);
  if (catalogue === undefined) return verdictOf([], ['there is no catalogue of Exchange at hand']);
  const installed: InstalledExchange = {
    build,
    broken: brokenParts(updates, build),
    claimedKbs:
      updates.exchangeClaims.status === 'observed' ? updates.exchangeClaims.value.flatMap(({ kb }) => kb ?? []) : [],
    restartPending: updates.rebootRequired.status === 'observed' ? updates.rebootRequired.value.required : undefined,
  };
  const { outcome, faults, unknowns } = judgeExchange(installed, catalogue, at);
  return { outcome, faults, unknowns };
}

/** Undefined where not all could be looked at and nothing that was seen speaks against it. */
export function brokenParts({ exchangeFiles, exchangeServices }: Facts, build: string): string[] | undefined {
  const parts: string[] = [];
  let isWhole = true;
  if (exchangeFiles.status === 'observed') {
    const installed = parseBuild(build) ?? [];
    const { files, unread = 0 } = exchangeFiles.value;
    const old = files.filter(({ version }) => compareBuilds(parseBuild(version) ?? [], installed) < 0);
    parts.push(...old.slice(0, 3).map(({ name, version }) => `${name} is still of ${version}`));
    if (old.length > 3) parts.push(`${old.length - 3} more files are older than ExSetup.exe`);
    if (unread > 0 || files.length === 0) isWhole = false;
  } else isWhole = false;
  if (exchangeServices.status === 'observed') {
    const seen = exchangeServices.value.filter(({ name }) => core.has(name.toLowerCase()));
    for (const { name, startType } of seen) if (startType === 'disabled') parts.push(`the service ${name} is disabled`);
    if (seen.length < core.size || seen.some(({ startType }) => startType === 'unknown')) isWhole = false;
  } else isWhole = false;
  return parts.length > 0 || isWhole ? parts : undefined;
}
