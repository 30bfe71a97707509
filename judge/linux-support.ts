/**
 * Whether anybody still mends this Linux. A distribution whose support is over goes on to answer that nothing is
 * to be updated: its archives stay as they were on the last day (vault.centos.org, old-releases.ubuntu.com).
 */
import type { Draft } from '../collectors/collector.ts';
import type { Catalogue, CatalogueProduct, Fact, OperatingSystem } from '../schemas/generated/types.ts';
import { catalogueEnded } from './catalogue-age.ts';
import { shownText } from './mfa/text.ts';
import { type Verdict, verdictOf } from './verdict.ts';

type Updates = Pick<Draft<'updates'>, 'subscription' | 'repositories' | 'metadata'>;

/** Distributions that have no releases: as long as there are any, fixes come by the one way (their own pages say so). */
const rolling: ReadonlySet<string> = new Set(['arch', 'opensuse-tumbleweed', 'gentoo', 'void', 'kali']);

export function isRolling({ id }: Pick<OperatingSystem, 'id'>): boolean {
  return rolling.has(id);
}

/** `os` as the host document has it; `day` is that of the judgement. */
export function judgeLinuxSupport(
  os: Fact<OperatingSystem> | undefined,
  updates: Updates,
  catalogue: Catalogue | undefined,
  day: string,
): Verdict {
  if (os === undefined || catalogue === undefined)
    return verdictOf([], ['whether the system is supported: there is no catalogue or no document of the host at hand']);
  if (os.status !== 'observed') return verdictOf([], [`whether the system is supported: ${os.reason}`]);
  if (isRolling(os.value)) return verdictOf([], []);
  const product = productOf(os.value, catalogue);
  const name = `${os.value.id} ${os.value.versionId ?? 'without a version'}`;
  if (product?.supportEndsOn === undefined)
    return verdictOf([], [`until when ${name} is supported: the catalogue does not have it`]);
  const expired = catalogueEnded(catalogue, product, day);
  if (day <= product.supportEndsOn) return verdictOf([], expired === undefined ? [] : [expired]);
  const ended = `${product.name} is out of support since ${product.supportEndsOn}`;
  const paid = paidSupport(product, paidFixes(os.value.id, updates), day);
  if (paid === true) return verdictOf([], []);
  return paid === false ? verdictOf([ended], []) : verdictOf([], [`${ended}, unless ${paid}`]);
}

/** By the longest part of the version that the catalogue knows: 9.4 is 9, 15.5 stands for itself. */
export function productOf(
  { id, versionId, prettyName }: OperatingSystem,
  { products }: Pick<Catalogue, 'products'>,
): CatalogueProduct | undefined {
  // Both call themselves centos 8 (os-release(5) has no better field than the name).
  const isStream = id === 'centos' && prettyName !== undefined && /\bstream\b/i.test(shownText(prettyName));
  const parts = (versionId ?? '').split('.');
  for (let length = parts.length; length > 0; length -= 1) {
    const wanted = `${isStream ? 'centos-stream' : id}-${parts.slice(0, length).join('.')}`;
    const found = products.find((product) => product.id === wanted);
    // SUSE's service packs end one by one: 15 is the first of them, not all.
    if (found !== undefined && (length === parts.length || !/^(?:sles|opensuse-leap)-/.test(wanted))) return found;
  }
  return undefined;
}

/** Others than the vendor who mend what it gave up, for money. */
const otherMenders = /freexian|tuxcare|cloudlinux/i;
/** Archives by which vendors give paid fixes after the end: SUSE's LTSS, ELS of Red Hat and Oracle. */
const paidArchives: Readonly<Record<string, RegExp>> = {
  sles: /\bltss\b/i,
  rhel: /(?:^|-)els(?:-|$)/i,
  ol: /(?:^|_)els(?:_|$)|extended/i,
};

/** True where such fixes come, false where they do not, else what would have to be so. */
export type PaidFixes = { readonly vendor: boolean | string; readonly others: false | string };

/** What the server shows of fixes that are paid for, whatever the day. `id` is that of os-release(5). */
export function paidFixes(id: string, { subscription, repositories, metadata }: Updates): PaidFixes {
  if (repositories.status !== 'observed') {
    const why = `its archives (${repositories.reason}) bring fixes that are paid for`;
    return { vendor: why, others: why };
  }
  const used = repositories.value.filter(({ enabled }) => enabled);
  const named = (pattern: RegExp): boolean =>
    used.some(({ id: own = '', uris }) => [own, ...uris].some((text) => pattern.test(text)));
  const others = named(otherMenders) && 'one of its archives brings fixes by somebody else';
  if (id !== 'ubuntu') {
    const archive = paidArchives[id];
    return { vendor: archive !== undefined && named(archive), others };
  }
  const isHeld =
    metadata.status === 'observed' && metadata.value.some(({ suite = '' }) => suite.endsWith('-infra-security'));
  if (subscription.status !== 'observed')
    return { vendor: `Ubuntu Pro (${subscription.reason}) gives its fixes`, others };
  if (!subscription.value.attached) return { vendor: false, others };
  return { vendor: isHeld || 'Ubuntu Pro gives its fixes, of which no archive is held', others };
}

function paidSupport(
  { extendedSupportEndsOn }: CatalogueProduct,
  { vendor, others }: PaidFixes,
  day: string,
): boolean | string {
  const isOffered = extendedSupportEndsOn !== undefined && day <= extendedSupportEndsOn;
  return (isOffered && vendor) || others;
}
