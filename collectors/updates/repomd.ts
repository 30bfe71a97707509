/**
 * The head of a repository's repomd.xml (createrepo_c(8)):
 *
 *     <repomd …><revision>1732550400</revision> … <data type="updateinfo">
 */
import { type Parsed, parsed, unparsed } from '../fact.ts';
import { instantOf } from './instant.ts';

export type Repomd = {
  /** RFC 3339; most repositories write the seconds since 1970 as their revision. */
  readonly releasedAt?: string;
  readonly hasAdvisories: boolean;
};

/** Fails with `not-repomd`. */
export function parseRepomd(text: string): Parsed<Repomd> {
  if (!/<repomd[\s>]/.test(text) || !text.trimEnd().endsWith('</repomd>')) return unparsed('not-repomd');
  const revision = Number(/<revision>\s*(\d{9,10})\s*<\/revision>/.exec(text)?.[1]);
  return parsed({
    ...(revision > 0 ? { releasedAt: instantOf(revision * 1000) } : {}),
    hasAdvisories: /<data\s+type=["']updateinfo["']/.test(text),
  });
}
