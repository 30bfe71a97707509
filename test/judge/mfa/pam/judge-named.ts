/** Judges a named stack as the collector would bring it. */
import { observed } from '../../../../collectors/fact.ts';
import { judgePam, pamFiles } from '../../../../judge/mfa/pam/judge-pam.ts';
import type { PamFacts } from '../../../../judge/mfa/pam/outcome.ts';
import { accounts } from './named-stack.ts';
import { pamSource } from './pam-source.ts';

export function judge(
  files: Readonly<Record<string, string>>,
  facts: Partial<PamFacts>,
  account: keyof typeof accounts,
  service = 'svc',
): ReturnType<typeof judgePam> {
  const texts = new Map(
    Object.entries({ other: 'auth required pam_deny.so\naccount required pam_permit.so\n', ...files }).flatMap(
      ([name, text]) => [
        [name === 'svc' ? service : name, text.replaceAll('FOLDER', '/etc/pam.d')] as const,
        [`/etc/pam.d/${name}`, text.replaceAll('FOLDER', '/etc/pam.d')] as const,
      ],
    ),
  );
  const source = withoutMissing(pamSource(texts, facts));
  return judgePam(source, pamFiles(source), { service, account: accounts[account], origin: 'remote' });
}

/** As a collector would find it: pam_nowhere.so and names with a carriage return are not there, nor are unnamed includes. */
function withoutMissing(facts: PamFacts): PamFacts {
  const { pamModules, pamStacks } = facts;
  if (pamModules.status !== 'observed' || pamStacks.status !== 'observed') return facts;
  const known = new Set(pamStacks.value.map(({ service }) => service));
  const missing = pamStacks.value
    .flatMap(({ content }) => (content.status === 'observed' ? content.value.lines : []))
    .flatMap(({ target }) => (target === undefined || known.has(target) ? [] : [target]))
    .map((target) => ({
      service: target,
      file: target,
      content: { status: 'absent' as const, reason: 'not-found', sources: ['file:x'] },
    }));
  return {
    ...facts,
    pamStacks: observed([...pamStacks.value, ...missing], 'list:x'),
    pamModules: observed(
      pamModules.value.map(({ module }) => ({
        module,
        present: typeof module === 'string' && !/nowhere|\r/.test(module),
      })),
      'list:x',
    ),
  };
}
