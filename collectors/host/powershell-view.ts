/** What the query session says of PowerShell itself. */
import type { PowerShellView } from '../../schemas/generated/types.ts';
import { type Parsed, parsed, unparsed } from '../fact.ts';
import { isRawObject, rawText } from '../raw-json.ts';

/** PSLanguageMode of PowerShell, by name. */
const modes: Readonly<Record<string, PowerShellView['languageMode']>> = {
  FullLanguage: 'full',
  ConstrainedLanguage: 'constrained',
  RestrictedLanguage: 'restricted',
  NoLanguage: 'no-language',
};

export function parsePowerShell(value: unknown): Parsed<PowerShellView> {
  if (!isRawObject(value)) return unparsed('answer-not-understood');
  const mode = rawText(value['languageMode']);
  if (mode === undefined) return unparsed('answer-not-understood');
  const version = rawText(value['version']);
  const edition = rawText(value['edition']);
  return parsed({
    languageMode: modes[mode] ?? 'unknown',
    ...(version === undefined ? {} : { version: version.slice(0, 64) }),
    ...(edition === undefined ? {} : { edition: edition.slice(0, 32) }),
  });
}
