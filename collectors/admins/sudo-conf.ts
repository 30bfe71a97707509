/** sudo.conf(5): which policy sudo asks, and where that keeps its rules. */
import { type Parsed, parsed, unparsed } from '../fact.ts';

/** `file` where the configuration names one of its own. */
export type SudoConf = { readonly file?: string };

const keywords: ReadonlySet<string> = new Set(['', 'plugin', 'path', 'set', 'debug']);

/**
 * Another policy than sudoers fails with `other-policy-plugin`: then the sudoers files do not decide.
 * A line that is none of sudo.conf's fails too: it could hide just that.
 */
export function parseSudoConf(text: string): Parsed<SudoConf> {
  let conf: SudoConf = {};
  for (const line of text.replace(/\\\n/g, ' ').split('\n')) {
    const [keyword = '', symbol = '', plugin = '', ...options] = line.replace(/#.*/, '').trim().split(/\s+/);
    if (!keywords.has(keyword.toLowerCase())) return unparsed('malformed-line');
    if (keyword.toLowerCase() !== 'plugin' || !symbol.endsWith('policy')) continue;
    if (symbol !== 'sudoers_policy' || !/(?:^|\/)sudoers\.so$/.test(plugin)) return unparsed('other-policy-plugin');
    const file = options.find((option) => option.startsWith('sudoers_file='))?.slice('sudoers_file='.length);
    conf = file === undefined ? {} : { file };
  }
  return parsed(conf);
}
