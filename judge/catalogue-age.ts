/** On which days a catalogue may say that nothing is missing. */
import type { Catalogue, CatalogueProduct } from '../schemas/generated/types.ts';

/**
 * Undefined while it may; otherwise why not. A source can stop short of one product, or leave some months out:
 * an old row must not look like the newest fix of the day.
 */
export function catalogueEnded(
  { expiresOn }: Pick<Catalogue, 'expiresOn'>,
  product: Pick<CatalogueProduct, 'unknownDays' | 'name'> | undefined,
  day: string,
): string | undefined {
  if (day >= expiresOn) return `the catalogue ended on ${expiresOn}`;
  const gap = product?.unknownDays?.find(({ from, until }) => day >= from && (until === undefined || day < until));
  if (gap === undefined) return undefined;
  const until = gap.until === undefined ? 'on' : `until ${gap.until}`;
  return `the catalogue does not know what came out for ${product?.name} from ${gap.from} ${until}`;
}
