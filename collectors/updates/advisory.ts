/** Advisories of all families in one form. */
import type { Advisory } from '../../schemas/generated/types.ts';
import { byCodePoint, fieldText } from './field-text.ts';

type Found = {
  readonly id: string;
  readonly kind: Advisory['kind'];
  readonly severity?: string | undefined;
  /** RFC 3339. */
  readonly released?: string | undefined;
  readonly updated?: string | undefined;
  /** Whatever may be one; what is none is left out. */
  readonly cveIds: readonly string[];
  readonly packages: readonly string[];
  readonly restart?: Advisory['restart'] | undefined;
  readonly repository?: string | undefined;
};

export function advisory(found: Found): Advisory {
  const severity = severityOf(found.severity);
  const cveIds = [...new Set(found.cveIds.flatMap((text) => text.match(/^CVE-\d{4}(?:-\d{1,19})?$/gi) ?? []))];
  const packages = [...new Set(found.packages)];
  return {
    id: fieldText(found.id, 256),
    kind: found.kind,
    ...(severity === undefined ? {} : { severity }),
    ...(found.released === undefined ? {} : { releasedAt: found.released }),
    ...(found.updated === undefined ? {} : { updatedAt: found.updated }),
    cveIds: cveIds
      .map((id) => id.toUpperCase())
      .toSorted(byCodePoint)
      .slice(0, 512),
    packages: packages
      .map((name) => fieldText(name, 512))
      .toSorted(byCodePoint)
      .slice(0, 2048),
    ...(found.restart === undefined ? {} : { restart: found.restart }),
    ...(found.repository === undefined ? {} : { repository: fieldText(found.repository, 256) }),
  };
}

/** The vendors' words: Red Hat and Fedora write bugfix and enhancement, SUSE recommended, feature and optional. */
export function advisoryKind(type: string): Advisory['kind'] {
  switch (type.trim().toLowerCase()) {
    case 'security':
      return 'security';
    case 'bugfix':
    case 'recommended':
      return 'bugfix';
    case 'enhancement':
    case 'feature':
    case 'optional':
      return 'enhancement';
    default:
      return 'other';
  }
}

/** In lower case and without dnf's own `/Sec.`; `none` and `unspecified` are no severity. */
export function severityOf(severity: string | undefined): string | undefined {
  const word = (severity ?? '')
    .trim()
    .toLowerCase()
    .replace(/\/sec\.?$/, '');
  return /^(?:|none|unspecified|unknown|null)$/.test(word) ? undefined : fieldText(word, 64);
}

export function inOrder(advisories: Iterable<Advisory>): Advisory[] {
  return [...advisories].toSorted((a, b) => byCodePoint(a.id, b.id)).slice(0, 20_000);
}
