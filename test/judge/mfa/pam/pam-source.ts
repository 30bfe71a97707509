/** Facts about PAM made from texts, the way the collector makes them. */

import { observed, unseen } from '../../../../collectors/fact.ts';
import { parsePamFile } from '../../../../collectors/mfa/pam-file.ts';
import { toText } from '../../../../collectors/text.ts';
import type { PamFacts } from '../../../../judge/mfa/pam/outcome.ts';
import type { PamStack } from '../../../../schemas/generated/types.ts';

type Options = { readonly atIncludes?: boolean; readonly folder?: string } & Partial<PamFacts>;

/** Texts by the name that libpam is asked for; null for a file that could not be read. All modules are there. */
export function pamSource(
  files: ReadonlyMap<string, string | null>,
  { atIncludes = true, folder = '/etc/pam.d', ...facts }: Options = {},
): PamFacts {
  const modules = new Set<string>();
  const stacks = [...files].map(([name, text]): PamStack => {
    const file = name.startsWith('/') ? name : `${folder}/${name}`;
    const content = text === null ? undefined : parsePamFile(text);
    if (content?.ok === true)
      for (const { module } of content.value.lines) if (typeof module === 'string') modules.add(module);
    return {
      service: toText(name),
      file: toText(file),
      content:
        content === undefined
          ? unseen('denied', 'permission-denied', ['file:x'])
          : content.ok
            ? observed(content.value, 'file:x')
            : unseen('unsupported', content.reason, ['file:x']),
    };
  });
  return {
    pamStacks: observed(stacks, 'list:x'),
    pamLookup: observed(
      {
        configuration: 'folders',
        folders: [{ path: folder, listed: observed(stacks.length, 'list:x') }],
        atIncludes: observed(atIncludes, 'file:x'),
      },
      'list:x',
    ),
    pamModules: observed(
      [...modules].map((module) => ({ module, present: true })),
      'list:x',
    ),
    pamModuleSettings: observed([], 'file:x'),
    accessRules: unseen('absent', 'not-found', ['file:x']),
    listFiles: observed([], 'file:x'),
    conditionGroups: observed([], 'file:x'),
    enrolments: observed([], 'file:x'),
    ...facts,
  };
}
